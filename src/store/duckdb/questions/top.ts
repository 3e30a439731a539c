import type { DuckDBConnection } from '@duckdb/node-api';
import { VardeError } from '../../../base/errors.ts';
import { ALL_COLUMNS, type ColumnName } from '../../../event/columns.ts';
import type { AskOptions, TimeRange, TopAnswer } from '../../store.ts';
import type { Segment } from '../segments.ts';
import { eachOpenMatch } from './candidates.ts';
import { type CountingContext, countGroups } from './group-cache.ts';
import { type Group, type Groups, addGroup, mergeInto, together } from './groups.ts';
import { asCount, plainValue } from './event-rows.ts';
import { groupColumn, groupValue, groupingOf, openUp } from './grouping.ts';
import { type Plan, planQuery } from './plan.ts';
import { rowsOf } from './relation.ts';
import { type Cells, OutOfMemory, askSegments, fetchRows } from './run.ts';
import { FALSE, type Sql, TRUE, sql, word } from './sql-text.ts';

const MAX_LIMIT = 10_000;
/** Different values that are counted in the program's own memory, for rows that SQL cannot decide. */
const MAX_OPEN_VALUES = 500_000;
/** Parts into which the values are split where counting them all at once needs too much memory. */
const PARTS = [1, 8, 64] as const;

/** Picks the values of one part. */
type Share = (value: Sql) => Sql;
type Value = TopAnswer['values'][number];

/** The most frequent values of a field; with `bytes` those that moved most bytes. Ties go by value, so that the answer is stable. */
export async function top(
  context: CountingContext,
  expression: string,
  range: TimeRange,
  field: string,
  limit: number,
  ask?: AskOptions & { bytes?: boolean },
): Promise<TopAnswer> {
  const bytes = ask?.bytes === true;
  const most = Math.max(1, Math.min(MAX_LIMIT, Math.floor(limit) || 1));
  const grouping = groupingOf(field);
  const asked = planQuery(expression);
  const plan = grouping.column === null ? openUp(asked) : asked;
  const segments = context.catalogue.segments(range);
  const open: Groups = new Map();
  await eachOpenMatch(
    context,
    plan,
    segments,
    range,
    sql`${groupColumn(grouping)}, network_bytes`,
    ask,
    (): Groups => new Map(),
    (part, cells, document) => {
      const value = grouping.column === null ? groupValue(grouping, document) : plainValue(cells[3]);
      if (value !== null) addGroup(part, value, 0, 1, asCount(cells[4]));
    },
    (part) => {
      mergeInto(open, part);
      if (open.size > MAX_OPEN_VALUES)
        throw new VardeError('query_failed', `${field} has too many different values here; ask for a shorter time.`);
    },
  );
  if (plan.sure === FALSE || grouping.column === null || segments.length === 0) return rank(open.values(), bytes, most);
  const { column } = grouping;
  const key = `top ${bytes} ${column} ${plan.key}`;
  const sure = await countGroups(context, key, segments, range, ask, (rows) =>
    grouped(rows, plan.sure, TRUE, column, bytes),
  );
  if (sure !== null) return rank(together(...sure, open), bytes, most);
  return askSegments(context, segments, ask, (connection, left) =>
    sureTop(connection, plan, left, range, column, open, bytes, most, context.sums.parts, key),
  );
}

async function sureTop(
  connection: DuckDBConnection,
  plan: Plan,
  segments: readonly Segment[],
  range: TimeRange,
  column: ColumnName,
  open: Groups,
  bytes: boolean,
  limit: number,
  known: Map<string, number>,
  key: string,
): Promise<TopAnswer> {
  for (const parts of PARTS) {
    if (parts < (known.get(key) ?? 1)) continue;
    try {
      const answer: TopAnswer = { values: [], with_field: 0, distinct: 0 };
      for (let part = 0; part < parts; part++) {
        const share = (value: Sql): Sql =>
          parts === 1 ? TRUE : sql`hash(${value}) % ${String(parts)}::UBIGINT = ${String(part)}::UBIGINT`;
        collect(
          answer,
          await fetchRows(connection, topQuery(rowsOf(segments, range), plan.sure, share, column, open, bytes, limit)),
          bytes,
        );
      }
      known.set(key, parts);
      answer.values = answer.values.sort(byRank).slice(0, limit);
      return answer;
    } catch (error) {
      if (!(error instanceof OutOfMemory) || parts === PARTS.at(-1)) throw error;
    }
  }
  throw new Error('the last part throws or returns');
}

