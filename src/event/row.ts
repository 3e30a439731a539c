import { EVENT_COLUMNS } from './columns.ts';

/** A cell: `null` where the event lacks the field. Integers beyond 2^53 are `bigint`. */
export type Cell = string | number | bigint | null;

/**
 * One event's columns, in the order of {@link EVENT_COLUMNS}. The pipeline keeps ONE row and hands it to the parser for every line, already
 * cleared: a parser sets what it finds and must not keep the array.
 */
export type Row = Cell[];

export function newRow(): Row {
  return Array.from({ length: EVENT_COLUMNS.length }, () => null);
}

export function clearRow(row: Row): void {
  for (let i = 0; i < row.length; i++) row[i] = null;
}
