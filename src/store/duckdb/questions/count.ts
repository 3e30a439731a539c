import type { AskOptions, TimeRange } from '../../store.ts';
import { holding } from '../key-file.ts';
import { eachOpenMatch } from './candidates.ts';
import { type CountingContext, countGroups } from './group-cache.ts';
import { planQuery } from './plan.ts';
import { together } from './groups.ts';
import { isInside } from './relation.ts';
import { FALSE, sql } from './sql-text.ts';

/** How many events match. */
export async function count(
  context: CountingContext,
  expression: string,
  range: TimeRange,
  ask?: AskOptions,
): Promise<number> {
  const plan = planQuery(expression);
  const all = holding(context.catalogue.segments(range), plan.keys);
  // Whole segments know their number of rows.
  const known = plan.everything ? all.filter((segment) => isInside(segment, range)) : [];
  let total = known.reduce((sum, segment) => sum + segment.rows, 0);
  const segments = plan.everything ? all.filter((segment) => !isInside(segment, range)) : all;
  if (plan.sure !== FALSE && segments.length > 0) {
    const groups = await countGroups(
      context,
      `count ${plan.key}`,
      segments,
      range,
      ask,
      (rows) => sql`SELECT NULL, 0, count(*), 0 FROM ${rows} WHERE ${plan.sure}`,
    );
    for (const group of together(...groups!)) total += group.count;
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
