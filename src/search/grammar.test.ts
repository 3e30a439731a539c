import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VardeError } from '../base/errors.ts';
import type { Query, Test } from './ast.ts';
import { parseQuery } from './grammar.ts';
import { printQuery } from './print.ts';

const parse = (text: string): Query => parseQuery(text).query;
const field = (name: string, test: Test): Query => ({ type: 'field', field: name, test });
const is = (name: string, value: string): Query => field(name, { op: 'is', value });
const text = (pattern: string): Query => ({ type: 'text', pattern });
const not = (node: Query): Query => ({ type: 'not', node });

function failure(expression: string): { message: string; position: number; hint: string } {
  try {
    parseQuery(expression);
  } catch (error) {
    if (!(error instanceof VardeError)) throw error;
    expect(error.code).toBe('query_syntax');
    return { message: error.message, position: Number(error.details['position']), hint: String(error.details['hint']) };
  }
  throw new Error(`${expression} was accepted`);
}

describe('search grammar', () => {
  const readings: [string, Query][] = [
    ['', { type: 'all' }],
    ['  ', { type: 'all' }],
    ['*', { type: 'all' }],
    ['evil', text('evil')],
    ['"two words"', text('two words')],
    ['*evil*', text('evil')],
    ['e*l', text('e*l')],
    ['a b', { type: 'and', nodes: [text('a'), text('b')] }],
    ['a AND b OR c', { type: 'or', nodes: [{ type: 'and', nodes: [text('a'), text('b')] }, text('c')] }],
    ['a (b OR c)', { type: 'and', nodes: [text('a'), { type: 'or', nodes: [text('b'), text('c')] }] }],
    ['-proto:udp', not(is('proto', 'udp'))],
    ['NOT (a OR b)', not({ type: 'or', nodes: [text('a'), text('b')] })],
    ['sid:2000001', is('sid', '2000001')],
    ['sid:*', field('sid', { op: 'exists' })],
    ['host:*.example', field('host', { op: 'like', pattern: '*.example' })],
    ['user_agent.original:"a*b"', is('user_agent.original', 'a*b')],
    ['url:a\\*b', is('url', 'a*b')],
    ['dest_port:>1023', field('dest_port', { op: 'compare', comparison: '>', value: '1023' })],
    ['dest_port:<=80', field('dest_port', { op: 'compare', comparison: '<=', value: '80' })],
    [
      'source.bytes:[1000 TO 5000}',
      field('source.bytes', { op: 'range', from: '1000', to: '5000', includeFrom: true, includeTo: false }),
    ],
    [
      'source.bytes:{1 TO *]',
      field('source.bytes', { op: 'range', from: '1', to: null, includeFrom: false, includeTo: true }),
    ],
    ['source.ip:10.0.0.0/8', field('source.ip', { op: 'network', value: '10.0.0.0/8' })],
    ['source.ip:2001:db8::/32', field('source.ip', { op: 'network', value: '2001:db8::/32' })],
    ['source.ip:2001:db8::1', is('source.ip', '2001:db8::1')],
    ['proto:(tcp OR udp)', { type: 'or', nodes: [is('proto', 'tcp'), is('proto', 'udp')] }],
    [
      'sid:(-1 OR >5)',
      { type: 'or', nodes: [not(is('sid', '1')), field('sid', { op: 'compare', comparison: '>', value: '5' })] },
    ],
    ['suricata.eve.temp:-5', is('suricata.eve.temp', '-5')],
    // Colons that make no field.
    ['fe80::1', text('fe80::1')],
    ['00:11:22:aa:bb:cc', text('00:11:22:aa:bb:cc')],
    ['http://example/x', text('http://example/x')],
    ['10.0.0.1:80', text('10.0.0.1:80')],
    // A backslash in front makes one.
    ['\\http://x*', field('http', { op: 'like', pattern: '//x*' })],
    ['\\ab:1::2', is('ab', '1::2')],
    ['and', text('and')],
    [
      '@timestamp:>2026-11-24T10:00',
      field('@timestamp', { op: 'compare', comparison: '>', value: '2026-11-24T10:00' }),
    ],
  ];
  it.each(readings)('reads %s', (expression, query) => {
    expect(parse(expression)).toEqual(query);
    expect(parse(printQuery(query))).toEqual(query);
  });

  const failures: [string, number, RegExp][] = [
    ['(a', 0, /without a closing/],
    ['a)', 1, /without an opening/],
    ['()', 0, /Nothing between/],
    ['a AND', 2, /AND needs a term behind/],
    ['AND a', 0, /AND needs a term before/],
    ['a OR AND b', 2, /OR needs a term behind/],
    ['NOT', 0, /NOT needs a term/],
    ['a - b', 2, /lone minus/],
    ['sid:', 0, /No value for sid/],
    ['sid: 5', 0, /No value for sid/],
    ['sid:>', 0, /No value behind >/],
    ['a [b', 2, /Unexpected character \[/],
    ['"open', 0, /without its partner/],
    ['a\u0001b', 1, /Unexpected character U\+0001/],
    ['sid:[1 TO', 4, /range is not complete/],
    ['sid:[1 5]', 4, /range is not complete/],
    ['dest_port:http', 10, /The field destination.port holds numbers/],
    ['source.ip:10.0.0.0/33', 10, /\/0 to \/32/],
    ['source.ip:[10.0.0.1 TO ::1]', 10, /one family/],
    ['@timestamp:>yesterday', 11, /2026-11-24T10:00:00Z/],
    ['('.repeat(101) + 'a' + ')'.repeat(101), 100, /Too many levels/],
    ['a'.repeat(10_001), 10_000, /too long/],
    ['a '.repeat(501), 1000, /Too many terms/],
  ];
  it.each(failures.map((f) => [f[0].slice(0, 30), ...f] as const))('refuses %s', (_, expression, position, message) => {
    const found = failure(expression);
    expect(found.message).toMatch(message);
    expect(found.position).toBe(position);
    expect(found.hint).not.toBe('');
  });

  it('hints at a better field name and at operators in lower case', () => {
    expect(parseQuery('destination.prot:80').hints[0]).toMatchObject({
      position: 0,
      length: 16,
      message: expect.stringContaining('destination.port'),
    });
    expect(parseQuery('a and b').hints[0]?.message).toContain('AND');
    expect(parseQuery('dest_port>80').hints[0]?.message).toContain('dest_port:>');
    expect(parseQuery('dest_port:80 suricata.eve.x:1 dns.opcode:0').hints).toEqual([]);
  });

  it('prints what it reads: every tree comes back', () => {
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        // The printed form is read, printed and read again: the tree that the grammar makes must be stable.
        const once = parse(printQuery(query));
        expect(parse(printQuery(once))).toEqual(once);
        expect(once).toEqual(normal(query));
      }),
      { interruptAfterTimeLimit: 3000, numRuns: 2000 },
    );
  });
});

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('AND', 'TO', '*', '10.0.0.0/8', 'a b', '//x', '-1', '"', '\\', '\ud800'),
);
const name = fc.oneof(
  fc.constantFrom('url.path', 'rule.name', 'suricata.eve.x', 'dns.opcode'),
  fc.string({ minLength: 1 }).map((s) => `suricata.eve.${s}`),
);
const pattern = fc
  .array(
    fc.oneof(
      fc.constantFrom('*', '?', '\\*', '\\?', '\\\\'),
      fc.string({ unit: 'binary-ascii' }).map((s) => s.replace(/[\\*?]/g, '')),
    ),
  )
  .map((parts) => parts.join(''));
