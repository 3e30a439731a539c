import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Segment } from '../segments.ts';
import { type Order, extent, nextSlice } from './slices.ts';
import { timeBins } from './time-bins.ts';

const segments = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 100_000 }))
    .map(([min_ts, length, rows]) => ({ min_ts, max_ts: min_ts + length, rows }) as Segment),
  { minLength: 1, maxLength: 12 },
);

it('goes through all of time without gap or overlap, and takes along every segment', () => {
  fc.assert(
    fc.property(
      segments,
      fc.integer({ min: 1, max: 300_000 }),
      fc.constantFrom<Order>('newest', 'oldest'),
      (all, rows, order) => {
        let { from, to } = extent(all);
        let steps = 0;
        while (from < to) {
          const slice = nextSlice(all, from, to, rows, order);
          expect(slice.to).toBeGreaterThan(slice.from);
          if (order === 'newest') {
            expect(slice.to).toBe(to);
            to = slice.from;
          } else {
            expect(slice.from).toBe(from);
            from = slice.to;
          }
          expect(slice.segments).toEqual(all.filter((s) => s.min_ts! < slice.to && s.max_ts! >= slice.from));
          if (++steps > 20_000) throw new Error('no end');
        }
      },
    ),
    { numRuns: 300, interruptAfterTimeLimit: 5000 },
  );
});

it('takes whole segments where they fit', () => {
  const day = [100, 200, 300].map((min_ts) => ({ min_ts, max_ts: min_ts + 99, rows: 1000 }) as Segment);
  expect(nextSlice(day, 100, 400, 1500, 'newest')).toMatchObject({ from: 200, to: 400, segments: [day[1], day[2]] });
  expect(nextSlice(day, 100, 400, 1500, 'oldest')).toMatchObject({ from: 100, to: 300 });
  expect(nextSlice(day, 100, 400, 10, 'newest')).toMatchObject({ from: 399, segments: [day[2]] });
});

it('makes bins of widths that a clock knows', () => {
  const hour = 3_600_000_000;
  expect(timeBins(0, 24 * hour, 100)).toEqual({ from: 0, width: hour / 4, count: 96 });
  expect(timeBins(hour - 1, hour + 1, 2)).toEqual({ from: hour - 1, width: 1, count: 2 });
  expect(timeBins(5, 6, 2000).count).toBeLessThanOrEqual(2001);
  const wide = timeBins(0, 7_258_118_399_999_999, 2000);
  expect(wide.count).toBeLessThanOrEqual(2001);
  expect(wide.width % (7 * 24 * hour)).toBe(0);
});
