import type { Trail } from './marks.ts';

/** What a reader found: whole lines, or the place of a line beyond the limit. `trail` is how far the content is read behind it. */
export type Piece =
  | { kind: 'lines'; offset: number; bytes: Buffer; trail: Trail }
  | { kind: 'oversize'; offset: number; length: number; trail: Trail };

export interface ReadLimits {
  /** Bytes of one piece, as long as its lines are not longer. */
  chunk_bytes: number;
  /** A longer line (without its newline) is skipped and only its place is kept. */
  max_line_bytes: number;
}

export const NEWLINE = 10;
/** A file truncated under a writer that does not append begins with a hole as long as the file was: NULs that nobody wrote. */
export const HOLE_BYTES = 512;

/** Chunks are never larger than a line may be: then no line inside a chunk can exceed the limit. */
export function limitsOf(options: Partial<ReadLimits>): ReadLimits {
  const max_line_bytes = options.max_line_bytes ?? 16 * 1024 * 1024;
  return { max_line_bytes, chunk_bytes: Math.min(options.chunk_bytes ?? 1024 * 1024, max_line_bytes + 1) };
}

/** Leading NULs of a buffer. */
export function leadingNuls(bytes: Buffer): number {
  let i = 0;
  while (i < bytes.length && bytes[i] === 0) i++;
  return i;
}
