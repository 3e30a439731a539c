import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Outcome } from '../probe.ts';
import { Stop } from '../stop.ts';
import { shotAt } from '../testing.ts';
import { type Looked, lookUntil } from './looks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ANSWER: Outcome = { error: null, answeredMs: 1 };
const GAVE_UP: Outcome = { error: null, answeredMs: null };

class CountedStop extends Stop {
  listeners = 0;
  override add(act: () => void): void {
    this.listeners++;
    super.add(act);
  }
  override delete(act: () => void): void {
    this.listeners--;
    super.delete(act);
  }
}

function looking(look: (at: number) => ReturnType<Looked['look']>, waitMs = 4000) {
  const stop = new CountedStop();
  const began = performance.now();
  const at: number[] = [];
  const outcome = lookUntil(shotAt('192.0.2.1', 9, { stop, waitMs }), {
    look() {
      at.push(performance.now() - began);
      return look(performance.now() - began);
    },
    begun: () => began,
    gaveUp: () => GAVE_UP,
  });
  return { stop, at, outcome };
}

it('looks ever more seldom until it is known', async () => {
  const { stop, at, outcome } = looking((now) => (now > 700 ? ANSWER : null));
  await vi.runAllTimersAsync();
  expect(await outcome).toEqual(ANSWER);
  expect(at[0]).toBeLessThanOrEqual(8);
  for (let i = 1; i < at.length; i++) expect(at[i]! - at[i - 1]!).toBeLessThanOrEqual(Math.max(10, at[i - 1]! / 4 + 5));
  expect(at.length).toBeLessThan(30);
  expect(stop.listeners).toBe(0);
});

it('ends when time is up, with a last look, and is never far from the three seconds in which ARP fails', async () => {
  const { stop, at, outcome } = looking(() => null);
  await vi.runAllTimersAsync();
  expect(await outcome).toEqual(GAVE_UP);
  expect(at.at(-1)).toBeGreaterThanOrEqual(3995);
  expect(at.find((one) => one >= 3000)).toBeLessThan(3110);
  expect(at.length).toBeLessThan(70);
  expect(stop.listeners).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('looks again soon where something is left', async () => {
  const { at, outcome } = looking((now) => (now < 2000 ? null : at.length < 100 ? 'more' : ANSWER));
  await vi.runAllTimersAsync();
  expect(await outcome).toEqual(ANSWER);
  expect(at.at(-1)! - at.at(-2)!).toBeLessThanOrEqual(10);
});

it.each(['before', 'meanwhile', 'within a look'])('ends when it is stopped %s', async (when) => {
  const stop = new CountedStop();
  let looks = 0;
  if (when === 'before') stop.stop();
  const outcome = lookUntil(shotAt('192.0.2.1', 9, { stop, waitMs: 4000 }), {
    look() {
      looks++;
      if (when === 'within a look') stop.stop();
      return null;
    },
    begun: () => 0,
    gaveUp: () => GAVE_UP,
  });
  if (when === 'meanwhile') stop.stop();
  expect(vi.getTimerCount()).toBe(when === 'within a look' ? 1 : 0);
  await vi.runAllTimersAsync();
  expect(await outcome).toEqual(GAVE_UP);
  expect(looks).toBe(when === 'within a look' ? 1 : 0);
});

it('tells what a look throws', async () => {
  const { stop, outcome } = looking(() => {
    throw new Error('wrong');
  });
  const told = expect(outcome).rejects.toThrow('wrong');
  await vi.runAllTimersAsync();
  await told;
  expect(stop.listeners).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
