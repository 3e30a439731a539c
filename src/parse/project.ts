import { communityKeyOf } from '../event/community-id.ts';
import { EVENT_COLUMNS, type ColumnType } from '../event/columns.ts';
import { parseIp } from '../event/ip.ts';
import type { JsonObject, JsonValue } from '../event/json.ts';
import { isRepeated } from '../event/lossless-json.ts';
import type { Cell, Row } from '../event/row.ts';
import { parseInstant } from '../event/time.ts';

/** Largest values of the integer column types. */
const MAXIMUM: Partial<Record<ColumnType, bigint>> = {
  BIGINT: 2n ** 63n - 1n,
  UBIGINT: 2n ** 64n - 1n,
  UINTEGER: 2n ** 32n - 1n,
  USMALLINT: 65535n,
  UTINYINT: 255n,
};

/** What the helper columns are made of their field. */
const HELPERS: Record<string, (text: string) => Cell> = {
  source_ip4: ip4,
  source_ip6: ip6,
  destination_ip4: ip4,
  destination_ip6: ip6,
  community_key: (text) => {
    const key = communityKeyOf(text);
    return key < 0 ? null : key;
  },
};

const PATHS = EVENT_COLUMNS.map((column) => column.field.split('.'));

/**
 * The columns of a document: each column is its field of the document, typed; a value of another type or out of range is left out. For the
 * test that holds a parser's `row()` and `document()` together, and as `row()` of parsers whose format is too rare to deserve a fast one.
 */
export function projectDocument(document: JsonObject, row: Row): void {
  for (const [i, column] of EVENT_COLUMNS.entries())
    row[i] = cellOf(column.name, column.type, valueAt(document, PATHS[i]!));
}

/** Of a repeated key the last value counts, on the way and at its end. */
function valueAt(document: JsonObject, path: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = document;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined;
    at = at[key];
    while (isRepeated(at)) at = at.at(-1);
  }
  return at;
}

function cellOf(name: string, type: ColumnType, value: JsonValue | undefined): Cell {
  if (name === 'ts') {
    const micros = typeof value === 'string' ? parseInstant(value) : Number.NaN;
    return Number.isNaN(micros) ? null : micros;
  }
  const helper = HELPERS[name];
  if (helper !== undefined) return typeof value === 'string' ? helper(value) : null;
  if (type === 'VARCHAR') return typeof value === 'string' && value !== '' ? value : null;
  if (type === 'DOUBLE') return typeof value === 'number' ? value : null;
  const integer = integerOf(value);
  if (integer === null || integer < 0n || integer > MAXIMUM[type]!) return null;
  return integer <= Number.MAX_SAFE_INTEGER ? Number(integer) : integer;
}

/** Integers stand as such, and as decimal text where ECS calls the field a keyword (rule.id). */
function integerOf(value: JsonValue | undefined): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && /^[0-9]{1,20}$/.test(value) ? BigInt(value) : null;
}

function ip4(text: string): Cell {
  const ip = parseIp(text);
  return ip?.family === 4 ? ip.v4 : null;
}

function ip6(text: string): Cell {
  const ip = parseIp(text);
  return ip?.family === 6 ? ip.hex : null;
}
