import { ALL_COLUMNS, type ColumnType } from '../event/columns.ts';
import { getField } from '../event/document.ts';
import type { JsonObject, JsonValue } from '../event/json.ts';
import { isRepeated } from '../event/lossless-json.ts';
import type { Target } from './fields.ts';

const MAXIMUM: Partial<Record<ColumnType, bigint>> = {
  BIGINT: 2n ** 63n - 1n,
  UBIGINT: 2n ** 64n - 1n,
  UINTEGER: 2n ** 32n - 1n,
  USMALLINT: 65_535n,
  UTINYINT: 255n,
};

const TYPES = new Map<string, ColumnType>(ALL_COLUMNS.map(({ name, type }) => [name, type]));

/**
 * The value that the column of a field holds for a document, or null: what has another type or does not fit the column is not in it, and of a
 * repeated key the last value counts. Parsers fill columns so; a search over documents must see the same.
 */
export function columnValue(document: JsonObject, target: Target): string | number | bigint | null {
  const type = TYPES.get(target.column ?? '');
  let value: JsonValue | undefined = getField(document, target.field);
  while (isRepeated(value)) value = value.at(-1);
  if (value === undefined || value === null) return null;
  // Times stand as text in a document, as microseconds in the column.
  if (type === 'VARCHAR' || target.kind === 'time') return typeof value === 'string' && value !== '' ? value : null;
  if (typeof value === 'string') value = /^[0-9]{1,20}$/.test(value) ? BigInt(value) : null;
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 && BigInt(value) <= MAXIMUM[type!]! ? value : null;
  return typeof value === 'bigint' && value >= 0n && value <= MAXIMUM[type!]! ? value : null;
}
