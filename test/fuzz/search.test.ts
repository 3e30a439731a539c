import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { VardeError } from '../../src/base/errors.ts';
import { type JsonObject, bareObject } from '../../src/event/json.ts';
import { addFilter } from '../../src/search/add-filter.ts';
import { completeQuery } from '../../src/search/complete.ts';
import { compileQuery } from '../../src/search/evaluate.ts';
import { FIELD_NAMES } from '../../src/search/fields.ts';
import { parseQuery } from '../../src/search/grammar.ts';
import { printQuery } from '../../src/search/print.ts';
import { planQuery } from '../../src/store/duckdb/questions/plan.ts';

/** Seconds per test; CI takes 20, longer by hand. */
const SECS = Number(process.env['FUZZ_SECS'] ?? (process.env['CI'] === 'true' ? 20 : 5));

/** Pieces that the language knows, so that random texts reach its corners. */
const PIECE = fc.oneof(
  fc.constantFrom(
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '"',
    '\\',
    ':',
    '*',
    '?',
    '-',
    ' ',
    ' AND ',
    ' OR ',
    ' NOT ',
    ' TO ',
    '>',
    '>=',
    '<',
    '<=',
    '/8',
    '::',
    '\u0000',
    '\ud800',
    '\u2028',
  ),
  fc.constantFrom(...FIELD_NAMES.map((name) => `${name}:`)),
  fc.constantFrom(
    '10.0.0.0/8',
    '2001:db8::/32',
    '2026-11-24',
    '18446744073709551616',
    '-1.5',
    'http://x',
    '__proto__:',
    'constructor.prototype:',
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const EXPRESSION = fc.oneof(
  fc.array(PIECE, { maxLength: 40 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

const document: JsonObject = Object.assign(bareObject(), {
  event: Object.assign(bareObject(), { action: 'dns' }),
  tags: ['a', [1n, null]],
});

/** Lets only our own complaints about an expression pass. */
function ours(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof VardeError) || error.code !== 'query_syntax') throw error;
    const { position, length, hint } = error.details;
    if (
      typeof position !== 'number' ||
      typeof length !== 'number' ||
      position < 0 ||
      length < 0 ||
      typeof hint !== 'string'
    )
      throw new Error(`no place in ${error.message}`, { cause: error });
  }
}

function check(
  property: fc.IProperty<[string]> | fc.IProperty<[string, number]> | fc.IProperty<[string, string, string, boolean]>,
): void {
  fc.assert(property as fc.IProperty<unknown[]>, { interruptAfterTimeLimit: SECS * 1000, numRuns: 10_000_000 });
}

describe('the search language under random input', () => {
  it(
    'reads, prints, plans and evaluates, or complains in its own words',
    () => {
      check(
        fc.property(EXPRESSION, (text) =>
          ours(() => {
            const { query } = parseQuery(text);
            const printed = printQuery(query);
            if (JSON.stringify(parseQuery(printed).query) !== JSON.stringify(query))
              throw new Error(`${printed} means something else`);
            compileQuery(query)(document, text);
            const plan = planQuery(text);
            for (const piece of [plan.sure, plan.open]) {
              const places = piece.text.replace(/'\\\\'|'\\\\u'|'suricata\.eve'/g, '').split('?').length - 1;
              if (places !== piece.values.length) throw new Error(`bound values do not fit: ${piece.text}`);
            }
          }),
        ),
      );
    },
    SECS * 1000 + 20_000,
  );

  it(
    'completes anything at any place',
    () => {
      check(
        fc.property(EXPRESSION, fc.integer({ min: -5, max: 300 }), (text, cursor) => {
          const completion = completeQuery(text, cursor);
          if (completion.from > completion.to || completion.from < 0 || completion.to > text.length)
            throw new Error('outside of the expression');
        }),
      );
    },
    SECS * 1000 + 20_000,
  );

  it(
    'adds filters whose result it reads',
    () => {
      check(
        fc.property(
          EXPRESSION,
          fc.string({ minLength: 1, unit: 'binary' }),
          fc.string({ unit: 'binary' }),
          fc.boolean(),
          (text, field, value, exclude) => {
            ours(() => void parseQuery(addFilter(text, `suricata.eve.${field}`, value, exclude)));
          },
        ),
      );
    },
    SECS * 1000 + 20_000,
  );

  it('is quick with the longest expressions', () => {
    for (const long of [
      '('.repeat(10_000),
      'a '.repeat(5000),
      '"'.repeat(10_000),
      '\\'.repeat(10_000),
      'a:'.repeat(5000),
      '*?'.repeat(5000),
      '- '.repeat(5000),
      'NOT '.repeat(2500),
      'x:[* TO '.repeat(1200),
    ]) {
      ours(() => void compileQuery(parseQuery(long).query)(document, long.repeat(20)));
      completeQuery(long, long.length);
    }
  });
});
