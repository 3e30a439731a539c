import { cutText, visibleText } from '../../base/text-safe.ts';

export type TableCell = string | number | null;

/** No column is made narrower than this, and none but the last wider than the widest cell. */
const NARROWEST = 8;
const GAP = '  ';
/** Cells in a pipe are whole, but a log line can hold 16 MiB. */
const WIDEST = 4096;

/**
 * A table for people: one heading, columns as wide as their cells, fitted to the terminal's width by cutting the widest ones.
 *
 * Everything from a log is made visible text first: no control character, no escape sequence and no bidirectional mark reaches the terminal.
 *
 * @param width columns of the terminal, or null for a pipe (nothing is cut)
 */
export function formatTable(
  names: readonly string[],
  rows: readonly (readonly TableCell[])[],
  width: number | null,
): string {
  const numeric = names.map(
    (_, i) => rows.some((row) => typeof row[i] === 'number') && rows.every((row) => typeof row[i] !== 'string'),
  );
  const texts = rows.map((row) => names.map((_, i) => cellText(row[i] ?? null)));
  const heads = names.map(cellText);
  const widths = names.map((name, i) =>
    texts.reduce((most, row) => Math.max(most, displayWidth(row[i]!)), displayWidth(name)),
  );
  fit(widths, width);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => pad(cell, widths[i]!, numeric[i]!, i === cells.length - 1))
      .join(GAP)
      .trimEnd();
  return [line(heads), line(widths.map((w) => '-'.repeat(w))), ...texts.map(line)].join('\n') + '\n';
}

function cellText(value: TableCell): string {
  if (value === null) return '';
  return cutText(visibleText(String(value)), WIDEST);
}

/** Takes from the widest column until the table fits. */
function fit(widths: number[], width: number | null): void {
  if (width === null) return;
  const room = Math.max(20, width) - GAP.length * (widths.length - 1);
  let sum = widths.reduce((total, w) => total + w, 0);
  while (sum > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST) return;
    const take = Math.min(
      sum - room,
      Math.max(1, widths[widest]! - secondWidest(widths, widest)),
      widths[widest]! - NARROWEST,
    );
    widths[widest]! -= take;
    sum -= take;
  }
}

function secondWidest(widths: readonly number[], widest: number): number {
  return widths.reduce((most, w, i) => (i === widest ? most : Math.max(most, w)), 0);
}

function pad(text: string, width: number, right: boolean, last: boolean): string {
  const long = displayWidth(text);
  if (long > width) return `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;
  if (right) return ' '.repeat(width - long) + text;
  return last ? text : text + ' '.repeat(width - long);
}

/** Code points; wide East Asian characters make a column ragged, never unsafe. */
function displayWidth(text: string): number {
  // Most cells are plain ASCII, where the length is the width.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length;
}
