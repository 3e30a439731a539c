import { expect, test } from 'vitest';
import { boundsOf, isoOf, isOpen, microsOf, widened } from './range.ts';

const NOON = Date.UTC(2026, 10, 24, 12) * 1000;

test('relative ranges count back from now and stay open', () => {
  expect(boundsOf({ kind: 'last', text: '5m' }, NOON)).toEqual({ from: NOON - 300e6, to: null });
  expect(boundsOf({ kind: 'all' }, NOON)).toEqual({ from: null, to: null });
  expect(isOpen({ kind: 'span', from: 1, to: null })).toBe(true);
  expect(isOpen({ kind: 'span', from: 1, to: 2 })).toBe(false);
});

test('zooming out triples the range around its middle, and never reaches into the future', () => {
  expect(widened({ kind: 'span', from: NOON - 400e6, to: NOON - 300e6 }, NOON)).toEqual({
    kind: 'span',
    from: NOON - 500e6,
    to: NOON - 200e6,
  });
  expect(widened({ kind: 'last', text: '1h' }, NOON)).toEqual({ kind: 'span', from: NOON - 7200e6, to: null });
  expect(widened({ kind: 'all' }, NOON)).toEqual({ kind: 'all' });
});

test('points in time keep their microseconds in text', () => {
  expect(isoOf(NOON + 123)).toBe('2026-11-24T12:00:00.000123Z');
  expect(microsOf('2026-11-24T12:00:00.000123Z')).toBe(NOON + 123);
  expect(isoOf(NOON)).toBe('2026-11-24T12:00:00Z');
  expect(microsOf(String(NOON))).toBe(NOON);
  expect(microsOf('2026-11-24')).toBeNull();
});
