import type { JsonObject } from '../../../event/json.ts';
import type { AskOptions } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';
import { type RowKey, type Shape, keyOf, width } from './event-rows.ts';
import { LINE_SELECT, documentOf, lineOf } from './lines.ts';
import { makeWay } from './pause.ts';
import type { Plan } from './plan.ts';
import { rowsOf } from './relation.ts';
import { type Cells, askSegments, fetchRows } from './run.ts';
import type { Order } from './slices.ts';
import { FALSE, type Sql, TRUE, and, or, sql, word } from './sql-text.ts';
import type { Page, ReadSlice } from './walk.ts';

/** A matching row; the line and the document are there where they were read. */
export interface Match {
  cells: Cells;
  line: Buffer | null;
  document: JsonObject | null;
}

/** Rows are sorted here, and not in the engine, where they are at most so many pages. */
const SPARSE_PAGES = 4;

/**
 * A reader of slices for a plan. Rows that SQL decides are cheap; for the open ones the line is read and the document made. `lines` reads the
 * line of every match, `documents` makes its document too.
 */
export function sliceReader(
  context: QuestionContext,
  plan: Plan,
  shape: Shape,
  options: { pageRows: number; lines: boolean; documents: boolean },
  ask: AskOptions | undefined,
): ReadSlice<Match> {
  const hasOpen = plan.open !== FALSE;
  const readLine = options.lines || options.documents;
  const limit = sql`LIMIT ${String(options.pageRows)}::BIGINT`;
  /** The last slice gave so little that the next is read without sorting it in the engine: that costs as much as the search itself. */
  let sparse = false;
  return (slice, after, order) =>
    askSegments(context, slice.segments, ask, async (connection, segments) => {
      const rows = rowsOf(segments, slice);
      const line = readLine || plan.sure === FALSE ? LINE_SELECT : hasOpen ? onlyOpen(plan.open) : null;
      const where = and([
        hasOpen ? or([plan.sure, plan.open]) : plan.sure,
        after === null ? TRUE : behind(after, order),
      ]);
      const select = line === null ? sql`${shape.select}, true` : sql`${shape.select}, (${plan.sure}) IS TRUE, ${line}`;
      const query = sql`SELECT ${select} FROM ${rows} WHERE ${where}`;
      if (sparse) {
        const most = options.pageRows * SPARSE_PAGES;
        const found = await fetchRows(connection, sql`${query} LIMIT ${String(most)}::BIGINT`);
        if (found.length < most) {
          found.sort((a, b) => compareKeys(keyOf(a), keyOf(b), order));
          return page(found.slice(0, options.pageRows));
        }
      }
      const found = await fetchRows(connection, sql`${query} ${orderBy(order)} ${limit}`);
      sparse = found.length * 4 < options.pageRows;
      return page(found);
    });

  async function page(all: readonly Cells[]): Promise<Page<Match>> {
    const place = width(shape);
    const turn = makeWay(ask?.signal);
    const found: Page<Match>['rows'] = [];
    for (const cells of all) {
      const match = decide(cells, cells[place] === true, place + 1);
      if (match !== null) found.push({ key: keyOf(cells), value: match });
      if (match?.document !== null) await turn();
    }
    const last = all.at(-1);
    return {
      rows: found,
      read: all.length,
      more: last !== undefined && all.length >= options.pageRows ? keyOf(last) : null,
    };
  }

  function decide(cells: Cells, sure: boolean, at: number): Match | null {
    if (sure && !readLine) return { cells, line: null, document: null };
    const line = lineOf(cells, at);
    const document = !sure || options.documents ? documentOf(context, cells, at, line) : null;
    if (!sure && !plan.matcher(document!, line.toString('utf8'))) return null;
    return { cells, line, document };
  }
}

/** The line only of rows that have to be decided by it. */
function onlyOpen(open: Sql): Sql {
  const [first, ...rest] = LINE_SELECT.text.split(', ');
  return sql`CASE WHEN ${open} THEN ${word(first!)} END, ${word(rest.join(', '))}`;
}

/** Total order: newest first, within one microsecond by file and offset; oldest first is its mirror. */
function orderBy(order: Order): Sql {
  return order === 'newest'
    ? sql`ORDER BY ts DESC, file_id, file_offset`
    : sql`ORDER BY ts, file_id DESC, file_offset DESC`;
}

function compareKeys(a: RowKey, b: RowKey, order: Order): number {
  const newest = b.ts - a.ts || (a.file_id < b.file_id ? -1 : a.file_id > b.file_id ? 1 : a.offset - b.offset);
  return order === 'newest' ? newest : -newest;
}

function behind(after: RowKey, order: Order): Sql {
  const time = sql`CAST(${String(after.ts)} AS BIGINT)`;
  const offset = sql`CAST(${String(after.offset)} AS UBIGINT)`;
  return order === 'newest'
    ? sql`(ts < ${time} OR (ts = ${time} AND (file_id > ${after.file_id} OR (file_id = ${after.file_id} AND file_offset > ${offset}))))`
    : sql`(ts > ${time} OR (ts = ${time} AND (file_id < ${after.file_id} OR (file_id = ${after.file_id} AND file_offset < ${offset}))))`;
}
