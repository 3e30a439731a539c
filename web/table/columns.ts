import { KNOWN_FIELDS } from '../../src/search/fields.ts';
import type { EventRow } from '../../src/view/api.ts';
import { severityWord } from '../chart/series.ts';
import { type Piece, summary, SUMMARY_FIELDS } from './summary.ts';

/** A column of the list. Its id stands in the address: a field's name, or one of our own made of several fields. */
export interface Column {
  id: string;
  title: string;
  /** Pixels, beside an open event and otherwise; null takes what is left. */
  width: number | null;
  tight?: number;
  numeric: boolean;
  /** Fields to ask the station for. */
  needs: readonly string[];
  pieces(row: EventRow): Piece[];
}

export const DEFAULT_COLUMNS: readonly string[] = ['time', 'event.action', 'source', 'destination', 'summary'];

const OWN: readonly Column[] = [
  { id: 'time', title: 'Time', width: 196, tight: 144, numeric: false, needs: [], pieces: () => [] },
  {
    id: 'event.action',
    title: 'Type',
    width: 92,
    numeric: false,
    needs: ['event.action'],
    pieces: (row) => one(row, 'event.action'),
  },
  {
    id: 'event.severity',
    title: 'Severity',
    width: 100,
    numeric: false,
    needs: ['event.severity'],
    pieces: (row) =>
      one(row, 'event.severity').map((piece) => ({
        ...piece,
        text: `${piece.value} ${severityWord(Number(piece.value))}`,
      })),
  },
  {
    id: 'source',
    title: 'Source',
    width: 232,
    tight: 180,
    numeric: false,
    needs: ['source.ip', 'source.port'],
    pieces: (row) => end(row, 'source'),
  },
  {
    id: 'destination',
    title: 'Destination',
    width: 232,
    tight: 180,
    numeric: false,
    needs: ['destination.ip', 'destination.port'],
    pieces: (row) => end(row, 'destination'),
  },
  { id: 'summary', title: 'Summary', width: null, numeric: false, needs: SUMMARY_FIELDS, pieces: summary },
];
const OWN_BY_ID = new Map(OWN.map((column) => [column.id, column]));
const KINDS = new Map(KNOWN_FIELDS.map((field) => [field.name, field]));

function one(row: EventRow, field: string): Piece[] {
  // A field may be called "constructor": only what the row itself has counts.
  const value = Object.hasOwn(row, field) ? row[field] : null;
  return value === undefined || value === null ? [] : [{ field, value }];
}

function end(row: EventRow, side: 'source' | 'destination'): Piece[] {
  const port = row[`${side}.port`];
  const at = one(row, `${side}.ip`);
  return port === undefined || port === null
    ? at
    : [...at, { field: `${side}.port`, value: port, text: `:${port}`, quiet: true }];
}

/** The column of an id; ids of other fields are fields by their name. */
export function columnOf(id: string): Column {
  const own = OWN_BY_ID.get(id);
  if (own) return own;
  const known = KINDS.get(id);
  const numeric = known?.kind === 'number';
  return {
    id,
    title: id,
    width: numeric ? 110 : known?.kind === 'ip' ? 160 : Math.min(220, Math.max(120, id.length * 8 + 24)),
    numeric,
    needs: [id],
    pieces: (row) => one(row, id),
  };
}

/** Fields to ask for, each once. */
export function neededFields(columns: readonly Column[]): string[] {
  return [...new Set(['event.action', ...columns.flatMap(({ needs }) => needs)])];
}

/** What can be added: our own columns, then the known fields with what they mean. */
export function offeredColumns(): { id: string; title: string }[] {
  return [
    ...OWN.map(({ id, title }) => ({ id, title })),
    ...KNOWN_FIELDS.filter(({ name }) => !OWN_BY_ID.has(name) && name !== '@timestamp').map(({ name, title }) => ({
      id: name,
      title,
    })),
  ];
}
