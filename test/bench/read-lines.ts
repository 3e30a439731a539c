import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK = 4 * 1024 * 1024;

/** Whole lines of a file as `[bytes, start, end)`, read in blocks of 4 MB: the cheapest way that Node has (facts behind the floor). */
export function eachLine(path: string, take: (bytes: Buffer, start: number, end: number) => void): void {
  const fd = openSync(path, 'r');
  let buffer = Buffer.allocUnsafe(BLOCK * 2);
  let kept = 0;
  try {
    for (;;) {
      if (kept + BLOCK > buffer.length) buffer = Buffer.concat([buffer.subarray(0, kept)], kept + BLOCK * 2);
      const read = readSync(fd, buffer, kept, BLOCK, null);
      const end = kept + read;
      let start = 0;
      for (let newline = buffer.indexOf(10); newline !== -1 && newline < end; newline = buffer.indexOf(10, start)) {
        take(buffer, start, newline);
        start = newline + 1;
      }
      if (read === 0) return;
      buffer.copyWithin(0, start, end);
      kept = end - start;
    }
  } finally {
    closeSync(fd);
  }
}
