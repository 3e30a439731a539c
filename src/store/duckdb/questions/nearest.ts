import type { AskOptions, TimeRange } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';
import { shapeOf } from './event-rows.ts';
import { planQuery } from './plan.ts';
import { sliceReader } from './read-slice.ts';
import type { Order } from './slices.ts';
import { FALSE } from './sql-text.ts';
import { MAX_TEXT_ROWS, walk } from './walk.ts';

/** The matching events next to a range: the newest before it, the oldest behind it. */
export async function nearest(
  context: QuestionContext,
  expression: string,
  range: TimeRange,
  ask?: AskOptions,
): Promise<{ before: number | null; after: number | null }> {
  const before =
    range.from === null ? null : await first(context, expression, { from: null, to: range.from }, 'newest', ask);
  const after =
    range.to === null ? null : await first(context, expression, { from: range.to, to: null }, 'oldest', ask);
  return { before, after };
}

async function first(
  context: QuestionContext,
  expression: string,
  range: TimeRange,
  order: Order,
  ask?: AskOptions,
): Promise<number | null> {
  const plan = planQuery(expression);
  const pageRows = plan.open === FALSE ? 1 : 2048;
  const read = sliceReader(context, plan, shapeOf([]), { pageRows, lines: false, documents: false }, ask);
  const options = {
    order,
    after: null,
    firstRows: 2048,
    mostRows: plan.scansText ? MAX_TEXT_ROWS : Infinity,
    pageRows,
    keys: plan.keys,
  };
  for await (const page of walk(context, range, options, read, ask)) return page[0]!.key.ts;
  return null;
}
