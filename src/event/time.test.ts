import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLocalInstant } from './local-time.ts';
import { formatInstant, parseInstant } from './time.ts';

const LIMIT = { interruptAfterTimeLimit: 3000, numRuns: 2000 };

test.each([
  ['2026-11-24T02:26:05.818575+0000', '2026-11-24T02:26:05.818575Z'],
  ['2026-11-24T02:26:05.818575+0100', '2026-11-24T01:26:05.818575Z'],
  ['2026-11-24T02:26:05.818575-0930', '2026-11-24T11:56:05.818575Z'],
  ['2026-11-24T02:26:05.818575+01:00', '2026-11-24T01:26:05.818575Z'],
  ['2026-11-24T02:26:05.818575+01', '2026-11-24T01:26:05.818575Z'],
  ['2026-11-24T02:26:05.818575Z', '2026-11-24T02:26:05.818575Z'],
  ['2026-11-24T02:26:05Z', '2026-11-24T02:26:05.000000Z'],
  ['2026-11-24 02:26:05.1Z', '2026-11-24T02:26:05.100000Z'],
  ['2026-11-24T02:26:05.123456789+0000', '2026-11-24T02:26:05.123456Z'],
  ['2026-11-24T02:26:05.12345678+0000', '2026-11-24T02:26:05.123456Z'],
  // Seven digits: Suricata prints a count of microseconds, here more than a second's worth.
  ['2023-12-08T01:42:11.1011041+0000', '2023-12-08T01:42:12.011041Z'],
  ['2024-02-29T23:59:60.5+0000', '2024-03-01T00:00:00.500000Z'],
  ['1970-01-01T00:00:00.000000+0000', '1970-01-01T00:00:00.000000Z'],
  ['1969-12-31T23:30:00.000000-0100', '1970-01-01T00:30:00.000000Z'],
  ['2199-12-31T23:59:59.999999+0000', '2199-12-31T23:59:59.999999Z'],
])('%s is %s', (text, instant) => {
  expect(formatInstant(parseInstant(text))).toBe(instant);
});

test.each([
  '',
  '2026-11-24',
  '2026-11-24T02:26:05',
  '2026-11-24T02:26:05.818575',
  '2026-13-24T02:26:05.8+0000',
  '2026-00-24T02:26:05.8+0000',
  '2026-11-31T02:26:05.8+0000',
  '2023-02-29T02:26:05.8+0000',
  '2100-02-29T00:00:00.8+0000',
  '2026-11-24T24:00:00.8+0000',
  '2026-11-24T02:60:05.8+0000',
  '2026-11-24T02:26:61.8+0000',
  '2026-11-24T02:26:05.+0000',
  '2026-11-24T02:26:05.1234567890+0000',
  '2026-11-24T02:26:05.8+2400',
  '2026-11-24T02:26:05.8+0060',
  '2026-11-24T02:26:05.8 0000',
  '2026-11-24T02:26:05.8+0000 ',
  '2026-11-24T02:26:05.8+000',
  '2026-11-24T02:26:05.8Zx',
  '1969-12-31T23:59:59.9+0000',
  '1970-01-01T00:00:00.0+0001',
  '0000-00-00T00:00:00.0+0000',
  '9999-12-31T23:59:59.9+0000',
  '2200-01-01T00:00:00.0+0000',
  '+026-11-24T02:26:05.8+0000',
  '2026-11-24T02-26-05.8+0000',
  '2026/11/24T02:26:05.8+0000',
  '٢026-11-24T02:26:05.8+0000',
  '2026-11-24T02:26:05.8\u0000+0000',
])('%j is no instant', (text) => {
  expect(parseInstant(text)).toBeNaN();
  // Once more behind a good one of the same minute: what is remembered must not help it.
  parseInstant('2026-11-24T02:26:05.818575+0000');
  expect(parseInstant(text)).toBeNaN();
});

test('agrees with Date for every instant and zone, whatever came before', () => {
  const micros = fc.integer({ min: 86_400_000_000, max: Date.UTC(2199, 11, 30) * 1000 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(micros, fc.integer({ min: -1439, max: 1439 })), { minLength: 1, maxLength: 4 }),
      (instants) => {
        for (const [instant, zone] of instants) {
          const local = formatInstant(instant + zone * 60_000_000).slice(0, -1);
          const text = `${local}${zone < 0 ? '-' : '+'}${String(Math.trunc(Math.abs(zone) / 60)).padStart(2, '0')}${String(Math.abs(zone) % 60).padStart(2, '0')}`;
          expect(parseInstant(text)).toBe(instant);
          expect(Date.parse(formatInstant(instant))).toBe(Math.floor(instant / 1000));
        }
      },
    ),
    LIMIT,
  );
});

test('never throws, and gives an instant in range or NaN', () => {
  const piece = fc.constantFrom(
    '2026-11-24T02:26:05',
    '.818575',
    '+0000',
    'Z',
    '-',
    ':',
    '0',
    '9',
    'T',
    ' ',
    '\ud800',
    'x',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      for (const value of [parseInstant(text), parseLocalInstant(text)])
        expect(Number.isNaN(value) || Number.isSafeInteger(value)).toBe(true);
    }),
    LIMIT,
  );
});

test.each([
  ['11/24/2026-02:26:05.818575', [2026, 10, 24, 2, 26, 5], 818575],
  ['11/24/26-02:26:05.818575', [2026, 10, 24, 2, 26, 5], 818575],
  ['01/02/1999-23:59:60.000001', [1999, 0, 2, 23, 59, 60], 1],
  ['01/02/99-00:00:00', [1999, 0, 2, 0, 0, 0], 0],
] as const)('%s is read in the local zone', (text, parts, micros) => {
  expect(parseLocalInstant(text)).toBe(new Date(...(parts as unknown as [number, number])).getTime() * 1000 + micros);
});

test.each([
  '',
  '11/24-02:26:05.818575',
  '13/24/2026-02:26:05.8',
  '11/31/2026-02:26:05.8',
  '11/24/2026-24:26:05.8',
  '11/24/2026-02:26:05.',
  '11/24/2026-02:26:05.8x',
  '11/24/226-02:26:05.8',
])('%j is no local time', (text) => {
  expect(parseLocalInstant(text)).toBeNaN();
});
