import { expect, it } from 'vitest';
import { firstPauseMs, nextPauseMs } from './pace.ts';
import { rateProblem } from './rate.ts';

it('changes each pause by no more than the jitter, evenly to both sides', () => {
  const pace = { interval_secs: 10, jitter_percent: 20 };
  expect([0, 0.5, 0.999_999_999].map((chance) => nextPauseMs(pace, () => chance))).toEqual([8000, 10_000, 12_000]);
  expect(nextPauseMs({ interval_secs: 10, jitter_percent: 0 })).toBe(10_000);
});

it('lets chains begin one after the other, all within the interval', () => {
  expect([0, 1, 4].map((i) => firstPauseMs(i, 5, 60))).toEqual([0, 50, 200]);
  expect(firstPauseMs(999, 1000, 10)).toBeLessThan(10_000);
});

const path = (target: string, kinds: number, interval_secs: number) => ({
  name: target,
  target,
  interval_secs,
  kinds: (['icmp', 'udp', 'dns', 'http', 'tls'] as const).slice(0, kinds),
});

it('takes what heartbeats need: 200 sensors with five kinds each ten seconds', () => {
  expect(rateProblem(Array.from({ length: 200 }, (_, i) => path(`192.0.2.${i}`, 5, 10)))).toBeNull();
  expect(rateProblem([path('192.0.2.1', 5, 1)])).toBeNull();
});

it('refuses a flood, to one target and in all', () => {
  expect(rateProblem([path('192.0.2.1', 5, 1), path('192.0.2.1', 1, 1)])).toBe(
    '6 probes a second to 192.0.2.1; the limit is 5',
  );
  expect(rateProblem(Array.from({ length: 41 }, (_, i) => path(`192.0.2.${i}`, 5, 1)))).toBe(
    '205 probes a second in all; the limit is 200',
  );
  expect(rateProblem([path('192.0.2.1', 1, 0)])).toContain('no interval');
});
