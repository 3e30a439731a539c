import type { AskOptions, TimeRange, TimelineAnswer } from '../../store.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import { eachOpenMatch } from './candidates.ts';
import { asCount, plainValue } from './event-rows.ts';
import { type Grouping, groupColumn, groupValue, groupingOf, openUp } from './grouping.ts';
import { type Plan, planQuery } from './plan.ts';
import { rowsOf } from './relation.ts';
import { askSegments, fetchRows } from './run.ts';
import { FALSE, sql } from './sql-text.ts';
import { type TimeBins, closedRange, timeBins } from './time-bins.ts';

const MAX_BINS = 2000;
/** More series than this nobody can tell apart: the rest is summed up as "other". */
const MAX_SERIES = 20;
export const NO_VALUE = '(none)';
export const OTHER = '(other)';

/** Counts of one bin and series. */
type Sums = Map<string, Map<number, number>>;

/** Events over time, split by the values of `by`; an empty `by` gives one series named `events`. */
export async function timeline(
  context: QuestionContext,
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
  const sums = await sureSums(context, plan, segments, range, grouping, frame, ask);
  await eachOpenMatch(
    context,
    plan,
    segments,
    range,
    grouping === null ? sql`NULL` : groupColumn(grouping),
    ask,
    (): Sums => new Map(),
    (part, cells, document) => {
      const value =
        grouping === null ? 'events' : grouping.column === null ? groupValue(grouping, document) : plainValue(cells[3]);
      add(part, String(value ?? NO_VALUE), Math.floor((Number(cells[0]) - frame.from) / frame.width), 1);
    },
    (part) => {
      for (const [name, counts] of part) for (const [bin, n] of counts) add(sums, name, bin, n);
    },
  );
  return answer(sums, frame);
}

async function sureSums(
  context: QuestionContext,
  plan: Plan,
  segments: readonly Segment[],
  range: TimeRange,
  grouping: Grouping | null,
  frame: TimeBins,
  ask: AskOptions | undefined,
): Promise<Sums> {
  if (plan.sure === FALSE || segments.length === 0) return new Map();
  return askSegments(context, segments, ask, async (connection, left) => {
    const series = grouping === null ? sql`'events'` : groupColumn(grouping);
    const rows = await fetchRows(
      connection,
      sql`SELECT ${series} AS series, (ts - CAST(${String(frame.from)} AS BIGINT)) // CAST(${String(frame.width)} AS BIGINT) AS bin, count(*)
        FROM ${rowsOf(left, range)} WHERE ${plan.sure} GROUP BY series, bin`,
    );
    const sums: Sums = new Map();
    for (const [name, bin, n] of rows) add(sums, String(plainValue(name) ?? NO_VALUE), asCount(bin), asCount(n));
    return sums;
  });
}

function add(sums: Sums, name: string, bin: number, n: number): void {
  let counts = sums.get(name);
  if (counts === undefined) sums.set(name, (counts = new Map()));
  counts.set(bin, (counts.get(bin) ?? 0) + n);
}

function answer(sums: Sums, frame: TimeBins): TimelineAnswer {
  const all = [...sums]
    .map(([name, counts]) => ({ name, counts, total: [...counts.values()].reduce((a, b) => a + b, 0) }))
    .sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
  const shown = all.length > MAX_SERIES ? all.slice(0, MAX_SERIES - 1) : all;
  const series = shown.map(({ name, counts }) => ({ name, counts: spread([counts], frame.count) }));
  const rest = all.slice(shown.length);
  if (rest.length > 0)
    series.push({
      name: OTHER,
      counts: spread(
        rest.map(({ counts }) => counts),
        frame.count,
      ),
    });
  const total = all.reduce((sum, one) => sum + one.total, 0);
  return { from: frame.from, bin: frame.width, bins: frame.count, series, total };
}

function spread(sparse: readonly Map<number, number>[], length: number): number[] {
  const counts = Array.from({ length }, () => 0);
  for (const part of sparse) for (const [bin, n] of part) if (bin >= 0 && bin < length) counts[bin]! += n;
  return counts;
}
