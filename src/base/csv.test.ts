import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, csvRecord } from './csv.ts';

/** A reader after RFC 4180, written apart from the writer. */
function readRecord(text: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let cell = '';
    if (text[at] === '"') {
      at++;
      while (!(text[at] === '"' && text[at + 1] !== '"')) {
        if (text[at] === '"') at++;
        cell += text[at++];
      }
      at++;
    } else {
      while (text[at] !== ',' && !text.startsWith('\r\n', at)) cell += text[at++];
    }
    cells.push(cell);
    if (text.startsWith('\r\n', at)) return cells;
    at++;
  }
}

describe('csvCell', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+cmd|x', "'+cmd|x"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', `"'\t=1"`],
    ['\r=1', `"'\r=1"`],
    ['\uFF1D1', "'\uFF1D1"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ])('defuses %j', (given, expected) => expect(csvCell(given)).toBe(expected));

  it.each([
    [-5, '-5'],
    ['-5', '-5'],
    ['-5.25', '-5.25'],
    ['18446744073709551615', '18446744073709551615'],
    [null, ''],
    [undefined, ''],
    [true, 'true'],
    ['a;b', '"a;b"'],
    ['say "hi"', '"say ""hi"""'],
  ])('keeps %j', (given, expected) => expect(csvCell(given)).toBe(expected));
});

it('writes big integers in full', () => expect(csvCell(18446744073709551615n)).toBe('18446744073709551615'));

describe('csvRecord', () => {
  it('writes no empty line', () => expect(csvRecord([''])).toBe('""\r\n'));

  it('is read back as written, and no cell starts a formula', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('=1', '-1', '+x', '@', '\t', '\r\n', '"', "'", ','),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
        const back = readRecord(csvRecord(cells));
        expect(back.map((text, i) => (text === `'${cells[i]}` ? cells[i] : text))).toEqual(cells);
        for (const text of back) expect(text).not.toMatch(/^(?!-\d+(?:\.\d+)?$)[=+\-@\t\r\n]/);
      }),
      { interruptAfterTimeLimit: 2000 },
    );
  });
});
