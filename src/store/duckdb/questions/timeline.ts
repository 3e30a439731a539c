import { NO_VALUE, OTHER } from '../../../event/series-names.ts';
import type { AskOptions, TimeRange, TimelineAnswer } from '../../store.ts';
import type { Segment } from '../segments.ts';
import { eachOpenMatch } from './candidates.ts';
import { plainValue } from './event-rows.ts';
import { type CountingContext, countGroups } from './group-cache.ts';
import { type Grouping, groupColumn, groupValue, groupingOf, openUp } from './grouping.ts';
import { type Group, type Groups, addGroup, groupsOf, mergeInto, together } from './groups.ts';
import { type Plan, planQuery } from './plan.ts';
import { rowsOf } from './relation.ts';
import { askSegments, fetchRows } from './run.ts';
import { FALSE, type Sql, sql } from './sql-text.ts';
import { type TimeBins, closedRange, timeBins } from './time-bins.ts';
import { top } from './top.ts';

const MAX_BINS = 2000;
/** More series than this nobody can tell apart: the rest is summed up as "other". */
const MAX_SERIES = 20;

/** Events over time, split by the values of `by`; an empty `by` gives one series named `events`. */
export async function timeline(
  context: CountingContext,
  expression: string,
  range: TimeRange,
  by: string,
  bins: number,
  ask?: AskOptions,
): Promise<TimelineAnswer> {
  const segments = context.catalogue.segments(range);
  const grouping = by === '' ? null : groupingOf(by);
  const asked = planQuery(expression);
  const plan = grouping !== null && grouping.column === null ? openUp(asked) : asked;
  const closed = closedRange(range, segments);
  if (closed === null) return { from: 0, bin: 1, bins: 0, series: [], total: 0 };
  const frame = timeBins(closed.from, closed.to, Math.max(1, Math.min(MAX_BINS, Math.floor(bins) || 1)));
  const open: Groups = new Map();
  await eachOpenMatch(
    context,
    plan,
    segments,
    range,
    grouping === null ? sql`NULL` : groupColumn(grouping),
    ask,
    (): Groups => new Map(),
    (part, cells, document) => {
      const value =
        grouping === null ? 'events' : grouping.column === null ? groupValue(grouping, document) : plainValue(cells[3]);
      addGroup(part, value, Math.floor(Number(cells[0]) / frame.width), 1, 0);
    },
    (part) => mergeInto(open, part),
  );
  if (plan.sure === FALSE || segments.length === 0) return answer(open.values(), frame);
  const value = grouping === null ? sql`'events'` : groupColumn(grouping);
  const key = `timeline ${frame.width} ${by} ${plan.key}`;
  const sure = await countGroups(context, key, segments, range, ask, (rows) => select(plan, value, frame, rows));
  if (sure !== null) return answer(together(...sure, open), frame);
  return answer(
    together(await largest(context, expression, plan, grouping!, segments, range, frame, ask), open),
    frame,
  );
}

function select(plan: Plan, value: Sql, frame: TimeBins, rows: Sql): Sql {
  return sql`SELECT ${value} AS value, ts // CAST(${String(frame.width)} AS BIGINT) AS bin, count(*), 0 FROM ${rows} WHERE ${plan.sure} GROUP BY ALL`;
}

/** The same for a field with more values than can be drawn: only the most frequent ones get a series of their own. */
async function largest(
  context: CountingContext,
  expression: string,
  plan: Plan,
  grouping: Grouping,
  segments: readonly Segment[],
  range: TimeRange,
  frame: TimeBins,
  ask: AskOptions | undefined,
): Promise<Groups> {
  const { values } = await top(context, expression, range, grouping.target.field, MAX_SERIES - 1, ask);
  const text = sql`CAST(${groupColumn(grouping)} AS VARCHAR)`;
  const names = values.map(({ value }) => String(value));
  const series = sql`CASE WHEN ${text} IS NULL THEN NULL WHEN list_contains(${names}, ${text}) THEN ${text} ELSE ${OTHER} END`;
  const rows = await askSegments(context, segments, ask, (connection, left) =>
    fetchRows(connection, select(plan, series, frame, rowsOf(left, range))),
  );
  return groupsOf(rows);
}

function answer(groups: Iterable<Group>, frame: TimeBins): TimelineAnswer {
  const first = Math.round(frame.from / frame.width);
  const series = new Map<string, { name: string; counts: number[]; total: number }>();
  let total = 0;
  for (const { value, bin, count } of groups) {
    const place = bin - first;
    // A kept sum holds only whole segments inside the range; its bins lie inside the frame.
    if (place < 0 || place >= frame.count) continue;
    const name = String(value ?? NO_VALUE);
    let one = series.get(name);
    if (one === undefined)
      series.set(name, (one = { name, counts: Array.from({ length: frame.count }, () => 0), total: 0 }));
    one.counts[place]! += count;
    one.total += count;
    total += count;
  }
  const all = [...series.values()].sort(
    (a, b) => Number(a.name === OTHER) - Number(b.name === OTHER) || b.total - a.total || (a.name < b.name ? -1 : 1),
  );
  const shown = all.length > MAX_SERIES ? all.slice(0, MAX_SERIES - 1) : all;
  const rest = all.slice(shown.length);
  const result = shown.map(({ name, counts }) => ({ name, counts }));
  if (rest.length > 0)
    result.push({
      name: OTHER,
      counts: Array.from({ length: frame.count }, (_, i) => rest.reduce((sum, { counts }) => sum + counts[i]!, 0)),
    });
  return { from: frame.from, bin: frame.width, bins: frame.count, series: result, total };
}
