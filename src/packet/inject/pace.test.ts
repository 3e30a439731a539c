import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

/** Batches of one size, so many each second; the last wait in microseconds. */
function waitAt(batch: number, batchesPerSec: number): number {
  const pace = new Pace();
  let wait = 0;
  for (let i = 0; i <= batchesPerSec; i++) wait = pace.after(batch, 1_000_000 + (i * 1000) / batchesPerSec);
  return wait;
}

describe('pace', () => {
  it('passes a frame on at once while it is quiet', () => {
    expect(waitAt(1, 1000)).toBe(0);
    expect(waitAt(1, 3000)).toBe(0);
  });

  it('waits a fraction of a millisecond under load, so that batches grow', () => {
    expect(waitAt(1, 20_000)).toBeGreaterThan(0);
    expect(waitAt(1, 20_000)).toBeLessThanOrEqual(200);
    expect(waitAt(1, 200_000)).toBeLessThan(waitAt(1, 20_000) + 1);
  });

  it('never waits between batches that are large', () => {
    expect(waitAt(64, 10_000)).toBe(0);
  });

  it('does not take a clock that was set back for load', () => {
    const pace = new Pace();
    pace.after(1, 2_000_000);
    expect(pace.after(63, 1_000_000)).toBe(0);
  });
});
