import { useEffect, useState } from 'preact/hooks';
import type { EventRow } from '../../../src/view/api.ts';
import { useKeys } from '../../part/keys.ts';
import { filterBy, openValueMenu, pointed, valueUnderCursor } from '../../part/value-menu.tsx';
import { address, go } from '../../state/address.ts';
import { range } from '../../state/address.ts';
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

/** The keyboard's cursor in the list: a row, by its event, and a value in it. With an event open, moving opens the next one. */
export function useCursor({ rows, columns, id, again, tail }: CursorOptions) {
  const [at, setAt] = useState<string | null>(id);
  const [place, setPlace] = useState(0);
  const index = at === null ? -1 : rows.findIndex((row) => row.id === at);
  useEffect(() => {
    if (id !== null) setAt(id);
  }, [id]);

  const moveTo = (to: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!row) return;
    pointed.value = null;
    setAt(row.id);
    if (id !== null) go({ id: row.id }, 'replace');
  };
  const sideways = (by: number): void => {
    const row = rows[index];
    if (!row) return;
    pointed.value = null;
    setPlace((now) => Math.max(0, Math.min(valuesOf(row, columns).length - 1, now + by)));
  };
  const open = (to: number): void => {
    const row = rows[to];
    if (!row) return;
    setAt(row.id);
    if (row.id === id) go({ id: null });
    else go({ id: row.id }, id === null ? 'push' : 'replace');
  };
  const filter = (exclude: boolean) => () => {
    const value = valueUnderCursor();
    if (value) filterBy(value, exclude);
  };
  const page = (): number => 20;
  useKeys({
    j: () => moveTo(index + 1),
    k: () => moveTo(Math.max(0, index - 1)),
    ArrowDown: () => moveTo(index + 1),
    ArrowUp: () => moveTo(Math.max(0, index - 1)),
    PageDown: () => moveTo(Math.max(0, index) + page()),
    PageUp: () => moveTo(index - page()),
    Home: () => moveTo(0),
    End: () => moveTo(rows.length - 1),
    h: () => sideways(-1),
    l: () => sideways(1),
    ArrowLeft: () => sideways(-1),
    ArrowRight: () => sideways(1),
    Enter: () => open(Math.max(0, index)),
    Escape: () => {
      if (id !== null) go({ id: null, tab: '' });
      else setAt(null);
    },
    m: () => {
      const value = valueUnderCursor();
      const element = document.querySelector('.v.cursor') ?? document.querySelector('.row.at');
      if (value && element) openValueMenu(element, value);
    },
    f: filter(false),
    F: filter(true),
    p: () => {
      if (isOpen(range.peek()) && address.peek().sort === 'newest') go({ live: !address.peek().live }, 'replace');
    },
    n: tail.show,
    r: again,
  });
  return { index, place, open };
}
