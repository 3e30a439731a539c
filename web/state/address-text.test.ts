import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Address, chartName, formatAddress, parseAddress } from './address-text.ts';

const parse = (text: string): Address => parseAddress(new URL(text, 'http://station'));

test('every state of the page survives the address bar', () => {
  fc.assert(
    fc.property(
      fc.record({
        page: fc.constantFrom('overview' as const, 'events' as const),
        q: fc.string({ unit: 'grapheme' }),
        range: fc.oneof(
          fc.constant({ kind: 'all' as const }),
          fc.constantFrom('5m', '24h', '30d').map((text) => ({ kind: 'last' as const, text })),
          fc.record({
            kind: fc.constant('span' as const),
            from: fc.integer({ min: 0, max: 4e15 }),
            to: fc.option(fc.integer({ min: 0, max: 4e15 })),
          }),
        ),
        id: fc.option(fc.stringMatching(/^[\w.-]{1,40}$/)),
        live: fc.boolean(),
        tables: fc.array(fc.string({ minLength: 1 }).map(chartName), { maxLength: 3 }),
        refused: fc.option(fc.record({ code: fc.string(), source: fc.string({ unit: 'grapheme' }) })),
        offset: fc.integer({ min: 0, max: 1e6 }),
      }),
      ({ page, q, range, id, live, tables, refused, offset }) => {
        const given: Address = {
          page,
          view: page === 'overview' ? 'quarantine' : '',
          q,
          range,
          columns: ['time', 'rule.id'],
          id,
          tab: '',
          sort: 'newest',
          live,
          tables,
          refused,
          offset,
        };
        const expected =
          page === 'events'
            ? { ...given, refused: null, offset: 0 }
            : { ...given, columns: null, id: null, live: false };
        expect(parse(formatAddress(given))).toEqual(expected);
      },
    ),
    { interruptAfterTimeLimit: 5000, numRuns: 300 },
  );
});

test('an address that nobody wrote still shows something', () => {
  expect(parse('/')).toMatchObject({ page: 'overview', q: '', range: { kind: 'last', text: '24h' } });
  expect(parse('/events?last=forever&from=yesterday&columns=,,&id=')).toMatchObject({
    page: 'events',
    range: { kind: 'last', text: '24h' },
    columns: [],
  });
});

test('an unfolded sensor stands in the address', () => {
  const to = parseAddress(new URL('http://v/sensors?view=attic&tab=attic/icmp&range=1h'));
  expect([to.page, to.view, to.tab]).toEqual(['sensors', 'attic', 'attic/icmp']);
  expect(parseAddress(new URL(`http://v${formatAddress(to)}`))).toEqual(to);
  expect(formatAddress({ ...to, page: 'overview' })).not.toContain('tab');
});
