import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { gridOf, Slots } from './slots.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('does together what is due together, in order, and near its time', () => {
  const slots = new Slots();
  const done: [string, number][] = [];
  const began = performance.now();
  const note = (what: string) => (): void => void done.push([what, performance.now() - began]);
  slots.later(100, note('a'), 50);
  slots.later(90, note('b'), 50);
  slots.later(1000, note('c'), 50);
  slots.later(0, note('d'));
  expect(vi.getTimerCount()).toBe(3);
  vi.runAllTimers();
  expect(done.map(([what]) => what)).toEqual(['d', 'a', 'b', 'c']);
  expect(done[0]![1]).toBeLessThanOrEqual(5);
  for (const [what, at] of [
    ['a', 100],
    ['c', 1000],
  ] as const)
    expect(Math.abs(done.find(([one]) => one === what)![1] - at)).toBeLessThanOrEqual(26);
});

it('takes back one of them, or all', () => {
  const slots = new Slots();
  const done: string[] = [];
  const act = (): void => void done.push('x');
  const first = slots.later(10, act);
  slots.later(10, act);
  first();
  first();
  vi.runAllTimers();
  expect(done).toEqual(['x']);
  slots.later(10, act)();
  expect(vi.getTimerCount()).toBe(0);
  slots.later(10, act);
  slots.clear();
  vi.runAllTimers();
  expect(done).toEqual(['x']);
});

it('may be asked for more, or less, by what is done', () => {
  const slots = new Slots();
  const done: string[] = [];
  let second = (): void => undefined;
  slots.later(10, () => {
    done.push('first');
    second();
    slots.later(0, () => done.push('third'));
  });
  second = slots.later(10, () => done.push('second'));
  vi.runAllTimers();
  expect(done).toEqual(['first', 'third']);
});

it('does the rest although one of them throws, which is told as for any timer', () => {
  const slots = new Slots();
  const done: string[] = [];
  slots.later(10, () => {
    throw new Error('wrong');
  });
  slots.later(10, () => done.push('second'));
  expect(() => vi.runAllTimers()).toThrow('wrong');
  expect(done).toEqual(['second']);
});

it('keeps the pace of a chain: at most half a percent of its interval, and 50 ms', () => {
  expect([1, 2, 5, 10, 60].map(gridOf)).toEqual([5, 10, 25, 50, 50]);
});
