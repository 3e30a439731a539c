import { expect, test } from 'vitest';
import { isInside } from './inside.ts';
import { shownText, titleText } from './text.ts';

test('control characters and bidirectional marks are seen, not obeyed', () => {
  expect(shownText('\u001b[31mred', 100)).toBe('␛[31mred');
  expect(shownText('abc\u202egnp.exe', 100)).toBe('abc<U+202E>gnp.exe');
  expect(titleText('a\u0000b')).toBe('a␀b');
});

test('hashes are cut in the middle, texts at their end, a megabyte costs no more than a line', () => {
  expect(shownText('0123456789abcdef0123456789abcdef', 9, 'tls.client.ja3')).toBe('0123…cdef');
  expect(shownText('a long text', 7, 'rule.name')).toBe('a long…');
  expect(shownText('\u001b'.repeat(1_000_000), 10)).toHaveLength(10);
});

test.each([
  ['192.168.1.4', true],
  ['10.255.0.1', true],
  ['172.31.0.1', true],
  ['172.32.0.1', false],
  ['100.64.3.2', true],
  ['8.8.8.8', false],
  ['fd12:3456::1', true],
  ['fe80::1', true],
  ['2001:db8::1', false],
  ['::1', true],
  ['fdx', false],
  ['<script>', false],
])('%s lies inside: %s', (address, inside) => expect(isInside(address)).toBe(inside));
