import type { Segment } from '../segments.ts';

export type Order = 'newest' | 'oldest';

/** A stretch of time, [from, to) in microseconds, and the segments that may have rows in it. */
export interface Slice {
  from: number;
  to: number;
  segments: Segment[];
}

/** The stretch of time that all these segments span. */
export function extent(segments: readonly Segment[]): { from: number; to: number } {
  return {
    from: segments.reduce((least, { min_ts }) => Math.min(least, min_ts ?? Infinity), Infinity),
    to: segments.reduce((most, { max_ts }) => Math.max(most, (max_ts ?? -Infinity) + 1), -Infinity),
  };
}

/**
 * Cuts off the next slice of `[from, to)` that holds about `rows` rows, from its newest or oldest end. Rows are taken to be spread evenly over a
 * segment's time; where they are not, a slice is larger or smaller than wished, never wrong.
 */
export function nextSlice(segments: readonly Segment[], from: number, to: number, rows: number, order: Order): Slice {
  const within = segments.filter((segment) => segment.min_ts! < to && segment.max_ts! >= from);
  const exact = order === 'newest' ? cutNewest(within, from, to, rows) : cutOldest(within, from, to, rows);
  const cut = snap(within, exact, rows, order);
  const slice = order === 'newest' ? { from: Math.max(from, cut), to } : { from, to: Math.min(to, cut) };
  return {
    ...slice,
    segments: within.filter((segment) => segment.min_ts! < slice.to && segment.max_ts! >= slice.from),
  };
}

/** A slice that may hold a whole segment ends with one where it can: a segment cut in two is opened, and partly read, twice. */
function snap(segments: readonly Segment[], cut: number, rows: number, order: Order): number {
  const around = segments.filter((segment) => segment.rows <= rows && segment.min_ts! < cut && segment.max_ts! >= cut);
  if (around.length === 0) return cut;
  return order === 'newest'
    ? Math.max(...around.map(({ min_ts }) => min_ts!))
    : Math.min(...around.map(({ max_ts }) => max_ts! + 1));
}

/** The largest start so that `[start, to)` holds at least `rows` rows. */
function cutNewest(segments: readonly Segment[], from: number, to: number, rows: number): number {
  let low = from;
  let high = to - 1;
  if (estimate(segments, low, to) <= rows) return from;
  while (low < high) {
    const middle = Math.ceil(low / 2 + high / 2);
    if (estimate(segments, middle, to) >= rows) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The smallest end so that `[from, end)` holds at least `rows` rows. */
function cutOldest(segments: readonly Segment[], from: number, to: number, rows: number): number {
  let low = from + 1;
  let high = to;
  if (estimate(segments, from, high) <= rows) return to;
  while (low < high) {
    const middle = Math.floor(low / 2 + high / 2);
    if (estimate(segments, from, middle) >= rows) high = middle;
    else low = middle + 1;
  }
  return high;
}

function estimate(segments: readonly Segment[], from: number, to: number): number {
  let rows = 0;
  for (const { min_ts, max_ts, rows: all } of segments) {
    const start = Math.max(min_ts!, from);
    const end = Math.min(max_ts! + 1, to);
    if (end > start) rows += (all * (end - start)) / (max_ts! + 1 - min_ts!);
  }
  return rows;
}
