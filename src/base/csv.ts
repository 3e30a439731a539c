/**
 * CSV as RFC 4180 has it (comma, CRLF, quotes doubled), made safe for spreadsheets.
 *
 * A spreadsheet runs a cell that starts with `=`, `+`, `-`, `@`, TAB or CR as a formula (OWASP "CSV Injection"); every string of a log is
 * hostile, so such a text gets an apostrophe in front. Numbers stay numbers, negative ones too.
 */
export type CsvCell = string | number | bigint | boolean | null | undefined;

/** What a spreadsheet takes for the start of a formula; the full-width forms count in East Asian locales. */
const FORMULA_START = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** A plain decimal number: no spreadsheet can make more of it. Linear, and tried on short texts only. */
const PLAIN_NUMBER = /^-?\d{1,40}(?:\.\d{1,40})?$/;

/** The semicolon and the TAB are separators in other locales: quoted, they stay inside their cell there too. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/** The text with an apostrophe in front where a spreadsheet would run it. */
export function defuseFormula(text: string): string {
  if (!FORMULA_START.test(text)) return text;
  return text.length <= 82 && PLAIN_NUMBER.test(text) ? text : `'${text}`;
}

/** One cell: null and undefined are empty. */
export function csvCell(value: CsvCell): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = defuseFormula(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The header line. The at sign of `@timestamp` would start a formula; the column's name is clear without it. */
export function csvHeader(names: readonly string[]): string {
  return csvRecord(names.map((name) => name.replace(/^@/, '')));
}

/** One record with its CRLF. */
export function csvRecord(cells: readonly CsvCell[]): string {
  // A record of one empty cell would be an empty line, which readers skip.
  if (cells.length === 1 && csvCell(cells[0]) === '') return '""\r\n';
  return `${cells.map(csvCell).join(',')}\r\n`;
}
