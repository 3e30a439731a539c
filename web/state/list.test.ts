import { beforeEach, expect, test, vi } from 'vitest';
import type { EventRow } from '../../src/view/api.ts';
import { arrive, overflow, search, waiting } from './list.ts';

const row = (id: string, ts: number): EventRow => ({ id, ts });

beforeEach(() => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
  return () => vi.unstubAllGlobals();
});

test('history that is being read is no news for a list of the last minutes', () => {
  search({ q: '', from: 100, to: null, columns: [], sort: 'newest' });
  arrive([row('c', 120), row('b', 100), row('a', 99)]);
  expect(waiting.value.map(({ id }) => id)).toEqual(['c', 'b']);
  arrive([row('old', 50), row('older', 40)], true);
  expect([waiting.value.length, overflow.value]).toEqual([2, null]);
  // Behind rows of which some lie before the range there are only such.
  arrive([row('d', 130), row('older still', 30)], true);
  expect([waiting.value.length, overflow.value]).toEqual([3, null]);
  arrive([row('f', 150), row('e', 140)], true);
  expect(overflow.value).toBe('many');
});

test('a range with an end takes nothing behind it', () => {
  search({ q: '', from: null, to: 100, columns: [], sort: 'newest' });
  arrive([row('b', 100), row('a', 99)]);
  expect(waiting.value.map(({ id }) => id)).toEqual(['a']);
});
