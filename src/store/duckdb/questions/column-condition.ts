import { ALL_COLUMNS, type ColumnName, type ColumnType } from '../../../event/columns.ts';
import { parseIp } from '../../../event/ip.ts';
import type { Target } from '../../../search/fields.ts';
import { sqlLike } from '../../../search/pattern.ts';
import type { Interval, TypedTest } from '../../../search/typed.ts';
import { FALSE, type Sql, TRUE, and, sql, word } from './sql-text.ts';

const TYPES = new Map<string, ColumnType>(ALL_COLUMNS.map(({ name, type }) => [name, type]));

const RANGES: Partial<Record<ColumnType, readonly [bigint, bigint]>> = {
  BIGINT: [-(2n ** 63n), 2n ** 63n - 1n],
  UBIGINT: [0n, 2n ** 64n - 1n],
  UINTEGER: [0n, 2n ** 32n - 1n],
  USMALLINT: [0n, 65_535n],
  UTINYINT: [0n, 255n],
};

/** The condition over a field's own column; it answers the test exactly, and is null or false where the field is absent. */
export function columnCondition(target: Target & { column: ColumnName }, test: TypedTest): Sql {
  const column = word(target.column);
  switch (test.op) {
    case 'exists':
      return sql`${column} IS NOT NULL`;
    case 'text':
      return target.kind === 'ip' ? address(target.column, test.value) : sql`${column} = ${test.value}`;
    case 'like':
      return like(target.kind === 'number' ? sql`CAST(${column} AS VARCHAR)` : column, test.pattern);
    case 'order':
      return order(column, test);
    case 'number':
      return within(column, TYPES.get(target.column)!, test.interval);
    case 'time':
      return and([
        test.from === null ? TRUE : sql`${column} >= CAST(${clamp(test.from)} AS BIGINT)`,
        test.to === null ? TRUE : sql`${column} < CAST(${clamp(test.to)} AS BIGINT)`,
      ]);
    case 'address': {
      const { range } = test;
      return range.family === 4
        ? sql`${word(`${target.column}4`)} BETWEEN CAST(${String(range.from)} AS UINTEGER) AND CAST(${String(range.to)} AS UINTEGER)`
        : sql`${word(`${target.column}6`)} BETWEEN ${range.from} AND ${range.to}`;
    }
    case 'any':
      throw new Error('a field with a column has a kind');
  }
}

/** Numbers are compared faster than texts, and prune better. */
function address(column: ColumnName, text: string): Sql {
  const ip = parseIp(text);
  if (ip === null) return sql`${word(column)} = ${text}`;
  return ip.family === 4
    ? sql`${word(`${column}4`)} = CAST(${String(ip.v4)} AS UINTEGER)`
    : sql`${word(`${column}6`)} = ${ip.hex}`;
}

/** A {@link ../../../search/pattern.ts pattern} over the whole of a text. */
export function like(text: Sql, pattern: string): Sql {
  const form = sqlLike(pattern);
  // Without ESCAPE the engine can use prefixes for pruning.
  return form.includes('\\') ? sql`${text} LIKE ${form} ESCAPE '\\'` : sql`${text} LIKE ${form}`;
}

export function order(column: Sql, test: Extract<TypedTest, { op: 'order' }>): Sql {
  return and([
    sql`${column} IS NOT NULL`,
    test.from === null ? TRUE : sql`${column} ${word(test.includeFrom ? '>=' : '>')} ${test.from}`,
    test.to === null ? TRUE : sql`${column} ${word(test.includeTo ? '<=' : '<')} ${test.to}`,
  ]);
}

/** Bounds beyond the column's type are cut, so that the bound value has the type and the engine can prune by it. */
function within(column: Sql, type: ColumnType, interval: Interval): Sql {
  const [least, most] = RANGES[type] ?? [null, null];
  if (least === null) throw new Error(`no whole numbers in ${type}`);
  const low = interval.low === null || interval.low < least ? least : interval.low;
  const high = interval.high === null || interval.high > most ? most : interval.high;
  if (low > high) return FALSE;
  const bound = (value: bigint): Sql => sql`CAST(${String(value)} AS ${word(type)})`;
  if (low === high) return sql`${column} = ${bound(low)}`;
  return and([
    low === least ? TRUE : sql`${column} >= ${bound(low)}`,
    high === most ? TRUE : sql`${column} <= ${bound(high)}`,
    low === least && high === most ? sql`${column} IS NOT NULL` : TRUE,
  ]);
}

function clamp(micros: bigint): string {
  const [least, most] = RANGES.BIGINT!;
  return String(micros < least ? least : micros > most ? most : micros);
}
