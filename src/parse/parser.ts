import type { JsonObject } from '../event/json.ts';
import type { Row } from '../event/row.ts';

/** Why a line is no event. Codes are stable: they are stored in the quarantine and shown to people. */
export const REJECT_CODES = {
  blank_line: 'The line is empty.',
  not_utf8: 'The line is not valid UTF-8 and could not be read otherwise.',
  not_json: 'The line is not valid JSON.',
  not_an_object: 'The line is JSON, but not an object.',
  not_this_format: 'The line does not follow the format of this parser.',
  no_timestamp: 'The event has no timestamp.',
  bad_timestamp: 'The timestamp cannot be read.',
  line_too_long: 'The line is longer than the limit (16 MiB); only its position was kept.',
  parser_failed: 'The parser failed on this line; this is a defect of Varde.',
  store_refused: 'The store refused the row.',
} as const;

export type RejectCode = keyof typeof REJECT_CODES;

/** A refusal: the code and, for people, where and what (column or offset in the line, the offending text shortened). */
export interface Reject {
  code: RejectCode;
  detail: string;
}

/** Where a line came from; only what the document shows of it. */
export interface LineOrigin {
  fileId: string;
  path: string;
  offset: number;
  /** Microseconds since the epoch. */
  ingested: number;
  source: string;
}

/**
 * A log format. Parsers are pure and never throw on input; the stored line and the parser's version give the document again at any time.
 * `row` is the fast way (ingest), `document` the complete one (page, export); a test holds both together: every column equals its field of
 * the document.
 */
export interface Parser {
  /** Kebab case, equal to the folder's name. */
  id: string;
  title: string;
  /** ECS dataset, such as `suricata.eve`. */
  dataset: string;
  /** Raised by one whenever the same line would give other columns or another document. */
  version: number;
  /** Fills `row` (cleared before) from the bytes `[start, end)` of `bytes` (without the newline); a reject leaves the row undefined. */
  row(bytes: Buffer, start: number, end: number, row: Row): Reject | null;
  /** The whole ECS document of a line (bytes without the newline). */
  document(line: Buffer, origin: LineOrigin): JsonObject | Reject;
}

/** Declares a parser: the one thing in a format's file. */
export function defineParser(parser: Parser): Parser {
  return parser;
}

export function isReject(value: JsonObject | Reject): value is Reject {
  return (
    typeof (value as Reject).code === 'string' && (value as Reject).code in REJECT_CODES && !('@timestamp' in value)
  );
}
