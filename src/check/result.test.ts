import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from './range.ts';
import {
  CRITICAL,
  judge,
  OK,
  perfText,
  render,
  UNKNOWN,
  WARNING,
  worst,
  type Perf,
  type Result,
  type State,
} from './result.ts';

/**
 * The guideline's grammar of performance data, written as a reader: labels with or without quotes, then value and unit, then up to four fields.
 * Gives null where the text is not of that form.
 */
function readPerf(text: string): { label: string; fields: string[] }[] | null {
  const found: { label: string; fields: string[] }[] = [];
  let rest = text;
  while (rest !== '') {
    let label: string;
    if (rest.startsWith("'")) {
      const end = rest.indexOf("'", 1);
      if (end === -1) return null;
      label = rest.slice(1, end);
      rest = rest.slice(end + 1);
    } else {
      const end = rest.indexOf('=');
      if (end === -1) return null;
      label = rest.slice(0, end);
      if (label.includes(' ')) return null;
      rest = rest.slice(end);
    }
    if (label === '' || label.includes('=') || !rest.startsWith('=')) return null;
    const blank = rest.indexOf(' ');
    const value = blank === -1 ? rest.slice(1) : rest.slice(1, blank);
    rest = blank === -1 ? '' : rest.slice(blank + 1);
    const fields = value.split(';');
    const number = /^-?\d+(\.\d+)?$/;
    const range = /^@?(~|-?\d+(\.\d+)?)?:?(-?\d+(\.\d+)?)?$/;
    if (fields.length > 5 || !(fields[0] === 'U' || /^-?\d+(\.\d+)?(s|%|B|c)?$/.test(fields[0]!))) return null;
    if (fields.slice(1, 3).some((it) => it !== '' && !range.test(it))) return null;
    if (fields.slice(3).some((it) => it !== '' && !number.test(it))) return null;
    found.push({ label, fields });
  }
  return found;
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('a|b', "it's=1", '\u001B[2J', 'line\nbreak', '\u202Eevil', '| x=1', ''),
);
const perf: fc.Arbitrary<Perf> = fc.record({
  label: hostile,
  value: fc.option(fc.double({ noNaN: false })),
  unit: fc.constantFrom('', 's', '%', 'B', 'c'),
  warning: fc.constantFrom(null, parseRange('10'), parseRange('@5:7'), parseRange('~:3.5')),
  critical: fc.constantFrom(null, parseRange('20:')),
  min: fc.constantFrom(0, undefined),
  max: fc.constantFrom(100, undefined),
});
const result: fc.Arbitrary<Result> = fc.record({
  state: fc.constantFrom<State>(OK, WARNING, CRITICAL, UNKNOWN),
  text: hostile,
  remedy: hostile,
  perf: fc.array(perf, { maxLength: 5 }),
  long: fc.array(hostile, { maxLength: 3 }),
});

describe('plugin output', () => {
  it('keeps the grammar of the guideline, whatever names and messages hold', () => {
    fc.assert(
      fc.property(result, fc.integer({ min: 0, max: 3 }), (given, verbose) => {
        const output = render('heartbeat', given, verbose);
        const [first, ...more] = output.split('\n');
        expect(more.pop()).toBe('');
        expect(more).toHaveLength(verbose > 1 ? given.long.length : 0);
        expect(first).toMatch(/^HEARTBEAT (OK|WARNING|CRITICAL|UNKNOWN) - /);
        const bars = first!.split('|');
        expect(bars.length).toBe(given.perf.length > 0 ? 2 : 1);
        expect(more.join('')).not.toContain('|');
        if (given.perf.length > 0) {
          const read = readPerf(bars[1]!.slice(1));
          expect(read).not.toBeNull();
          expect(read).toHaveLength(given.perf.length);
        }
        // Nothing that a terminal would obey.
        expect(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/.test(output)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is never longer than a pipe takes at once, and leaves out whole values and lines', () => {
    const given: Result = {
      state: OK,
      text: 'ü'.repeat(2000),
      perf: Array.from({ length: 1000 }, (_, i) => ({ label: `value ${i}`, value: i, unit: 's' })),
      long: Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(500)}`),
    };
    const full = render('all', given, 3);
    expect(Buffer.byteLength(full)).toBeLessThanOrEqual(8192);
    expect(readPerf(full.split('\n')[0]!.split('|')[1]!.slice(1))!.length).toBeGreaterThan(100);
    const lines = render('all', { ...given, perf: [] }, 2).split('\n');
    expect(lines.at(-2)).toMatch(/^\(\d+ lines more\)$/);
    expect(lines.slice(1, -2).every((line, i) => line === given.long[i])).toBe(true);
    expect(lines.length).toBeGreaterThan(10);
  });

  it.each([
    [
      { label: 'age', value: 12.3456, unit: 's', warning: parseRange('90'), critical: parseRange('180'), min: 0 },
      'age=12.346s;90;180;0',
    ],
    [{ label: 'drop rate', value: 0, unit: '%' }, "'drop rate'=0%"],
    [{ label: 'x', value: null, unit: 's', critical: parseRange('5') }, 'x=U;;5'],
    [{ label: "it's=", value: 1e300, unit: '' }, "'it_s_'=999999999999999999999".replaceAll("'", '')],
    [{ label: 'n', value: -2.5, unit: '', max: 9 }, 'n=-2.5;;;;9'],
  ] as [Perf, string][])('%j is %s', (given, text) => {
    expect(perfText(given)).toBe(text);
  });

  it('names the worst state', () => {
    expect(worst([])).toBe(OK);
    expect(worst([OK, UNKNOWN])).toBe(UNKNOWN);
    expect(worst([UNKNOWN, WARNING])).toBe(WARNING);
    expect(worst([WARNING, CRITICAL, UNKNOWN])).toBe(CRITICAL);
  });

  it('judges by the critical threshold first', () => {
    const limits = { warning: parseRange('10'), critical: parseRange('20') };
    expect([5, 15, 25, null].map((value) => judge(value, limits))).toEqual([OK, WARNING, CRITICAL, OK]);
    expect(judge(Infinity, { warning: parseRange('10'), critical: null })).toBe(WARNING);
  });
});
