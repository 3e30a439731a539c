import { fstatSync, read, readSync } from 'node:fs';
import { MARK_BYTES, ownCopy } from './marks.ts';
import type { Packing } from './packing.ts';
import { Damage, unpack } from './unpack.ts';

const INPUT_BYTES = 64 * 1024;
/** Enough of the end to find where its last lines begin. */
const END_BYTES = 64 * 1024;

/** Reads up to `length` bytes at `offset`; fewer only at the end of the file. */
export function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, length));
  let done = 0;
  while (done < buffer.length) {
    const bytes = readSync(fd, buffer, done, buffer.length - done, offset + done);
    if (bytes === 0) break;
    done += bytes;
  }
  return buffer.subarray(0, done);
}

/** As {@link readAt} into a buffer, off the main thread: a slow disk must not hold the event loop. */
export function readInto(fd: number, buffer: Buffer, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, offset, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

/** The bytes of an open file as they lie on disk, in pieces of at most `size`. `onBytes` is told how far they were taken. */
export async function* fileBytes(
  fd: number,
  from = 0,
  size = INPUT_BYTES,
  onBytes?: (offset: number) => void,
): AsyncGenerator<Buffer> {
  for (let offset = from; ;) {
    // Never a used buffer again: the receiver may keep what it got.
    const buffer = Buffer.allocUnsafeSlow(size);
    const bytes = await readInto(fd, buffer, offset);
    if (bytes === 0) return;
    offset += bytes;
    yield buffer.subarray(0, bytes);
    onBytes?.(offset);
  }
}

/** The first bytes of the content, at most {@link MARK_BYTES}. @throws Damage where not even one can be read */
export async function headOf(fd: number, packing: Packing): Promise<Buffer> {
  if (packing === 'plain') return ownCopy(readAt(fd, 0, MARK_BYTES));
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of unpack(packing, fileBytes(fd))) {
      pieces.push(Buffer.from(piece.subarray(0, MARK_BYTES)));
      length += piece.length;
      if (length >= MARK_BYTES) break;
    }
  } catch (error) {
    if (!(error instanceof Damage) || length === 0) throw error;
  }
  return ownCopy(Buffer.concat(pieces).subarray(0, MARK_BYTES));
}

/** What a content looks like at the places that decide who it is. */
export interface Survey {
  /** Bytes of content (before a damage). */
  length: number;
  head: Buffer;
  /** At each asked place within the content: up to {@link MARK_BYTES} bytes before it. */
  before: ReadonlyMap<number, Buffer>;
  /** The last bytes of the content. */
  end: Buffer;
}

/** Looks at a content: a few reads for a plain file, one pass for a packed one. */
export async function survey(fd: number, packing: Packing, places: readonly number[]): Promise<Survey> {
  return packing === 'plain' ? surveyPlain(fd, places) : surveyPacked(fd, packing, places);
}

function surveyPlain(fd: number, places: readonly number[]): Survey {
  const length = fstatSync(fd).size;
  const before = new Map<number, Buffer>();
  for (const place of places) {
    if (place > length) continue;
    const from = Math.max(0, place - MARK_BYTES);
    before.set(place, readAt(fd, from, place - from));
  }
  const head = readAt(fd, 0, Math.min(MARK_BYTES, length));
  const endFrom = Math.max(0, length - END_BYTES);
  return { length, head, before, end: readAt(fd, endFrom, length - endFrom) };
}

async function surveyPacked(fd: number, packing: Packing, places: readonly number[]): Promise<Survey> {
  const sorted = [...new Set(places)].sort((a, b) => a - b);
  const before = new Map<number, Buffer>();
  let head = Buffer.alloc(0);
  let end = Buffer.alloc(0);
  let length = 0;
  try {
    for await (const piece of unpack(packing, fileBytes(fd))) {
      if (head.length < MARK_BYTES) head = Buffer.concat([head, piece.subarray(0, MARK_BYTES - head.length)]);
      const window = Buffer.concat([end, piece]);
      const start = length - end.length;
      length += piece.length;
      while (sorted.length > 0 && sorted[0]! <= length) {
        const place = sorted.shift()!;
        before.set(place, Buffer.from(window.subarray(Math.max(0, place - MARK_BYTES - start), place - start)));
      }
      end = Buffer.from(window.subarray(Math.max(0, window.length - END_BYTES)));
    }
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
  }
  return { length, head, before, end };
}

/**
 * The length of a packed content as its own trailer or header tells: exact modulo 2^32 for a gzip file of one member (RFC 1952 ISIZE).
 * Null where it is not told. A multi-member file tells a wrong one: never trust it alone.
 */
export function toldLength(fd: number, packing: Packing, size: number): number | null {
  if (packing !== 'gzip' || size < 18) return null;
  return readAt(fd, size - 4, 4).readUInt32LE(0);
}
