import type { Trail } from './marks.ts';

/** What a reader found: whole lines, or the place of a line beyond the limit. `trail` is how far the content is read behind it. */
export type Piece =
  | { kind: 'lines'; offset: number; bytes: Buffer; trail: Trail }
  | { kind: 'oversize'; offset: number; length: number; trail: Trail };

export interface ReadLimits {
  /** Bytes of one piece, as long as its lines are not longer. */
  chunk_bytes: number;
  /** Lines of one piece: each costs its receiver memory however short it is, so bytes alone would not bound what a piece costs. */
  chunk_lines: number;
  /** A longer line (without its newline) is skipped and only its place is kept. */
  max_line_bytes: number;
}

export const NEWLINE = 10;
const CHUNK_LINES = 32 * 1024;
/** A file truncated under a writer that does not append begins with a hole as long as the file was: NULs that nobody wrote. */
export const HOLE_BYTES = 512;

/** Chunks are never larger than a line may be: then no line inside a chunk can exceed the limit. */
export function limitsOf(options: Partial<ReadLimits>): ReadLimits {
  const max_line_bytes = options.max_line_bytes ?? 16 * 1024 * 1024;
  const chunk_bytes = Math.min(options.chunk_bytes ?? 1024 * 1024, max_line_bytes + 1);
  return { max_line_bytes, chunk_bytes, chunk_lines: options.chunk_lines ?? CHUNK_LINES };
}

/** Where the first `lines` lines of the bytes end (behind their last newline); the whole length where there are no more. */
export function endOfLines(bytes: Buffer, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line++) {
    const newline = bytes.indexOf(NEWLINE, end);
    if (newline === -1) return bytes.length;
    end = newline + 1;
  }
  return end;
}

/** Leading NULs of a buffer. */
export function leadingNuls(bytes: Buffer): number {
  let i = 0;
  while (i < bytes.length && bytes[i] === 0) i++;
  return i;
}
