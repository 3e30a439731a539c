import { promises, type BigIntStats } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { LogState } from './state.ts';
import { scanBackwards, scanGzip, type Found, type Search } from './scan.ts';

/** The newest heartbeat of a log and its rotated siblings, and what to remember. */
export interface Newest {
  newest: number | null;
  future: number;
  state: LogState;
  /** The log itself is not there (renamed and not made anew). */
  missing: boolean;
  /** Files that were looked into, for -vvv. */
  looked: string[];
}

const HEAD = 128;
const MOST_SIBLINGS = 50;

/**
 * Looks into the log and into those of its rotated siblings (`fast.log.1`, `fast.log-20261124.gz`, `eve-20261124.json`) that were changed after
 * the newest heartbeat so far. So rotation by rename, by copytruncate and gzip lose no line between two checks, nor does a Suricata that still
 * writes into the renamed file: the line is in one of those files, and only its age counts.
 *
 * @throws system errors of the log itself, but ENOENT
 */
export async function newestHeartbeat(log: string, search: Search, state: LogState): Promise<Newest> {
  const result: Newest = {
    newest: null,
    future: 0,
    state: { newest: state.newest, files: [] },
    missing: false,
    looked: [],
  };
  try {
    await lookInto(log, search, state, result);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    result.missing = true;
  }
  for (const { path, modified } of await siblings(log, search.since)) {
    // Whatever was last changed before the newest heartbeat so far holds none that is younger; and the times of files are coarse.
    if (result.newest !== null && modified < result.newest - 1000) break;
    try {
      await lookInto(path, search, state, result);
    } catch {
      // Renamed or compressed just now, or closed to this user: the next check sees it under its new name.
    }
  }
  // Known from an earlier check; unless it lies ahead, since then the clock was wrong.
  if (state.newest !== null && state.newest <= search.latest)
    result.newest = Math.max(result.newest ?? -Infinity, state.newest);
  result.state.newest = result.newest;
  return result;
}

async function lookInto(path: string, search: Search, state: LogState, result: Newest): Promise<void> {
  // Without O_NONBLOCK the opening of a FIFO would wait for a writer.
  const file = await promises.open(path, 0o4000 /* O_RDONLY | O_NONBLOCK */);
  try {
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile()) throw Object.assign(new Error(`${path} is not a file`), { code: 'EINVAL' });
    const size = Number(stat.size);
    const head = Buffer.alloc(Math.min(HEAD, size));
    await file.read(head, 0, head.length, 0);
    const id = `${stat.dev}:${stat.ino}`;
    const known = state.files.find((it) => it.id === id && it.offset <= size && sameHead(it.head, head));
    const packed = path.endsWith('.gz');
    let found: Found = { newest: null, future: 0 };
    // A gzip file that has not changed has nothing new.
    if (packed && known?.offset !== size) found = await scanGzip(path, search);
    if (!packed) found = await scanBackwards(file, known?.offset ?? 0, size, search);
    result.looked.push(path);
    result.newest = found.newest === null ? result.newest : Math.max(result.newest ?? -Infinity, found.newest);
    result.future += found.future;
    result.state.files.push({ id, offset: packed ? size : await lineStart(file, size), head: head.toString('base64') });
  } finally {
    await file.close();
  }
}

/** Up to here every line was whole; the rest of one that is being written is looked at again. */
async function lineStart(file: promises.FileHandle, size: number): Promise<number> {
  const tail = Buffer.alloc(Math.min(size, 64 * 1024));
  await file.read(tail, 0, tail.length, size - tail.length);
  return size - tail.length + tail.lastIndexOf(10) + 1;
}

/** The same first bytes, as many as were there then. */
function sameHead(remembered: string, now: Buffer): boolean {
  const before = Buffer.from(remembered, 'base64');
  return before.length > 0 && now.length >= before.length && now.subarray(0, before.length).equals(before);
}

/** Rotated siblings that may hold a line as young as `since`, the last changed first. gzip keeps the time of the file that it packs. */
async function siblings(log: string, since: number): Promise<{ path: string; modified: number }[]> {
  const folder = dirname(log);
  const name = basename(log);
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  const names = await promises.readdir(folder).catch(() => []);
  const found: { path: string; modified: number }[] = [];
  for (const it of names) {
    if (it === name || !/^[.-]/.test(it.slice(it.startsWith(name) ? name.length : stem.length))) continue;
    if (
      !it.startsWith(name) &&
      !(stem !== '' && it.startsWith(stem) && (it.endsWith(extension) || it.endsWith(`${extension}.gz`)))
    )
      continue;
    if (/\.(?:bz2|xz|zst|lz4)$/.test(it)) continue;
    const stat: BigIntStats | null = await promises.stat(join(folder, it), { bigint: true }).catch(() => null);
    if (stat === null || !stat.isFile()) continue;
    const modified = Number(stat.mtimeMs);
    // A second of room: file systems round.
    if (modified >= since - 1000) found.push({ path: join(folder, it), modified });
  }
  return found.sort((a, b) => b.modified - a.modified).slice(0, MOST_SIBLINGS);
}
