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
