import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { EventRow } from '../../../src/view/api.ts';
import { useKeys } from '../../part/keys.ts';
import { type FieldValue, listCursor, openValueMenu, pointed, valueUnderCursor } from '../../part/value-menu.tsx';
import { address, go, range } from '../../state/address.ts';
import { isOpen } from '../../state/range.ts';
import type { Column } from '../../table/columns.ts';
import { valuesOf } from '../../table/pieces.ts';
import type { Tail } from './use-tail.ts';

interface CursorOptions {
  rows: readonly EventRow[];
  columns: readonly Column[];
  /** The open event. */
  id: string | null;
  again(): void;
  tail: Tail;
}

/** Rows that PageUp and PageDown pass over. */
const PAGE_ROWS = 20;

/** The keyboard's cursor in the list: a row, by its event, and a value in it. With an event open, moving opens the next one. */
export function useCursor({ rows, columns, id, again, tail }: CursorOptions) {
  // Signals, not state of the component: a fast typist's f must act on where the l before it went, drawn or not.
  const at = useSignal<string | null>(id);
  const place = useSignal(0);
  const indexNow = (): number => (at.peek() === null ? -1 : rows.findIndex((row) => row.id === at.peek()));
  useEffect(() => {
    if (id !== null) at.value = id;
  }, [id]);

  const valueNow = (): FieldValue | null => {
    const row = rows[indexNow()];
    return row ? (valuesOf(row, columns)[place.peek()] ?? null) : null;
  };
  useEffect(() => {
    listCursor.value = valueNow;
    return () => {
      listCursor.value = null;
    };
  });

  const moveTo = (to: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!row) return;
    pointed.value = null;
    at.value = row.id;
    if (address.peek().id !== null) go({ id: row.id }, 'replace');
  };
  const sideways = (by: number): void => {
    const row = rows[indexNow()];
    if (!row) return;
    pointed.value = null;
    place.value = Math.max(0, Math.min(valuesOf(row, columns).length - 1, place.peek() + by));
  };
  const open = (to: number): void => {
    const row = rows[to];
    if (!row) return;
    at.value = row.id;
    const now = address.peek().id;
    if (row.id === now) go({ id: null, tab: '' });
    else go({ id: row.id }, now === null ? 'push' : 'replace');
  };
  const next = (): void => moveTo(indexNow() + 1);
  const previous = (): void => moveTo(indexNow() - 1);
  useKeys({
    j: next,
    ArrowDown: next,
    k: previous,
    ArrowUp: previous,
    PageDown: () => moveTo(Math.max(0, indexNow()) + PAGE_ROWS),
    PageUp: () => moveTo(indexNow() - PAGE_ROWS),
    Home: () => moveTo(0),
    End: () => moveTo(rows.length - 1),
    h: () => sideways(-1),
    ArrowLeft: () => sideways(-1),
    l: () => sideways(1),
    ArrowRight: () => sideways(1),
    Enter: () => open(Math.max(0, indexNow())),
    Escape: () => {
      if (address.peek().id !== null) go({ id: null, tab: '' });
      else at.value = null;
    },
    m: () => {
      const value = valueUnderCursor();
      const element = document.querySelector('.v.cursor') ?? document.querySelector('.row.at');
      if (value && element) openValueMenu(element, value);
    },
    p: () => {
      if (isOpen(range.peek()) && address.peek().sort === 'newest') go({ live: !address.peek().live }, 'replace');
    },
    n: tail.show,
    r: again,
  });
  const shown = at.value;
  return { index: shown === null ? -1 : rows.findIndex((row) => row.id === shown), place: place.value, open };
}
