import { closeSync, openSync, writeSync } from 'node:fs';
import { eachLine } from './read-lines.ts';

const EVERY = 100;
const WRITE_BYTES = 4 * 1024 * 1024;

/** What comes in place of a line: cut short, binary, deeply nested, blank, text. */
const GARBAGE: readonly ((line: Buffer) => Buffer)[] = [
  (line) => line.subarray(0, line.length / 2),
  () => Buffer.from([0, 255, 254, 1, 2, 3, 0x80, 0xc3, 0x28, 123, 34]),
  () => Buffer.from('{"timestamp":' + '['.repeat(10_000)),
  () => Buffer.from(' '),
  () => Buffer.from('kernel: eth0: link is up, 1000 Mbps'),
];

/** Copies a log with each hundredth line replaced by garbage; returns how many were. */
export function soil(from: string, to: string): number {
  const out = openSync(to, 'w');
  let pieces: Buffer[] = [];
  let size = 0;
  let lines = 0;
  let soiled = 0;
  const put = (piece: Buffer): void => {
    pieces.push(Buffer.from(piece));
    size += piece.length;
  };
  const write = (): void => {
    writeSync(out, Buffer.concat(pieces));
    pieces = [];
    size = 0;
  };
  try {
    eachLine(from, (bytes, start, end) => {
      const line = bytes.subarray(start, end);
      put(++lines % EVERY === 0 ? GARBAGE[soiled++ % GARBAGE.length]!(line) : line);
      put(Buffer.from('\n'));
      if (size >= WRITE_BYTES) write();
    });
    write();
  } finally {
    closeSync(out);
  }
  return soiled;
}
