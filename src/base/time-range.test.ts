import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VardeError } from './errors.ts';
import { parseTime, parseTimeRange } from './time-range.ts';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const http = { now: NOW, name: 'from', code: 'bad_request', numbers: 'microseconds' } as const;
const shell = { now: NOW, name: '--since', code: 'usage', numbers: 'by_size' } as const;
const us = (iso: string) => Date.parse(iso) * 1000;

describe('parseTime', () => {
  it.each([
    ['now', NOW * 1000],
    ['5m', us('2026-11-24T11:55:00Z')],
    ['1h', us('2026-11-24T11:00:00Z')],
    ['-24h', us('2026-11-23T12:00:00Z')],
    ['7d', us('2026-11-17T12:00:00Z')],
    ['2w', us('2026-11-10T12:00:00Z')],
    ['1h30m', us('2026-11-24T10:30:00Z')],
    ['2026-11-24T18:30:00Z', us('2026-11-24T18:30:00Z')],
    ['2026-11-24T18:30Z', us('2026-11-24T18:30:00Z')],
    ['2026-11-24T18:30:00.123456Z', us('2026-11-24T18:30:00Z') + 123_456],
    ['2026-11-24T18:30:00,5+01:00', us('2026-11-24T17:30:00.5Z')],
    ['2026-11-24T18:30:00.123456+0130', us('2026-11-24T17:00:00Z') + 123_456],
    ['2026-11-24 18:30:00 -05', us('2026-11-24T23:30:00Z')],
    ['2024-02-29T24:00:00Z', us('2024-03-01T00:00:00Z')],
    ['2016-12-31T23:59:60Z', us('2017-01-01T00:00:00Z')],
    ['2026-11-24', new Date(2026, 10, 24).getTime() * 1000],
    ['2026-11-24T18:30:00', new Date(2026, 10, 24, 18, 30).getTime() * 1000],
  ])('reads %s', (text, expected) => {
    expect(parseTime(text, http)).toBe(expected);
    expect(parseTime(` ${text} `, shell)).toBe(expected);
  });

  it('takes numbers as microseconds over HTTP, whatever their size', () => {
    expect(parseTime('0', http)).toBe(0);
    expect(parseTime('1795545280', http)).toBe(1795545280);
    expect(parseTime('-5', http)).toBe(-5);
  });

  it('tells the unit by its size on the command line', () => {
    const expected = us('2026-11-24T12:00:00Z');
    expect(parseTime(String(expected), shell)).toBe(expected);
    expect(parseTime(String(expected / 1e3), shell)).toBe(expected);
    expect(parseTime(String(expected / 1e6), shell)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '5 m',
    '5x',
    'm',
    '2026-13-01',
    '2026-02-29',
    '2026-11-24T25:00',
    '2026-11-24T24:01',
    '1e5',
    '2026-11-24T10:00+24:00',
  ])('refuses %j and names the parameter', (text) => {
    const error = failure(() => parseTime(text, http));
    expect(error.code).toBe('bad_request');
    expect(error.details).toEqual({ parameter: 'from' });
    expect(error.message).toContain('from: ');
    expect(error.message).toContain('24h');
  });

  it('tells about the plus in a web address', () => {
    expect(failure(() => parseTime('2026-11-24T18:30:00 01:00', http)).message).toContain('%2B');
  });

  it('refuses what microseconds cannot hold', () => {
    expect(failure(() => parseTime('99999999999999999999', http)).message).toContain('too far');
    expect(failure(() => parseTime('999999999w', http)).message).toContain('too far');
  });

  it('answers any text with a safe integer or our error', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[-0-9smhdwTZ:+. ]{0,40}$/));
    fc.assert(
      fc.property(text, (given) => {
        try {
          expect(Number.isSafeInteger(parseTime(given, shell))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(VardeError);
        }
      }),
      { interruptAfterTimeLimit: 2000 },
    );
  });
});

describe('parseTimeRange', () => {
  const options = { ...http, names: { from: 'from', to: 'to' } };
  it('leaves absent ends open', () => {
    expect(parseTimeRange(null, undefined, options)).toEqual({ from: null, to: null });
    expect(parseTimeRange('', '1h', options)).toEqual({ from: null, to: us('2026-11-24T11:00:00Z') });
  });
  it('refuses an end before its start', () => {
    expect(failure(() => parseTimeRange('1h', '2h', options)).message).toContain('ends before it starts');
  });
});

function failure(run: () => unknown): VardeError {
  try {
    run();
  } catch (error) {
    if (error instanceof VardeError) return error;
    throw error;
  }
  throw new Error('expected an error');
}
