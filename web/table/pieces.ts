import type { EventRow } from '../../src/view/api.ts';
import type { Column } from './columns.ts';
import type { Piece } from './summary.ts';
import type { FieldValue } from '../part/value-menu.tsx';

/** A piece with its place among the row's values; -1 for our own words. */
export interface PlacedPiece extends Piece {
  place: number;
}

/** The cells of a row, their values counted through: the cursor and the pointer name a value by that number. */
export function cellsOf(row: EventRow, columns: readonly Column[]): PlacedPiece[][] {
  let place = 0;
  return columns.map((column) =>
    column.pieces(row).map((piece) => ({ ...piece, place: piece.field === undefined ? -1 : place++ })),
  );
}

export function valuesOf(row: EventRow, columns: readonly Column[]): FieldValue[] {
  return cellsOf(row, columns)
    .flat()
    .filter(({ place }) => place >= 0)
    .map(({ field, value }) => ({ field: field!, value: value ?? null }));
}
