import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { systemCode } from '../../base/errors.ts';
import { REJECT_CODES, type RejectCode } from '../../parse/parser.ts';
import type { QuarantinedLine } from '../store.ts';

const gzipAsync = promisify(gzip);
/** Lines are packed in pieces of about this size, so that a large quarantine needs no large memory. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** One line of the file: `text` where the line is text, otherwise `hex`, neither where only the position was kept. */
interface Stored extends Omit<QuarantinedLine, 'line'> {
  text?: string;
  hex?: string;
}

/**
 * Packs lines as NDJSON in gzip members (readable with `zcat`); the concatenation of two such files is their union.
 */
export async function packQuarantine(lines: Iterable<QuarantinedLine>): Promise<Buffer> {
  const packed: Buffer[] = [];
  let piece: string[] = [];
  let size = 0;
  for (const line of lines) {
    const json = `${JSON.stringify(toStored(line))}\n`;
    piece.push(json);
    size += json.length;
    if (size >= PIECE_BYTES) {
      packed.push(await gzipAsync(piece.join(''), { level: 3 }));
      piece = [];
      size = 0;
    }
  }
  if (piece.length > 0) packed.push(await gzipAsync(piece.join(''), { level: 3 }));
  return Buffer.concat(packed);
}

/** Of these the file is innocent: too many open files, too little memory. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR']);

/** Whether the error means that a quarantine file is damaged or gone. */
export function isQuarantineDamage(error: unknown): boolean {
  return !PASSING.has(systemCode(error));
}

/**
 * The lines of a quarantine file, in the order in which they were read.
 *
 * @param onDamage where it is given, the lines end before the damage, and it is told why
 * @throws Error where the file is damaged or gone
 */
export async function* readQuarantine(
  path: string,
  onDamage?: (error: unknown) => void,
): AsyncGenerator<QuarantinedLine> {
  const file = createReadStream(path);
  const text = file.pipe(createGunzip());
  file.on('error', (error) => text.destroy(error));
  try {
    let rest: Buffer[] = [];
    for await (const chunk of text as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
        rest.push(chunk.subarray(from, end));
        yield fromStored(Buffer.concat(rest).toString('utf8'));
        rest = [];
        from = end + 1;
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
    }
  } catch (error) {
    if (onDamage === undefined || !isQuarantineDamage(error)) throw error;
    onDamage(error);
  } finally {
    file.destroy();
    text.destroy();
  }
}

/**
 * A quarantine file as it is, packed, to be put behind another one.
 *
 * @param expected its lines and bytes; with `through` it is unpacked once: behind a damaged one nothing could be read any more
 * @throws Error where the file is damaged or gone
 */
export async function readPacked(
  path: string,
  expected: { lines: number; bytes: number },
  through: boolean,
): Promise<Buffer> {
  const packed = await readFile(path);
  if (packed.length !== expected.bytes) throw new Error(`${packed.length} of ${expected.bytes} bytes are there`);
  if (!through) return packed;
  let lines = 0;
  for await (const chunk of Readable.from([packed]).pipe(createGunzip()) as AsyncIterable<Buffer>)
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
  if (lines !== expected.lines) throw new Error(`${lines} of ${expected.lines} lines are there`);
  return packed;
}

/** Text only where JSON gives it back byte for byte and short: control characters would be escaped to six bytes each. */
function isPlainText(line: Buffer): boolean {
  if (!isUtf8(line)) return false;
  for (const byte of line) if (byte < 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}

function toStored(line: QuarantinedLine): Stored {
  const { source, parser, path, file_id, offset, length, code, detail, time } = line;
  const stored: Stored = { source, parser, path, file_id, offset, length, code, detail, time };
  if (line.line !== null) {
    if (isPlainText(line.line)) stored.text = line.line.toString('utf8');
    else stored.hex = line.line.toString('hex');
  }
  return stored;
}

/** A line of the file. */
export function fromStored(json: string): QuarantinedLine {
  const { source, parser, path, file_id, offset, length, code, detail, time, text, hex } = JSON.parse(json) as Stored;
  const line = text !== undefined ? Buffer.from(text, 'utf8') : hex !== undefined ? Buffer.from(hex, 'hex') : null;
  return { source, parser, path, file_id, offset, length, code: knownCode(code), detail, time, line };
}

/** A code of a newer Varde reads as the general one. */
function knownCode(code: string): RejectCode {
  return Object.hasOwn(REJECT_CODES, code) ? (code as RejectCode) : 'parser_failed';
}
