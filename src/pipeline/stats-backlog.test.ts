import { expect, it } from 'vitest';
import { StatsBacklog } from './stats-backlog.ts';

const bytes = Buffer.from('aabbccdd');

it('lets through what comes at its own pace', () => {
  const backlog = new StatsBacklog();
  for (const now of [0, 1000, 2000]) expect(backlog.isHeldBack('s', bytes, 0, 2, now)).toBe(false);
  expect(backlog.release()).toEqual([]);
});

it('keeps of a backlog the newest line only, for each source', () => {
  const backlog = new StatsBacklog();
  expect(backlog.isHeldBack('s', bytes, 0, 2, 1000)).toBe(false);
  expect(backlog.isHeldBack('s', bytes, 2, 4, 1001)).toBe(true);
  expect(backlog.isHeldBack('t', bytes, 4, 6, 1001)).toBe(false);
  expect(backlog.isHeldBack('s', bytes, 6, 8, 1002)).toBe(true);
  expect(backlog.release().map(({ source, line, arrived }) => [source, line.toString(), arrived])).toEqual([
    ['s', 'dd', 1002],
  ]);
  expect(backlog.release()).toEqual([]);
});

it('forgets what waits when a newer line was looked at, and goes on after the clock was set back', () => {
  const backlog = new StatsBacklog();
  backlog.isHeldBack('s', bytes, 0, 2, 1000);
  expect(backlog.isHeldBack('s', bytes, 2, 4, 1010)).toBe(true);
  expect(backlog.isHeldBack('s', bytes, 4, 6, 1500)).toBe(false);
  expect(backlog.release()).toEqual([]);
  expect(backlog.isHeldBack('s', bytes, 6, 8, 400)).toBe(false);
});
