import { ERROR_CODES, type ErrorCode } from '../../base/error-codes.ts';
import { VardeError } from '../../base/errors.ts';
import { NEWLINE, type ReadLimits } from './piece.ts';
import type { Damage } from './unpack.ts';

export interface ReadOnceOptions extends Partial<ReadLimits> {
  signal?: AbortSignal;
  /** Bytes of the input as it lies on disk (compressed where it is) that were read so far. */
  onBytes?: (bytes: number) => void;
}

export interface ReadOnceResult {
  /** Id of the content; null where it is empty. */
  id: string | null;
  /** Lines and bytes of content that were imported or followed before and were not read again. */
  already_there_lines: number;
  already_there_bytes: number;
  /** Why the content could not be read to its end; all whole lines before it were handed over. */
  problem: { code: ErrorCode; message: string } | null;
}

export function interrupted(): VardeError {
  return new VardeError('interrupted', 'Stopped; what was read so far is kept.');
}

export function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

export function broken(damage: Damage): NonNullable<ReadOnceResult['problem']> {
  const message = `${damage.message} (behind ${damage.offset} bytes of content). ${ERROR_CODES.source_broken.remedy}`;
  return { code: 'source_broken', message };
}
