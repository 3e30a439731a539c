import { csvHeader, csvRecord } from '../../base/csv.ts';
import { visibleText } from '../../base/text-safe.ts';

type Cell = string | number | null;

/** CSV for standard output: a program gets the texts as they are, a terminal gets nothing from a log that it would obey. */
export function csvFor(stream: { isTTY?: boolean }): {
  header(names: readonly string[]): string;
  record(cells: readonly Cell[]): string;
} {
  if (stream.isTTY !== true) return { header: csvHeader, record: csvRecord };
  const visible = (cell: Cell): Cell => (typeof cell === 'string' ? visibleText(cell) : cell);
  return {
    header: (names) => csvHeader(names.map(visibleText)),
    record: (cells) => csvRecord(cells.map(visible)),
  };
}
