import { expect, test } from 'vitest';
import { ago, bytes, duration, exact, rate, short } from './format.ts';

const plain = (text: string): string => text.replaceAll('\u202f', ' ');

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1 000'],
  [1234567, '1 234 567'],
])('%d is exactly %s', (value, text) => expect(plain(exact(value))).toBe(text));

test.each([
  [999, '999'],
  [999.6, '1000'],
  [1000, '1 k'],
  [12_345, '12.3 k'],
  [999_600, '1 M'],
  [1_234_567, '1.23 M'],
])('%d in three digits is %s', (value, text) => expect(plain(short(value))).toBe(text));

test('bytes are SI', () => {
  expect(plain(bytes(0))).toBe('0 B');
  expect(plain(bytes(1500))).toBe('1.5 kB');
  expect(plain(bytes(21_930_000_000))).toBe('21.9 GB');
});

test('lengths of time have at most two units', () => {
  expect(plain(duration(12))).toBe('12 ms');
  expect(plain(duration(3000))).toBe('3 s');
  expect(plain(duration(7_500_000))).toBe('2 h 5 min');
  expect(plain(duration(3_600_000))).toBe('1 h');
  expect(plain(duration(90 * 86_400_000))).toBe('90 d');
  expect(plain(ago(0, 240_000))).toBe('4 min ago');
  expect(plain(ago(3000, 0))).toBe('in 3 s');
  expect(rate(0.42)).toBe('0.42/s');
});
