import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { searchAgain } from '../../part/search-line.tsx';
import { address } from '../../state/address.ts';
import * as list from '../../state/list.ts';

/** The live end of the list. */
export interface Tail {
  /** Why new rows wait although the list is live; null where they do not. */
  held: 'pointer' | 'scrolled' | 'open' | null;
  /** Counts up when the histogram should be asked again. */
  tick: number;
  /** Shows what waits, at the top. */
  show(): void;
  point(inside: boolean): void;
  scrolled(top: number): void;
}

const HISTOGRAM_MILLIS = 5000;

/**
 * Lets new rows in by themselves while the list is live, but never under the pointer, never while one reads further down or has an
 * event open: then they wait above with a count.
 */
export function useTail({ live, box }: { live: boolean; box: RefObject<HTMLDivElement | null> }): Tail {
  const [inside, setInside] = useState(false);
  const [below, setBelow] = useState(false);
  const [tick, setTick] = useState(0);
  const ticked = useRef(0);
  const isDetail = address.value.id !== null;
  const held = !live ? null : below ? 'scrolled' : isDetail ? 'open' : inside ? 'pointer' : null;
  const waits = list.waiting.value;
  // In an empty list nothing can jump under the pointer, and it says itself that events appear by themselves.
  const empty = list.phase.value === 'done' && list.rows.value.length === 0;

  const counted = (): void => {
    // The histogram is an aggregate over the whole range: not for every row.
    if (Date.now() - ticked.current < HISTOGRAM_MILLIS) return;
    ticked.current = Date.now();
    setTick((n) => n + 1);
  };
  useEffect(() => {
    if (waits.length === 0 || !(empty || (live && held === null))) return;
    list.admit();
    counted();
  }, [live, held, waits, empty]);
  const overflow = list.overflow.value;
  useEffect(() => {
    if (empty && overflow !== null) searchAgain.value++;
  }, [empty, overflow]);

  return {
    held,
    tick,
    show() {
      if (list.overflow.peek() !== null) searchAgain.value++;
      else {
        list.admit();
        setTick((n) => n + 1);
      }
      if (box.current) box.current.scrollTop = 0;
    },
    point: setInside,
    scrolled: (top) => setBelow(top > 4),
  };
}
