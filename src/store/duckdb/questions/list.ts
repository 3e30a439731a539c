import { VardeError } from '../../../base/errors.ts';
import { formatEventId, parseEventId } from '../../../event/event-id.ts';
import type { AskOptions, EventRow, ListAnswer, TimeRange } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';
import { type RowKey, type Shape, eventRow, fillFromDocument, shapeOf } from './event-rows.ts';
import { type Line, fetchLines, lineKey } from './fetch-lines.ts';
import { planQuery } from './plan.ts';
import { type Match, sliceReader } from './read-slice.ts';
import { PAGE_DOCUMENTS, rowsPerPage } from './scan.ts';
import { FALSE } from './sql-text.ts';
import { MAX_TEXT_ROWS, type Page, walk } from './walk.ts';

const MAX_LIMIT = 10_000;
/** Rows whose lines are decompressed and parsed at once, where they are short: bounds memory. */
const OPEN_PAGE_ROWS = 4096;
/** Of what an answer holds from lines and documents: it ends early where that is more, and goes on at its cursor. */
const ANSWER_BYTES = 32 * 1024 * 1024;

/** The newest matching events. Lines are read only for the rows of the answer, and only where a column needs them. */
export async function list(
  context: QuestionContext,
  expression: string,
  range: TimeRange,
  options: { columns: string[]; limit: number; after?: string | null; raw?: boolean },
  ask?: AskOptions & { rows?: (rows: EventRow[]) => void },
): Promise<ListAnswer> {
  const plan = planQuery(expression);
  const shape = shapeOf(options.raw === true ? [...options.columns, 'event.original'] : options.columns);
  const limit = Math.max(1, Math.min(MAX_LIMIT, Math.floor(options.limit) || 1));
  const after = cursor(options.after ?? null);
  let partial = false;
  const watched: typeof ask = { ...ask, incomplete: () => ((partial = true), ask?.incomplete?.()) };
  const opens = plan.open !== FALSE;
  const reads = shape.fromDocument.length > 0;
  const most = Math.min(opens ? OPEN_PAGE_ROWS : limit + 1, reads ? PAGE_DOCUMENTS : Infinity);
  const pageRows = opens || reads ? rowsPerPage(context, range, most) : most;
  const read = sliceReader(context, plan, shape, { pageRows, lines: false, documents: false }, watched);
  const walkOptions = {
    order: 'newest',
    after,
    firstRows: plan.open === FALSE ? Math.max(2048, limit * 4) : 512,
    mostRows: plan.scansText ? MAX_TEXT_ROWS : Infinity,
    pageRows,
    keys: plan.keys,
  } as const;
  const rows: EventRow[] = [];
  let next: string | null = null;
  let last: RowKey | null = null;
  let bytes = 0;
  for await (const page of walk(context, range, walkOptions, read, watched)) {
    const room = limit - rows.length;
    const taken = page.slice(0, room);
    const shown = await show(context, shape, taken, watched);
    rows.push(...shown);
    if (shown.length > 0) ask?.rows?.(shown);
    last = taken.at(-1)?.key ?? last;
    bytes += shown.reduce((sum, row) => sum + textOf(shape, row), 0);
    if (page.length > room || rows.length >= limit || bytes > ANSWER_BYTES) {
      // One more than asked was looked for, so that a next page is promised only where there is one; a full list may end exactly here.
      next = last === null ? null : formatEventId(last);
      break;
    }
  }
  return { rows, next, partial };
}

async function show(
  context: QuestionContext,
  shape: Shape,
  page: Page<Match>['rows'],
  ask: AskOptions,
): Promise<EventRow[]> {
  const needed =
    shape.fromDocument.length > 0 ? page.filter(({ value }) => value.document === null).map(({ key }) => key) : [];
  const lines: Map<string, Line> = await fetchLines(context, needed, ask);
  return page.map(({ key, value }) => {
    const row = eventRow(shape, value.cells);
    const read = value.document === null ? lines.get(lineKey(key)) : { document: value.document, line: value.line! };
    if (read !== undefined) fillFromDocument(shape, row, read.document, read.line);
    return row;
  });
}

/** Characters that the row has from its document. */
function textOf({ fromDocument }: Shape, row: EventRow): number {
  return fromDocument.reduce((sum, { name }) => {
    const value = row[name];
    return sum + (typeof value === 'string' ? value.length : 0);
  }, 0);
}

function cursor(after: string | null): RowKey | null {
  if (after === null || after === '') return null;
  const id = parseEventId(after);
  if (id === null) throw new VardeError('bad_request', 'The place to continue from is no event id.');
  return id;
}
