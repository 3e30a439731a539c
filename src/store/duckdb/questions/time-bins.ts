import type { TimeRange } from '../../store.ts';
import type { Segment } from '../segments.ts';

const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;

/** Widths that clocks and calendars know, microseconds. Finer ones are 1, 2 or 5 times a power of ten, coarser ones whole days. */
const WIDTHS = [
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10_800,
  21_600,
  43_200,
  86_400,
  2 * 86_400,
  7 * 86_400,
].map((seconds) => seconds * SECOND);

export interface TimeBins {
  /** Start of the first bin, a whole multiple of the width. */
  from: number;
  width: number;
  count: number;
}

/** Bins that cover a range: at most `most` of them and one for the cut ends. */
export function timeBins(from: number, to: number, most: number): TimeBins {
  const width = binWidth(Math.max(1, to - from), most);
  const start = Math.floor(from / width) * width;
  return { from: start, width, count: Math.max(1, Math.ceil((to - start) / width)) };
}

function binWidth(span: number, most: number): number {
  const least = span / most;
  if (least <= 500_000) {
    for (let power = 1; ; power *= 10) for (const step of [1, 2, 5]) if (step * power >= least) return step * power;
  }
  return WIDTHS.find((width) => width >= least) ?? Math.ceil(least / (7 * DAY)) * 7 * DAY;
}

/** The range with its open ends set to the first and the last event. Null where there is none. */
export function closedRange(range: TimeRange, segments: readonly Segment[]): { from: number; to: number } | null {
  if (segments.length === 0 && (range.from === null || range.to === null)) return null;
  const from = range.from ?? segments.reduce((least, { min_ts }) => Math.min(least, min_ts ?? Infinity), Infinity);
  const to = range.to ?? segments.reduce((most, { max_ts }) => Math.max(most, (max_ts ?? -Infinity) + 1), -Infinity);
  return { from, to: Math.max(to, from + 1) };
}
