import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alerts, horizon, parseRange } from './range.ts';

/**
 * The guideline's words, read a second time in another way: split at the colon, each end to a number, then counted by hand whether the value
 * lies before, within or behind.
 */
function guideline(text: string, value: number): boolean {
  let body = text;
  let invert = false;
  if (body[0] === '@') {
    invert = true;
    body = body.substring(1);
  }
  const pieces = body.split(':');
  const [low, high] = pieces.length === 1 ? ['0', pieces[0]!] : [pieces[0]!, pieces[1]!];
  const before = low === '~' ? false : value < parseFloat(low === '' ? '0' : low);
  const behind = high === '' ? false : value > parseFloat(high);
  const outside = before || behind;
  return invert ? !outside : outside;
}

const number = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 0, max: 999 })).map(([a, b]) => `${a}.${b}`),
);
const rangeText = fc
  .tuple(
    fc.constantFrom('', '@'),
    fc.oneof(
      number,
      number.map((n) => `${n}:`),
      number.map((n) => `~:${n}`),
      fc.constant('~:'),
      fc.tuple(number, number).map(([a, b]) => `${a}:${b}`),
      number.map((n) => `:${n}`),
    ),
  )
  .map(([at, body]) => at + body);

describe('range', () => {
  it.each([
    ['10', -1, true],
    ['10', 0, false],
    ['10', 10, false],
    ['10', 10.01, true],
    ['10:', 9.99, true],
    ['10:', 1e9, false],
    ['~:10', -1e9, false],
    ['~:10', 11, true],
    ['10:20', 9, true],
    ['10:20', 20, false],
    ['10:20', 21, true],
    ['@10:20', 10, true],
    ['@10:20', 20, true],
    ['@10:20', 21, false],
    ['-5:5', -6, true],
    ['~:', 7, false],
    ['@~:', 7, true],
  ])('%s at %d alerts: %s', (text, value, expected) => {
    expect(alerts(parseRange(text)!, value)).toBe(expected);
  });

  it.each([
    '',
    ':',
    '@',
    '@:',
    'x',
    '10:x',
    '20:10',
    '10:20:30',
    '1e3',
    '~',
    '5:~',
    ' 5',
    '5 ',
    '--5',
    '0x10',
    '١٠',
    '-1',
    '10%',
  ])('refuses %j', (text) => {
    expect(parseRange(text)).toBeNull();
  });

  it('agrees with a second reading of the guideline', () => {
    fc.assert(
      fc.property(
        rangeText,
        fc.oneof(fc.integer({ min: -1100, max: 1100 }), fc.double({ min: -1100, max: 1100, noNaN: true })),
        (text, value) => {
          const range = parseRange(text);
          // Only ranges that end before they begin are refused, and "10" begins at 0.
          if (range === null) {
            const [low = '', high = ''] = text.replace('@', '').includes(':')
              ? text.replace('@', '').split(':')
              : ['0', text.replace('@', '')];
            expect(parseFloat(low === '' ? '0' : low)).toBeGreaterThan(parseFloat(high));
            return;
          }
          expect(alerts(range, value)).toBe(guideline(text, value));
          expect(range.text).toBe(text);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('never throws, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseRange(text);
      }),
    );
    expect(parseRange('9'.repeat(1e6))).toBeNull();
  });

  it('knows how far it matters', () => {
    expect(horizon(parseRange('90'), parseRange('180'))).toBe(180);
    expect(horizon(parseRange('10:'), null)).toBe(10);
    expect(horizon(null, parseRange('~:'))).toBeNull();
  });
});
