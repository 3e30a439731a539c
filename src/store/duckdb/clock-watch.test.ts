import { expect, it } from 'vitest';
import { ClockWatch } from './clock-watch.ts';

it('distrusts the clock for an hour after a jump, either way', () => {
  const day = 86_400_000;
  const clock = new ClockWatch();
  expect(clock.trusted(1000, 0)).toBe(true);
  expect(clock.trusted(31_000, 30_000)).toBe(true);
  expect(clock.trusted(61_000 + day, 60_000)).toBe(false);
  expect(clock.trusted(91_000 + day, 90_000)).toBe(false);
  expect(clock.trusted(121_000, 120_000)).toBe(false);
  expect(clock.trusted(121_000 + 3_599_000, 3_719_000)).toBe(false);
  expect(clock.trusted(121_000 + 3_601_000, 3_721_000)).toBe(true);
});

it('distrusts the clock for an hour after a start that is far from the newest line, either way', () => {
  const hour = 3_600_000;
  const started = (newest: number | null) => {
    const clock = new ClockWatch();
    clock.started(newest, 100 * hour, 5);
    return clock;
  };
  expect(started(null).trusted(100 * hour, 6)).toBe(true);
  expect(started(99.5 * hour).trusted(100 * hour, 6)).toBe(true);
  for (const newest of [2 * hour, 200 * hour]) {
    const clock = started(newest);
    expect(clock.trusted(100 * hour, 6)).toBe(false);
    expect(clock.trusted(101 * hour - 10, hour - 4)).toBe(false);
    expect(clock.trusted(101 * hour, hour + 6)).toBe(true);
  }
});