const test: fc.Arbitrary<Test> = fc.oneof(
  fc.constant<Test>({ op: 'exists' }),
  value.map((v): Test => ({ op: 'is', value: v })),
  pattern
    .filter((p) => /(?:^|[^\\])[*?]/.test(p.replaceAll('\\\\', 'x')) && !/^\*+$/.test(p))
    .map((p): Test => ({ op: 'like', pattern: p })),
  fc
    .record({ comparison: fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const), value })
    .map((v): Test => ({ op: 'compare', ...v })),
  fc
    .record({ from: value, to: value, includeFrom: fc.boolean(), includeTo: fc.boolean() })
    .map((v): Test => ({ op: 'range', ...v })),
);
const { query: arbitraryQuery } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    pattern.map((p): Query => text(p)),
    fc.record({ name, test }).map((v): Query => field(v.name, v.test)),
    tie('query').map(not),
    fc.array(tie('query'), { minLength: 2, maxLength: 3 }).map((nodes): Query => ({ type: 'and', nodes })),
    fc.array(tie('query'), { minLength: 2, maxLength: 3 }).map((nodes): Query => ({ type: 'or', nodes })),
  ),
}));

/** The tree as the grammar makes it: groups of one kind melt, text loses the stars at its ends. */
function normal(query: Query): Query {
  if (query.type === 'not') return not(normal(query.node));
  if (query.type === 'and' || query.type === 'or') {
    const { type } = query;
    return { type, nodes: query.nodes.map(normal).flatMap((node) => (node.type === type ? node.nodes : [node])) };
  }
  if (query.type !== 'text') return query;
  if (/^\*+$/.test(query.pattern)) return { type: 'all' };
  let end = query.pattern.replace(/^\*+/, '');
  while (/(?:^|[^\\])(?:\\\\)*\*$/.test(end)) end = end.slice(0, -1);
  return text(end);
}
