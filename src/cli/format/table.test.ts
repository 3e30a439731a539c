import { expect, it } from 'vitest';
import { jsonRow, safeJson } from './json.ts';
import { formatTable } from './table.ts';

it('aligns columns, numbers to the right', () => {
  expect(
    formatTable(
      ['name', 'n'],
      [
        ['a', 1],
        ['bbbb', 200],
        [null, null],
      ],
      null,
    ),
  ).toBe('name    n\n----  ---\na       1\nbbbb  200\n\n');
});

it('cuts the widest columns to the terminal', () => {
  const table = formatTable(['a', 'b'], [['x'.repeat(100), 'short']], 40);
  expect(table.split('\n').every((line) => line.length <= 40)).toBe(true);
  expect(table).toContain('…  short');
});

it('lets no control character, escape sequence or direction mark through', () => {
  const table = formatTable(['\u001b[31mx'], [['\u001b]0;title\u0007\r\n\u202eevil']], null);
  expect([...table].filter((c) => c !== '\n' && (c < ' ' || c === '\u007f' || c === '\u202e'))).toEqual([]);
});

it('writes names from input as plain keys', () => {
  expect(jsonRow(['__proto__', 'a'], ['x', null])).toBe('{"__proto__":"x","a":null}\n');
});

it('escapes in JSON what a terminal would obey, without changing its meaning', () => {
  const hostile = JSON.stringify({ a: 'x\u009b31m\u007f\u202e' });
  expect(safeJson(hostile)).toBe('{"a":"x\\u009b31m\\u007f\\u202e"}');
  expect(JSON.parse(safeJson(hostile))).toEqual(JSON.parse(hostile));
});
