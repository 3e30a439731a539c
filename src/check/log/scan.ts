import { promises, type ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { LineReader } from './line.ts';

/** What a scan looks for: the newest heartbeat after `since` and not ahead of `latest`. */
export interface Search {
  reader: LineReader;
  /** Older lines need not be looked at: milliseconds since the epoch. */
  since: number;
  /** Times after this one are those of a wrong clock or a forger, and do not count. */
  latest: number;
}

export interface Found {
  newest: number | null;
  /** Heartbeats that lie ahead and were refused. */
  future: number;
}

const BLOCK = 1024 * 1024;
/** A longer line is no heartbeat. */
const LONGEST_LINE = 4 * 1024 * 1024;

/**
 * Looks through `[from, to)` of a plain log from its end: a healthy one is answered by the last block. Ends at the first heartbeat, or where a
 * whole block is older than wanted. Asynchronous throughout, so that the time limit can strike.
 */
export async function scanBackwards(file: FileHandle, from: number, to: number, search: Search): Promise<Found> {
  const found: Found = { newest: null, future: 0 };
  let end = to;
  let rest: Buffer = Buffer.alloc(0);
  while (end > from) {
    const start = Math.max(from, end - BLOCK);
    const block = await readExactly(file, start, end - start);
    const bytes = Buffer.concat([block, rest]);
    // The first line of a block may have begun before it.
    const cut = start === from ? 0 : bytes.indexOf(10) + 1;
    if (cut === 0 && start !== from) {
      rest = bytes.length > LONGEST_LINE ? Buffer.alloc(0) : bytes;
      end = start;
      continue;
    }
    const lines = bytes.subarray(cut).toString('latin1').split('\n');
    if (lookThrough(lines.reverse(), search, found)) return found;
    if (allOld(lines, search)) return found;
    rest = bytes.subarray(0, cut);
    end = start;
  }
  return found;
}

/** Takes what counts; true as soon as one is found. Lines come newest first. */
function lookThrough(lines: readonly string[], search: Search, found: Found): boolean {
  for (const line of lines) {
    if (take(line, search, found)) return true;
  }
  return false;
}

function take(line: string, search: Search, found: Found): boolean {
  const time = search.reader.heartbeat(line);
  if (time === null) return false;
  if (time > search.latest) {
    found.future++;
    return false;
  }
  found.newest = Math.max(found.newest ?? -Infinity, time);
  return true;
}

/** Both ends of a block lie before what is wanted; one odd time alone ends no search. */
function allOld(lines: readonly string[], search: Search): boolean {
  const times = lines.flatMap((line) => search.reader.time(line) ?? []);
  return times.length > 1 && times.every((time) => time < search.since);
}

async function readExactly(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    // Truncated meanwhile: what is gone is NUL, and NUL is no heartbeat.
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes;
}

/** Looks through a gzip file, forwards, since it can be read in no other way. A damaged or unfinished one gives what stands before the damage. */
export async function scanGzip(path: string, search: Search): Promise<Found> {
  const { createGunzip } = await import('node:zlib');
  const file = await promises.open(path, 'r');
  const found: Found = { newest: null, future: 0 };
  const input: ReadStream = file.createReadStream();
  const unpacked = input.pipe(createGunzip());
  input.on('error', (error) => unpacked.destroy(error));
  let rest = '';
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) rest = '';
      for (const line of lines) take(line, search, found);
    }
    take(rest, search, found);
  } catch {
    // What was read counts.
  } finally {
    input.destroy();
    await file.close().catch(() => undefined);
  }
  return found;
}
