import { expect, it } from 'vitest';
import { csvFor } from './csv.ts';

const HOSTILE = '\u001b]0;title\u0007,\u202ex';

it('shows a terminal visible symbols, and gives a program the text as it is', () => {
  expect(csvFor({ isTTY: true }).record([HOSTILE, 7, null])).toBe('"␛]0;title␇,<U+202E>x",7,\r\n');
  expect(csvFor({}).record([HOSTILE, 7, null])).toBe(`"${HOSTILE}",7,\r\n`);
});

it('heads the time as the page does', () => {
  for (const stream of [{ isTTY: true }, {}])
    expect(csvFor(stream).header(['@timestamp', 'a\u001b'])).toMatch(/^timestamp,a/);
  expect(csvFor({ isTTY: true }).header(['a\u001b'])).toBe('a␛\r\n');
});
