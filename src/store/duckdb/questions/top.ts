import type { DuckDBConnection } from '@duckdb/node-api';
import { VardeError } from '../../../base/errors.ts';
import { ALL_COLUMNS, type ColumnName } from '../../../event/columns.ts';
import type { AskOptions, TimeRange, TopAnswer } from '../../store.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import { eachOpenMatch } from './candidates.ts';
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

interface Sum {
  count: number;
  bytes: number;
}
type Sums = Map<string | number, Sum>;
/** Picks the values of one part. */
type Share = (value: Sql) => Sql;
type Value = TopAnswer['values'][number];

/** The most frequent values of a field; with `bytes` those that moved most bytes. Ties go by value, so that the answer is stable. */
export async function top(
  context: QuestionContext,
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
  const open: Sums = new Map();
  await eachOpenMatch(
    context,
    plan,
    segments,
    range,
    sql`${groupColumn(grouping)}, network_bytes`,
    ask,
    (): Sums => new Map(),
    (sums, cells, document) => {
      const value = grouping.column === null ? groupValue(grouping, document) : plainValue(cells[3]);
      if (value !== null) add(sums, value, 1, asCount(cells[4]));
    },
    (sums) => {
      for (const [value, sum] of sums) add(open, value, sum.count, sum.bytes);
      if (open.size > MAX_OPEN_VALUES)
        throw new VardeError('query_failed', `${field} has too many different values here; ask for a shorter time.`);
    },
  );
  if (plan.sure === FALSE || grouping.column === null || segments.length === 0) return rank(open, bytes, most);
  const { column } = grouping;
  return askSegments(context, segments, ask, (connection, left) =>
    sureTop(connection, plan, left, range, column, open, bytes, most),
  );
}

function add(sums: Sums, value: string | number, count: number, bytes: number): void {
  const sum = sums.get(value);
  if (sum === undefined) sums.set(value, { count, bytes });
  else {
    sum.count += count;
    sum.bytes += bytes;
  }
}

async function sureTop(
  connection: DuckDBConnection,
  plan: Plan,
  segments: readonly Segment[],
  range: TimeRange,
  column: ColumnName,
  open: Sums,
  bytes: boolean,
  limit: number,
): Promise<TopAnswer> {
  for (const parts of PARTS) {
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
      answer.values = answer.values.sort(byRank).slice(0, limit);
      return answer;
    } catch (error) {
      if (!(error instanceof OutOfMemory) || parts === PARTS.at(-1)) throw error;
    }
  }
  throw new Error('the last part throws or returns');
}

/** Rows of one part: value, count, bytes, then the part's events with the field and its distinct values. */
function topQuery(
  rows: Sql,
  sure: Sql,
  share: Share,
  column: ColumnName,
  open: Sums,
  bytes: boolean,
  limit: number,
): Sql {
  const name = word(column);
  const type = word(ALL_COLUMNS.find((one) => one.name === column)!.type);
  const sum = bytes ? sql`sum(network_bytes)` : sql`0`;
  const grouped = sql`SELECT ${name} AS value, count(*) AS n, ${sum} AS bytes FROM ${rows} WHERE ${sure} AND ${name} IS NOT NULL AND ${share(name)} GROUP BY value`;
  const merged =
    open.size === 0
      ? grouped
      : sql`SELECT value, sum(n) AS n, sum(bytes) AS bytes FROM (${grouped} UNION ALL ${openRows(open, type, share)}) GROUP BY value`;
  const order = bytes ? sql`bytes DESC NULLS LAST, n DESC` : sql`n DESC`;
  return sql`SELECT value, n, bytes, sum(n) OVER (), count(*) OVER () FROM (${merged}) ORDER BY ${order}, value LIMIT ${String(limit)}::BIGINT`;
}

/** Counts from the program's memory as rows. */
function openRows(open: Sums, type: Sql, share: Share): Sql {
  const sums = [...open];
  return sql`SELECT value, n, bytes FROM (SELECT unnest(${sums.map(([value]) => String(value))})::${type} AS value,
    unnest(${sums.map(([, { count }]) => String(count))})::BIGINT AS n, unnest(${sums.map(([, { bytes }]) => String(bytes))})::HUGEINT AS bytes)
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

function rank(sums: Sums, bytes: boolean, limit: number): TopAnswer {
  const values = [...sums]
    .map(([value, sum]): Value => ({ value, count: sum.count, ...(bytes ? { bytes: sum.bytes } : {}) }))
    .sort(byRank);
  return {
    values: values.slice(0, limit),
    with_field: values.reduce((n, { count }) => n + count, 0),
    distinct: values.length,
  };
}

function byRank(a: Value, b: Value): number {
  return (b.bytes ?? 0) - (a.bytes ?? 0) || b.count - a.count || (a.value < b.value ? -1 : 1);
}
