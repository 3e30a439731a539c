import type { TimeRange } from '../../store.ts';
import { EMPTY_RELATION, SCHEMA_VERSION } from '../schema.ts';
import type { Segment } from '../segments.ts';
import { type Sql, TRUE, and, sql } from './sql-text.ts';

/** Rows of the segments whose time lies in the range. */
export function rowsOf(segments: readonly Segment[], range: TimeRange): Sql {
  const inside = segments.filter((segment) => isInside(segment, range));
  const cut = segments.filter((segment) => !isInside(segment, range));
  // Whole segments need no look at the time column.
  const parts = [files(inside), cut.length === 0 ? null : sql`SELECT * FROM (${files(cut)!}) WHERE ${inRange(range)}`];
  const [first, second] = parts.filter((part) => part !== null);
  if (first === undefined) return sql`(${EMPTY})`;
  return second === undefined ? sql`(${first})` : sql`(${first} UNION ALL ${second})`;
}

const EMPTY: Sql = { text: `SELECT * FROM ${EMPTY_RELATION}`, values: [] };

function files(segments: readonly Segment[]): Sql | null {
  if (segments.length === 0) return null;
  const paths = segments.map((segment) => segment.path);
  if (segments.every((segment) => segment.schema_version === SCHEMA_VERSION))
    return sql`SELECT * FROM read_parquet(${paths})`;
  // Columns that came after a segment was written read as null.
  return sql`SELECT * FROM read_parquet(${paths}, union_by_name = true) UNION ALL BY NAME ${EMPTY}`;
}

export function isInside(segment: Segment, range: TimeRange): boolean {
  return (
    (range.from === null || (segment.min_ts ?? 0) >= range.from) &&
    (range.to === null || (segment.max_ts ?? 0) < range.to)
  );
}

/** The half-open range as a condition that the engine prunes by. */
export function inRange(range: TimeRange): Sql {
  return and([
    range.from === null ? TRUE : sql`ts >= CAST(${String(Math.ceil(range.from))} AS BIGINT)`,
    range.to === null ? TRUE : sql`ts < CAST(${String(Math.ceil(range.to))} AS BIGINT)`,
  ]);
}
