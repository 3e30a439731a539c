import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** An error that Varde expects: stable code, plain words, and the remedy from the registry. */
export class VardeError extends Error {
  readonly code: ErrorCode;
  /** More for people: file, line, column, offset, owner. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, string | number> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'VardeError';
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Exit code of the command line: 1 failed, 2 wrong usage. */
  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }

  get httpStatus(): number {
    return ERROR_CODES[this.code].http;
  }

  get remedy(): string {
    return ERROR_CODES[this.code].remedy;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`, `ENOSPC` …), or an empty string. */
export function systemCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