/** Value, bin (none), count and bytes of each group. */
function grouped(rows: Sql, sure: Sql, share: Sql, column: ColumnName, bytes: boolean): Sql {
  const name = word(column);
  const sum = bytes ? sql`sum(network_bytes)` : sql`0`;
  return sql`SELECT ${name} AS value, 0 AS bin, count(*) AS n, ${sum} AS bytes FROM ${rows} WHERE ${sure} AND ${name} IS NOT NULL AND ${share} GROUP BY value`;
}

/** Rows of one part: value, count, bytes, then the part's events with the field and its distinct values. */
function topQuery(
  rows: Sql,
  sure: Sql,
  share: Share,
  column: ColumnName,
  open: Groups,
  bytes: boolean,
  limit: number,
): Sql {
  const name = word(column);
  const type = word(ALL_COLUMNS.find((one) => one.name === column)!.type);
  const sums = grouped(rows, sure, share(name), column, bytes);
  const merged =
    open.size === 0
      ? sums
      : sql`SELECT value, 0 AS bin, sum(n) AS n, sum(bytes) AS bytes FROM (${sums} UNION ALL ${openRows(open, type, share)}) GROUP BY value`;
  const order = bytes ? sql`bytes DESC NULLS LAST, n DESC` : sql`n DESC`;
  return sql`SELECT value, n, bytes, sum(n) OVER (), count(*) OVER () FROM (${merged}) ORDER BY ${order}, value LIMIT ${String(limit)}::BIGINT`;
}

/** Counts from the program's memory as rows. */
function openRows(open: Groups, type: Sql, share: Share): Sql {
  const all = [...open.values()];
  return sql`SELECT value, 0 AS bin, n, bytes FROM (SELECT unnest(${all.map(({ value }) => String(value))})::${type} AS value,
    unnest(${all.map(({ count }) => String(count))})::BIGINT AS n, unnest(${all.map(({ bytes }) => String(bytes))})::HUGEINT AS bytes)
    WHERE ${share(sql`value`)}`;
}

/** Adds the answer of one part: each of its rows carries the part's sums. */
function collect(answer: TopAnswer, rows: readonly Cells[], bytes: boolean): void {
  for (const [value, n, sum] of rows) {
    answer.values.push({ value: plainValue(value)!, count: asCount(n), ...(bytes ? { bytes: asCount(sum) } : {}) });
  }
  answer.with_field += asCount(rows[0]?.[3]);
  answer.distinct += asCount(rows[0]?.[4]);
}

/** One pass where few are asked for: sorting tens of thousands of values for the first ten would take longer than counting them. */
function rank(groups: Iterable<Group>, bytes: boolean, limit: number): TopAnswer {
  const best: Value[] = [];
  const sorts = limit > 100;
  let withField = 0;
  let distinct = 0;
  for (const group of groups) {
    withField += group.count;
    distinct++;
    // As a rule there are tens of thousands, and none of them is among the first.
    const last = sorts || best.length < limit ? undefined : best.at(-1)!;
    if (last !== undefined && (bytes ? group.bytes < last.bytes! : group.count < last.count)) continue;
    const value: Value = { value: group.value!, count: group.count, ...(bytes ? { bytes: group.bytes } : {}) };
    if (sorts) {
      best.push(value);
      continue;
    }
    if (best.length >= limit && byRank(value, best.at(-1)!) > 0) continue;
    let place = best.length;
    while (place > 0 && byRank(value, best[place - 1]!) < 0) place--;
    best.splice(place, 0, value);
    if (best.length > limit) best.pop();
  }
  return { values: sorts ? best.sort(byRank).slice(0, limit) : best, with_field: withField, distinct };
}

function byRank(a: Value, b: Value): number {
  return (b.bytes ?? 0) - (a.bytes ?? 0) || b.count - a.count || (a.value < b.value ? -1 : 1);
}
