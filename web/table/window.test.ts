import { expect, test } from 'vitest';
import { rowWindow, scrollTo } from './window.ts';

test('of a hundred thousand rows only those in sight exist, and a few around them', () => {
  const { first, end } = rowWindow(1_400_000, 560, 28, 100_000);
  expect(first).toBeLessThanOrEqual(50_000);
  expect(end).toBeGreaterThanOrEqual(50_020);
  expect(end - first).toBeLessThan(60);
  expect(rowWindow(0, 560, 28, 3)).toEqual({ first: 0, end: 3 });
  expect(rowWindow(99_999_999, 560, 28, 10)).toMatchObject({ end: 10 });
});

test('the cursor scrolls the list no further than it must', () => {
  expect(scrollTo(0, 280, 560, 28)).toBe(0);
  expect(scrollTo(12, 280, 560, 28)).toBeNull();
  expect(scrollTo(30, 280, 560, 28)).toBe(308);
});
