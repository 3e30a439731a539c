import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, systemCode } from '../base/errors.ts';

/** Larger is no state of ours. */
const MAX_BYTES = 256 * 1024 * 1024;
const VERSION = 1;
const CHUNK_LENGTH = 256 * 1024;

/** What the heartbeat knew when it was written. */
export interface Saved {
  /** Milliseconds since the epoch. */
  saved: number;
  heartbeat: unknown;
}

export function heartbeatFile(data: string): string {
  return join(data, 'heartbeat.json');
}

/**
 * Reads the state, and tells its size; null where there is none yet. A file that was cut or damaged is no reason not to start: the caller is told and begins anew.
 *
 * @throws Error where it is there but of no use.
 */
export async function readSaved(path: string): Promise<(Saved & { bytes: number }) | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  if (text.length > MAX_BYTES) throw new Error(`${path} is larger than a state can be`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is no JSON: ${messageOf(error)}`, { cause: error });
  }
  const state = value as { version?: unknown; saved?: unknown; heartbeat?: unknown } | null;
  if (state?.version !== VERSION || typeof state.saved !== 'number') throw new Error(`${path} has another form`);
  return { saved: state.saved, heartbeat: state.heartbeat, bytes: text.length };
}

/**
 * Writes the state, and gives back its bytes, so that after a crash at any point either the old or the new one is there, whole: a temporary file, its bytes to the disk,
 * then the name, then the folder (rename(2) orders nothing on disk by itself).
 */
export async function writeSaved(path: string, saved: Saved): Promise<number> {
  const temporary = `${path}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  // Mode 600: it tells which addresses are probed.
  let bytes = 0;
  const file = await open(temporary, 'w', 0o600);
  try {
    for (const chunk of chunks(pieces({ version: VERSION, ...saved }, 3)))
      bytes += (await file.write(chunk)).bytesWritten;
    await file.datasync();
    await rename(temporary, path);
  } catch (error) {
    // On a full disk a part of the state would lie there and take the room that events wait for.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return bytes;
}

/** Pieces joined: each write is a way through the thread pool, and there are thousands of pieces. */
function* chunks(parts: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const part of parts) {
    chunk += part;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** The JSON of a value in pieces, its uppermost levels one element at a time: the whole of hundreds of sensors need not be in memory at once. */
function* pieces(value: unknown, levels: number): Generator<string> {
  if (levels === 0 || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value) ?? 'null';
    return;
  }
  const isList = Array.isArray(value);
  let before = isList ? '[' : '{';
  for (const [key, part] of Object.entries(value as object)) {
    if (part === undefined && !isList) continue;
    yield isList ? before : `${before}${JSON.stringify(key)}:`;
    yield* pieces(part, levels - 1);
    before = ',';
  }
  if (before !== ',') yield before;
  yield isList ? ']' : '}';
}
