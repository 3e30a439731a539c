import type { AskOptions, TimeRange } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';
import { eachOpenMatch } from './candidates.ts';
import { asCount } from './event-rows.ts';
import { planQuery } from './plan.ts';
import { isInside, rowsOf } from './relation.ts';
import { askSegments, fetchRows } from './run.ts';
import { FALSE, sql } from './sql-text.ts';

/** How many events match. */
export async function count(
  context: QuestionContext,
  expression: string,
  range: TimeRange,
  ask?: AskOptions,
): Promise<number> {
  const plan = planQuery(expression);
  const all = context.catalogue.segments(range);
  // Whole segments know their number of rows.
  const known = plan.everything ? all.filter((segment) => isInside(segment, range)) : [];
  let total = known.reduce((sum, segment) => sum + segment.rows, 0);
  const segments = plan.everything ? all.filter((segment) => !isInside(segment, range)) : all;
  if (plan.sure !== FALSE && segments.length > 0) {
    total += await askSegments(context, segments, ask, async (connection, left) => {
      const rows = await fetchRows(connection, sql`SELECT count(*) FROM ${rowsOf(left, range)} WHERE ${plan.sure}`);
      return asCount(rows[0]?.[0]);
    });
  }
  await eachOpenMatch(
    context,
    plan,
    segments,
    range,
    sql`1`,
    ask,
    () => ({ count: 0 }),
    (sums) => void sums.count++,
    (sums) => void (total += sums.count),
  );
  return total;
}
