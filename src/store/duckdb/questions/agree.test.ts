import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../event/json.ts';
import type { Query, Test } from '../../../search/ast.ts';
import { columnValue } from '../../../search/column-value.ts';
import { compileQuery } from '../../../search/evaluate.ts';
import { FIELD_NAMES, KNOWN_FIELDS, resolveField } from '../../../search/fields.ts';
import { foldCase } from '../../../search/fold.ts';
import { parseQuery } from '../../../search/grammar.ts';
import { literalPattern } from '../../../search/pattern.ts';
import { printQuery } from '../../../search/print.ts';
import type { Store } from '../../store.ts';
import { type TestFolder, testFolder } from '../test-store.ts';
import { type CorpusEvent, inOrder, openCorpus } from './test-corpus.ts';

const ALL = { from: null, to: null };
const SECS = Number(process.env['FUZZ_SECS'] ?? 5);

let folder: TestFolder;
let store: Store;
let events: CorpusEvent[];
/** Paths of the documents with values that stand there. */
let leaves: { path: string; value: string }[];

beforeAll(async () => {
  folder = await testFolder();
  ({ store, events } = await openCorpus(folder));
  events = inOrder(events);
  // The time of taking in is the store's clock, which the corpus does not know.
  leaves = events
    .flatMap(({ document }) => walk(document, ''))
    .filter(({ path, value }) => value.length < 200 && path !== 'event.ingested');
}, 60_000);
afterAll(async () => {
  await store.close();
  await folder.remove();
});

function walk(value: JsonValue, path: string): { path: string; value: string }[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((element) => walk(element, path));
  if (typeof value === 'object')
    return Object.keys(value).flatMap((key) => walk(value[key]!, path === '' ? key : `${path}.${key}`));
  return [{ path, value: String(value) }];
}

function expected(expression: string): string[] {
  const match = compileQuery(parseQuery(expression).query);
  return events.filter(({ document, text }) => match(document, text)).map(({ id }) => id);
}

async function found(expression: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of store.questions().scan(expression, ALL, { columns: [], limit: 0 }))
    ids.push(...page.map(({ row }) => row.id));
  return ids;
}

describe('the plan agrees with the documents', () => {
  it('has a corpus of every kind', () => {
    expect(events.length).toBeGreaterThan(200);
    expect(store.status().segments.disk).toBeGreaterThan(0);
    expect(store.status().segments.fresh).toBeGreaterThan(0);
    expect(
      new Set(events.map(({ document }) => columnValue(document, resolveField('event_type')[0]!))).size,
    ).toBeGreaterThan(20);
  });

  it.each([
    '*',
    'dest_port:70000',
    'dest_port:*',
    'NOT dest_port:*',
    'flow_id:1',
    'flow_id:2',
    'flow_id:18446744073709551615',
    'suricata.eve.alert.action:allowed',
    'suricata.eve.alert.rev:1',
    'NOT suricata.eve.alert.rev:*',
    'müller',
    'kelvin',
    'ISTANBUL',
    'missing_under',
    'miſſing_under',
    'ist?nb*m',
    'k*g_u',
    '"{\\"timestamp"',
    'MÜLLER',
    'half',
    'grüße',
    'gr\ufffd\ufffde',
    'signature:*Gr*',
    '"straße i\u03c3\u03c3"',
    'http.hostname:Müller.example',
    'x.y.z:q',
    'suricata.eve.x.y.z:r',
    'x.e:1000',
    'x.f:1.5',
    'x.f:1.50',
    'a:1',
    'b:2',
    'x.neg:-7',
    'tx_id:0',
    'esc:evil',
    'esc:ev*l',
    'longkey:*',
    'longkey:7',
    'suricata.eve.flow.age:0',
    'suricata.eve.alert.rev:9',
    'x.neg:<0',
    'x.big:123456789012345678901234567890',
    'text:"100%_\\\\*?"',
    'text:100%_\\\\\\**',
    'raw:*100%_*',
    'agent:"\\ud800 half"',
    'agent:"\ufffd half"',
    'agent:?\\ half',
    'src_ip:10.0.0.0/8',
    'NOT src_ip:10.0.0.0/8',
    'src_ip:::ffff:0:0/96',
    'dest_ip:2001:db8::/32',
    'related.ip:10.0.0.0/8',
    'dns.queries.rrname:two.example',
    'dns.answers.data:10\\ *',
    'dns.answers.data:"10 60 5060 office-server.home.test"',
    'dns.answers.data:*60\\ office-server*',
    '@timestamp:<2000-01-01',
    '@timestamp:>2100',
    'event.ingested:*',
    'source_id:*',
    'parser_version:1 foo.bar:* OR log.offset:>0 tx_id:0',
    'NOT (tx_id:0 AND evil) -müller',
    '(evil OR tx_id:* OR proto:tcp) AND NOT (http OR severity:1)',
    'event_type:"bom"',
    '__proto__.polluted:yes',
    'a:1 b:(2 AND 3 AND true)',
    'network.community_id:"1:LQU9qZlK+B5F3KDmev6m5PMibrg="',
    'status:404',
    'empty:* OR nul:* OR x.empty:*',
  ])('%s', async (expression) => {
    expect(await found(expression)).toEqual(expected(expression));
  });

  it(
    'for random expressions made of what stands in the documents',
    async () => {
      const arbitrary = arbitraryQuery();
      await fc.assert(
        fc.asyncProperty(arbitrary, async (query) => {
          const expression = printQuery(query);
          let ids: string[];
          try {
            ids = expected(expression);
          } catch {
            // Values that the field's kind cannot hold are refused by the grammar; nothing to compare.
            return;
          }
          expect(await found(expression)).toEqual(ids);
          expect(await store.questions().count(expression, ALL)).toBe(ids.length);
        }),
        { interruptAfterTimeLimit: SECS * 1000, numRuns: 100_000 },
      );
    },
    SECS * 1000 + 30_000,
  );

  it('folds letters as the engine does', async () => {
    const { rows } = await store
      .questions()
      .sql(
        'SELECT i, lower(chr(i::INTEGER)) FROM range(1, 65536) t(i) WHERE i NOT BETWEEN 55296 AND 57343 AND lower(chr(i::INTEGER)) <> chr(i::INTEGER)',
      );
    const different = rows.filter(([i, lower]) => foldCase(String.fromCodePoint(Number(i))) !== lower);
    // Letters that this Node's Unicode does not know yet, or the engine's.
    expect(different.length).toBeLessThan(20);
    expect(different.filter(([i]) => Number(i) < 0x1c00)).toEqual([]);
  });
});

