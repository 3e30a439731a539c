import type { DuckDBValue } from '@duckdb/node-api';
import type { ColumnName } from '../../../event/columns.ts';
import { formatEventId } from '../../../event/event-id.ts';
import type { JsonObject } from '../../../event/json.ts';
import { formatInstant } from '../../../event/time.ts';
import { type Target, resolveField } from '../../../search/fields.ts';
import { shownValue } from '../../../search/lookup.ts';
import type { EventRow } from '../../store.ts';
import { type Sql, join, word } from './sql-text.ts';
import type { Cells } from './run.ts';

/** The asked columns: which of them SQL gives, and which come from the document. */
export interface Shape {
  /** Select list: ts, file_id, file_offset, then one per column of `fromColumns`. */
  select: Sql;
  fromColumns: { name: string; target: Target & { column: ColumnName } }[];
  fromDocument: { name: string; targets: readonly Target[] }[];
}

/** Cells before the asked ones. */
const KEYS = ['ts', 'file_id', 'file_offset'];

/** A name with several meanings (`ip`) and a field without a column are read from the document. */
export function shapeOf(columns: readonly string[]): Shape {
  const shape: Shape = { select: word(''), fromColumns: [], fromDocument: [] };
  for (const name of new Set(columns)) {
    if (name === 'id' || name === 'ts') continue;
    const targets = resolveField(name);
    const [target] = targets;
    if (targets.length === 1 && target !== undefined && target.column !== null)
      shape.fromColumns.push({ name, target: target as Target & { column: ColumnName } });
    else shape.fromDocument.push({ name, targets });
  }
  shape.select = join([...KEYS, ...shape.fromColumns.map(({ target }) => target.column)].map(word), ', ');
  return shape;
}

/** Number of cells that {@link Shape.select} gives. */
export function width(shape: Shape): number {
  return KEYS.length + shape.fromColumns.length;
}

/** Identity of a row, and the total order of lists: newest first, then by file and offset. */
export interface RowKey {
  ts: number;
  file_id: string;
  offset: number;
}

export function keyOf(cells: Cells): RowKey {
  return { ts: Number(cells[0]), file_id: String(cells[1]), offset: Number(cells[2]) };
}

/** Keys come from the asker, so the row has no prototype. Names read from the document are null until {@link fillFromDocument}. */
export function eventRow(shape: Shape, cells: Cells): EventRow {
  const row = Object.create(null) as EventRow;
  const key = keyOf(cells);
  row.id = formatEventId(key);
  row.ts = key.ts;
  for (const [i, { name, target }] of shape.fromColumns.entries()) row[name] = shown(target, cells[KEYS.length + i]);
  for (const { name } of shape.fromDocument) row[name] = null;
  return row;
}

export function fillFromDocument(shape: Shape, row: EventRow, document: JsonObject, line: Buffer): void {
  for (const { name, targets } of shape.fromDocument) {
    row[name] = targets.length > 1 ? several(document, targets) : one(document, targets[0]!, line);
  }
}

function one(document: JsonObject, target: Target, line: Buffer): string | number | null {
  if (target.kind === 'line') return line.toString('utf8');
  return (
    shownValue(document, target.field) ?? (target.otherwise === null ? null : shownValue(document, target.otherwise))
  );
}

function several(document: JsonObject, targets: readonly Target[]): string | number | null {
  const values = targets.map((target) => shownValue(document, target.field)).filter((value) => value !== null);
  return values.length === 0 ? null : values.length === 1 ? values[0]! : values.join(', ');
}

function shown(target: Target, value: DuckDBValue | undefined): string | number | null {
  const plain = plainValue(value);
  return target.kind === 'time' && typeof plain === 'number' && plain >= 0 ? formatInstant(plain) : plain;
}

/** Text, or a number; whole numbers that a double cannot hold become text. */
export function plainValue(value: DuckDBValue | undefined): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return String(value);
}

/** A count or sum of the engine. */
export function asCount(value: DuckDBValue | undefined): number {
  return value === null || value === undefined ? 0 : Number(value);
}
