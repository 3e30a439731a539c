import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { QuarantinedLine } from '../store.ts';
import { fromStored } from './quarantine-file.ts';

const gunzipAsync = promisify(gunzip);

/** How each member of a quarantine file begins: gzip's mark, deflate, no flags, no time (RFC 1952, section 2.3); Node writes it so. */
const MEMBER_START = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
const READ_BYTES = 1024 * 1024;
/** A member holds 4 MB of text and a line more, which is 32 MB where it is hexadecimal. */
const MOST_TEXT = 128 * 1024 * 1024;
/** Starts that are tried for one member: more false ones in a row are no chance but damage. */
const MOST_TRIES = 4;

/**
 * The lines of a quarantine file, the last one first. Holds one member (some megabytes of lines) at a time, however large the file is, and
 * unpacks each once.
 *
 * @throws Error where the file is damaged or gone.
 */
export async function* readQuarantineNewestFirst(path: string): AsyncGenerator<QuarantinedLine> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const starts = await memberStarts(file, size);
    let end = size;
    while (end > 0) {
      const member = await lastMember(file, starts, end);
      end = member.start;
      yield* linesBackwards(member.text);
    }
  } finally {
    await file.close();
  }
}

/** Where members begin. Packed bytes can look like a start too: {@link lastMember} tells them apart. */
async function memberStarts(file: FileHandle, size: number): Promise<number[]> {
  const starts: number[] = [];
  const window = Buffer.allocUnsafe(READ_BYTES);
  const step = READ_BYTES - MEMBER_START.length + 1;
  for (let at = 0; at < size; at += step) {
    const { bytesRead } = await file.read(window, 0, READ_BYTES, at);
    const read = window.subarray(0, bytesRead);
    for (let found = read.indexOf(MEMBER_START); found !== -1; found = read.indexOf(MEMBER_START, found + 1))
      starts.push(at + found);
  }
  return starts;
}

/** The member that ends at `end`; takes it and what comes after off the starts. */
async function lastMember(file: FileHandle, starts: number[], end: number): Promise<{ start: number; text: Buffer }> {
  let problem: unknown = new Error('the file does not begin as it should');
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const start = starts.pop();
    if (start === undefined) break;
    const packed = Buffer.allocUnsafe(end - start);
    const { bytesRead } = await file.read(packed, 0, packed.length, start);
    try {
      return { start, text: await gunzipAsync(packed.subarray(0, bytesRead), { maxOutputLength: MOST_TEXT }) };
    } catch (error) {
      // Not where a member begins, or damaged: then no earlier start mends it.
      problem = error;
    }
  }
  throw problem;
}

function* linesBackwards(text: Buffer): Generator<QuarantinedLine> {
  let end = text.length - 1;
  while (end > 0) {
    const before = text.lastIndexOf(10, end - 1);
    yield fromStored(text.toString('utf8', before + 1, end));
    end = before;
  }
}
