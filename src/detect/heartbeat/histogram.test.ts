import { array, assert, double, property } from 'fast-check';
import { expect, it } from 'vitest';
import { LatencyRows, type Percentiles, percentilesOf, type Slots } from './histogram.ts';

const SLOTS: Slots = { first: 1, count: 3, slotMs: 1000 };

function rows(): LatencyRows {
  const cells = 5 * LatencyRows.kept;
  return new LatencyRows({
    numbers: new Uint32Array(5),
    counts: new Uint16Array(cells),
    steps: new Uint8Array(cells),
  });
}

/** How far two latencies are apart, as a factor. */
const factor = (one: number, other: number): number => Math.max(one / other, other / one);

function eachShare(found: Percentiles | null, exact: Percentiles | null, check: (a: number, b: number) => void): void {
  expect(found).not.toBeNull();
  for (const share of ['p50', 'p95', 'p99'] as const) check(found![share], exact![share]);
}

const latency = (least: number, most: number) => double({ min: least, max: most, noNaN: true });

it('tells few different latencies to a step of a third, in whatever order they come', () => {
  // Twelve steps of a third from 1 ms on reach to 30 ms.
  assert(
    property(array(latency(1, 22), { minLength: 1, maxLength: 300 }), (values) => {
      const made = rows();
      for (const ms of values) made.add(SLOTS, 5000, ms);
      eachShare(made.percentiles(SLOTS, 5000, 5000), percentilesOf(values), (a, b) =>
        expect(factor(a, b)).toBeLessThan(1.17),
      );
    }),
  );
});

it('keeps each latency, and the order of them, where they are of more kinds than a slot tells apart', () => {
  assert(
    property(array(latency(0.05, 600_000), { minLength: 13, maxLength: 400 }), (values) => {
      const made = rows();
      for (const ms of values) made.add(SLOTS, 5000, ms);
      const found = made.percentiles(SLOTS, 5000, 5000)!;
      expect(found.p50).toBeLessThanOrEqual(found.p95);
      expect(found.p95).toBeLessThanOrEqual(found.p99);
      // A full row joins neighbours: five of 56 steps for each of the twelve at the worst.
      eachShare(found, percentilesOf(values.map((ms) => Math.max(0.1, ms))), (a, b) =>
        expect(factor(a, b)).toBeLessThan(1.33 ** 12),
      );
    }),
  );
});

it('lets what is old fall out, and keeps to its own rows', () => {
  const made = rows();
  const other: Slots = { first: 4, count: 1, slotMs: 1000 };
  made.add(other, 5000, 400);
  for (const [time, ms] of [
    [1000, 1],
    [2000, 2],
    [3000, 4],
    [4000, 8],
  ] as const)
    made.add(SLOTS, time, ms);
  expect(made.percentiles(SLOTS, 1000, 1999)).toBeNull();
  expect(made.percentiles(SLOTS, 2000, 4000)!.p50).toBeCloseTo(4, -1);
  made.add(SLOTS, 1000, 1);
  expect(made.percentiles(SLOTS, 1000, 1999), 'too late for its slot').toBeNull();
  expect(factor(made.percentiles(other, 5000, 5000)!.p50, 400)).toBeLessThan(1.17);
});

it('counts up to 65535 and stays there', () => {
  const made = rows();
  for (let i = 0; i < 70_000; i++) made.add(SLOTS, 5000, 1);
  for (let i = 0; i < 5000; i++) made.add(SLOTS, 5000, 50);
  const { p50, p95 } = made.percentiles(SLOTS, 5000, 5000)!;
  expect(factor(p50, 1)).toBeLessThan(1.17);
  expect(factor(p95, 50)).toBeLessThan(1.17);
});
