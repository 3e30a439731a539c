import type { AskOptions, ScannedEvent, TimeRange } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';
import { eventRow, fillFromDocument, shapeOf } from './event-rows.ts';
import { planQuery } from './plan.ts';
import { sliceReader } from './read-slice.ts';
import { FALSE } from './sql-text.ts';
import { MAX_TEXT_ROWS, walk } from './walk.ts';

/** Bytes of lines that one page may hold, by the average line; and the rows of a page at most. */
const PAGE_BYTES = 8 * 1024 * 1024;
const PAGE_ROWS = 8192;
/** A document takes ten times the memory of its line. */
export const PAGE_DOCUMENTS = 2048;

/**
 * Every matching event in order, page by page. Between two pages no connection of the engine is held, so a slow reader blocks nobody; what the
 * reader does not fetch is not read.
 */
export async function* scan(
  context: QuestionContext,
  expression: string,
  range: TimeRange,
  options: { columns: string[]; limit: number; raw?: boolean; document?: boolean; order?: 'newest' | 'oldest' },
  ask?: AskOptions,
): AsyncGenerator<ScannedEvent[], void> {
  const plan = planQuery(expression);
  const shape = shapeOf(options.columns);
  const documents = options.document === true || shape.fromDocument.length > 0;
  const lines = options.raw === true || documents;
  const pageRows =
    lines || plan.open !== FALSE ? rowsPerPage(context, range, documents ? PAGE_DOCUMENTS : PAGE_ROWS) : PAGE_ROWS;
  const read = sliceReader(context, plan, shape, { pageRows, lines, documents }, ask);
  const order = options.order ?? 'newest';
  const walkOptions = {
    order,
    after: null,
    firstRows: pageRows * 0.9,
    mostRows: plan.scansText ? MAX_TEXT_ROWS : Infinity,
    pageRows,
    keys: plan.keys,
  };
  let left = options.limit > 0 ? options.limit : Infinity;
  for await (const page of walk(context, range, walkOptions, read, ask)) {
    const events = page.slice(0, left).map(({ value }): ScannedEvent => {
      const event: ScannedEvent = { row: eventRow(shape, value.cells) };
      if (value.document !== null && value.line !== null)
        fillFromDocument(shape, event.row, value.document, value.line);
      if (options.raw === true) event.line = value.line!;
      if (options.document === true) event.document = value.document!;
      return event;
    });
    left -= events.length;
    yield events;
    if (left <= 0) return;
  }
}

/** Rows of a page whose lines are read: at most these, and about {@link PAGE_BYTES} of lines. */
export function rowsPerPage(context: QuestionContext, range: TimeRange, most: number): number {
  const segments = context.catalogue.segments(range);
  const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
  const bytes = segments.reduce((sum, segment) => sum + segment.raw_bytes, 0);
  return Math.max(64, Math.min(most, Math.floor((PAGE_BYTES * rows) / Math.max(1, bytes))));
}