function arbitraryQuery(): fc.Arbitrary<Query> {
  const leaf = fc.constantFrom(...leaves);
  const name = (path: string): fc.Arbitrary<string> => {
    const short = path.startsWith('suricata.eve.') ? path.slice('suricata.eve.'.length) : path;
    return fc.constantFrom(path, path, short, ...(KNOWN_FIELDS.find((known) => known.name === path)?.aliases ?? []));
  };
  const test = (value: string): fc.Arbitrary<Test> =>
    fc.oneof(
      fc.constant<Test>({ op: 'exists' }),
      fc.constant<Test>({ op: 'is', value }),
      fc.constant<Test>({ op: 'is', value }),
      fc.nat(value.length).map((cut): Test => ({ op: 'like', pattern: `${literalPattern(value.slice(0, cut))}*` })),
      fc.nat(value.length).map((cut): Test => ({ op: 'like', pattern: `*${literalPattern(value.slice(cut))}` })),
      fc
        .nat(Math.max(0, value.length - 1))
        .map((cut): Test => ({ op: 'like', pattern: `${literalPattern(value.slice(0, cut))}?*` })),
      fc
        .constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const)
        .map((comparison): Test => ({ op: 'compare', comparison, value })),
      fc
        .record({
          from: fc.option(fc.constant(value)),
          to: fc.option(fc.constant(value)),
          includeFrom: fc.boolean(),
          includeTo: fc.boolean(),
        })
        .map((bounds): Test =>
          bounds.from === null && bounds.to === null ? { op: 'exists' } : { op: 'range', ...bounds },
        ),
    );
  const field = leaf.chain(({ path, value }) =>
    fc.record({ field: name(path), test: test(value) }).map((part): Query => ({ type: 'field', ...part })),
  );
  const foreign = fc
    .tuple(fc.constantFrom(...FIELD_NAMES.filter((known) => known !== 'event.ingested')), leaf)
    .chain(([path, { value }]) => test(value).map((part): Query => ({ type: 'field', field: path, test: part })));
  const text = fc
    .tuple(fc.constantFrom(...events), fc.nat(), fc.integer({ min: 1, max: 12 }), fc.boolean())
    .map(([event, start, length, upper]): Query => {
      const from = start % event.text.length;
      const piece = event.text.slice(from, from + length);
      return { type: 'text', pattern: literalPattern(upper ? piece.toUpperCase() : piece) };
    });
  return fc.letrec<{ query: Query }>((tie) => ({
    query: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: field },
      { weight: 1, arbitrary: foreign },
      { weight: 2, arbitrary: text },
      { weight: 1, arbitrary: tie('query').map((node): Query => ({ type: 'not', node })) },
      {
        weight: 2,
        arbitrary: fc
          .array(tie('query'), { minLength: 2, maxLength: 3 })
          .map((nodes): Query => ({ type: 'and', nodes })),
      },
      {
        weight: 2,
        arbitrary: fc
          .array(tie('query'), { minLength: 2, maxLength: 3 })
          .map((nodes): Query => ({ type: 'or', nodes })),
      },
    ),
  })).query;
}
