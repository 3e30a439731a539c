import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseEventId } from '../../../event/event-id.ts';
import { columnValue } from '../../../search/column-value.ts';
import { compileQuery } from '../../../search/evaluate.ts';
import { resolveField } from '../../../search/fields.ts';
import { parseQuery } from '../../../search/grammar.ts';
import type { EventRow, Store, TimeRange } from '../../store.ts';
import { type TestFolder, testFolder } from '../test-store.ts';
import { type CorpusEvent, inOrder, openCorpus } from './test-corpus.ts';

const ALL = { from: null, to: null };
let folder: TestFolder;
let store: Store;
let events: CorpusEvent[];

beforeAll(async () => {
  folder = await testFolder();
  ({ store, events } = await openCorpus(folder));
  events = inOrder(events);
}, 60_000);
afterAll(async () => {
  await store.close();
  await folder.remove();
});

function matching(expression: string, range: TimeRange = ALL): CorpusEvent[] {
  const match = compileQuery(parseQuery(expression).query);
  return events.filter(
    ({ ts, document, text }) =>
      (range.from === null || ts >= range.from) && (range.to === null || ts < range.to) && match(document, text),
  );
}

function valuesOf(found: readonly CorpusEvent[], field: string): (string | number)[] {
  const target = resolveField(field)[0]!;
  return found.flatMap(({ document }) => {
    const value = columnValue(document, target);
    return value === null
      ? []
      : [typeof value === 'bigint' ? (Number.isSafeInteger(Number(value)) ? Number(value) : String(value)) : value];
  });
}

function counted(values: readonly (string | number)[]): Map<string | number, number> {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** A range that cuts through segments. */
function middle(): TimeRange {
  return { from: events[Math.floor(events.length * 0.7)]!.ts, to: events[Math.floor(events.length * 0.2)]!.ts };
}

const EXPRESSIONS = ['*', 'event_type:alert', 'tx_id:*', 'proto:tcp OR müller', 'NOT src_ip:*', 'flow_id:99'];

describe('lists', () => {
  it.each(EXPRESSIONS)('pages through %s without loss or repetition', async (expression) => {
    for (const range of [ALL, middle()]) {
      const ids: string[] = [];
      let after: string | null = null;
      do {
        const page = await store.questions().list(expression, range, { columns: ['event.action'], limit: 23, after });
        expect(page.rows.length).toBeLessThanOrEqual(23);
        expect(page.partial).toBe(false);
        ids.push(...page.rows.map((row) => row.id));
        after = page.next;
      } while (after !== null);
      expect(ids).toEqual(matching(expression, range).map(({ id }) => id));
    }
  });

  it('shows columns under the asked names, from columns and documents alike', async () => {
    const streamed: EventRow[] = [];
    const columns = ['src_ip', 'flow_id', '@timestamp', 'tx_id', 'ip', '__proto__', 'dns.answers.data', 'ts', 'id'];
    const { rows } = await store
      .questions()
      .list(
        'flow_id:18446744073709551615',
        ALL,
        { columns, limit: 5, raw: true },
        { rows: (some) => streamed.push(...some) },
      );
    const [event] = matching('flow_id:18446744073709551615');
    expect(rows).toEqual(streamed);
    expect({ ...rows[0] }).toEqual({
      id: event!.id,
      ts: event!.ts,
      src_ip: '10.1.2.3',
      flow_id: '18446744073709551615',
      '@timestamp': '2026-11-24T10:00:00.000001Z',
      tx_id: null,
      ip: '10.1.2.3',
      ['__proto__']: null,
      'dns.answers.data': null,
      'event.original': event!.text,
    });
  });

  it('refuses a cursor that is none', async () => {
    await expect(store.questions().list('*', ALL, { columns: [], limit: 1, after: "x' OR 1=1" })).rejects.toMatchObject(
      { code: 'bad_request' },
    );
  });

  it('tells progress, and ends a scan early without reading on', async () => {
    const progress: [number, number][] = [];
    await store
      .questions()
      .list('nothing like it', ALL, { columns: [], limit: 5 }, { progress: (...args) => progress.push(args) });
    expect(progress.at(-1)?.[0]).toBe(progress.at(-1)?.[1]);
    for await (const page of store.questions().scan('*', ALL, { columns: [], limit: 3 })) expect(page).toHaveLength(3);
  });
});

describe('scans', () => {
  it.each(['newest', 'oldest'] as const)('gives lines byte for byte and documents, %s first', async (order) => {
    const lines: string[] = [];
    const ids: string[] = [];
    for await (const page of store
      .questions()
      .scan('*', ALL, { columns: ['rule.name'], limit: 0, raw: true, document: true, order })) {
      for (const { row, line, document } of page) {
        ids.push(row.id);
        lines.push(line!.toString('hex'));
        expect(document!['event']).toBeDefined();
      }
    }
    const expected = order === 'newest' ? events : events.toReversed();
    expect(ids).toEqual(expected.map(({ id }) => id));
    expect(lines).toEqual(expected.map(({ line }) => line.toString('hex')));
  });
});

describe('sums', () => {
  it.each(EXPRESSIONS)('counts %s', async (expression) => {
    for (const range of [ALL, middle()])
      expect(await store.questions().count(expression, range)).toBe(matching(expression, range).length);
  });

  it.each(EXPRESSIONS)('tops of %s', async (expression) => {
    for (const field of ['source.ip', 'event_type', 'dest_port', 'flow_id']) {
      // Twice: the second answer comes from kept sums.
      for (const range of [ALL, middle(), ALL]) {
        const counts = counted(valuesOf(matching(expression, range), field));
        const answer = await store.questions().top(expression, range, field, 5);
        expect(answer.distinct).toBe(counts.size);
        expect(answer.with_field).toBe([...counts.values()].reduce((a, b) => a + b, 0));
        expect(answer.values.map(({ count }) => count)).toEqual([...counts.values()].sort((a, b) => b - a).slice(0, 5));
        for (const { value, count } of answer.values) expect(counts.get(value)).toBe(count);
      }
    }
  });

  it('tops by bytes, and of fields without a column', async () => {
    const found = matching('*').filter(({ document }) => columnValue(document, resolveField('source.ip')[0]!) !== null);
    const bytes = new Map<string, number>();
    for (const event of found) {
      const [ip] = valuesOf([event], 'source.ip');
      bytes.set(String(ip), (bytes.get(String(ip)) ?? 0) + Number(valuesOf([event], 'network.bytes')[0] ?? 0));
    }
    const answer = await store.questions().top('*', ALL, 'source.ip', 3, { bytes: true });
    expect(answer.values.map((value) => value.bytes)).toEqual([...bytes.values()].sort((a, b) => b - a).slice(0, 3));
    const states = counted(
      matching('*').flatMap(({ document }) => {
        const eve = (document['suricata'] as { eve?: { flow?: { state?: string } } } | undefined)?.eve;
        return eve?.flow?.state === undefined ? [] : [eve.flow.state];
      }),
    );
    const top = await store.questions().top('*', ALL, 'flow.state', 10);
    expect(new Map(top.values.map(({ value, count }) => [value, count]))).toEqual(states);
  });

  it.each(EXPRESSIONS)('timeline of %s', async (expression) => {
    for (const range of [ALL, middle(), ALL]) {
      const found = matching(expression, range);
      const answer = await store.questions().timeline(expression, range, 'event_type', 50);
      expect(answer.bins).toBeLessThanOrEqual(51);
      expect(answer.total).toBe(found.length);
      const byBin = Array.from(
        { length: answer.bins },
        (_, i) => found.filter(({ ts }) => Math.floor((ts - answer.from) / answer.bin) === i).length,
      );
      expect(
        Array.from({ length: answer.bins }, (_, i) => answer.series.reduce((sum, { counts }) => sum + counts[i]!, 0)),
      ).toEqual(byBin);
      const alerts = answer.series.find(({ name }) => name === 'alert');
      expect(alerts?.counts.reduce((a, b) => a + b, 0) ?? 0).toBe(
        valuesOf(found, 'event_type').filter((type) => type === 'alert').length,
      );
    }
  });

  it('gives no more than twenty series', async () => {
    const answer = await store.questions().timeline('*', ALL, 'flow_id', 10);
    expect(answer.series).toHaveLength(20);
    expect(answer.series.at(-1)!.name).toBe('(other)');
    expect(answer.total).toBe(events.length);
  });
});

describe('single events', () => {
  it('finds each event by its id, with or without the right time', async () => {
    for (const event of events.filter((_, i) => i % 40 === 0)) {
      const id = parseEventId(event.id)!;
      const found = await store.questions().event(id);
      expect(found!.line.equals(event.line)).toBe(true);
      expect((await store.questions().event({ ...id, ts: 5 }))!.id).toBe(event.id);
      expect((await store.questions().lineAt(id.file_id, id.offset))!.equals(event.line)).toBe(true);
    }
    expect(await store.questions().event({ file_id: 'ffffffffffffffff', offset: 1, ts: 1 })).toBeNull();
    expect(await store.questions().lineAt('0000000000000000', 3)).toBeNull();
  });

  it('gathers the neighbours by flow and by community id, oldest first', async () => {
    const flow = matching('flow_id:>2 src_ip:* dest_ip:*').find(
      (event) => matching(`flow_id:${valuesOf([event], 'flow_id')[0]}`).length > 1,
    )!;
    const expected = matching(`flow_id:${valuesOf([flow], 'flow_id')[0]}`);
    const { flow: found, community } = await store
      .questions()
      .neighbours(parseEventId(flow.id)!, 100, { columns: ['event_type', 'tx_id'] });
    expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
    expect(found.map(({ ts }) => ts)).toEqual(found.map(({ ts }) => ts).sort((a, b) => a - b));
    const id = (flow.document['network'] as { community_id: string }).community_id;
    expect(community.map((row) => row.id).sort()).toEqual(
      matching(`network.community_id:"${id}"`)
        .map((event) => event.id)
        .sort(),
    );
    expect(await store.questions().neighbours({ file_id: 'ffffffffffffffff', offset: 1, ts: 1 }, 5)).toEqual({
      flow: [],
      community: [],
    });
  });

  it('knows what is nearest to a range', async () => {
    const range = middle();
    for (const expression of EXPRESSIONS) {
      const before = matching(expression, { from: null, to: range.from })[0]?.ts ?? null;
      const after = matching(expression, { from: range.to, to: null }).at(-1)?.ts ?? null;
      expect(await store.questions().nearest(expression, range)).toEqual({ before, after });
    }
    expect(await store.questions().nearest('*', ALL)).toEqual({ before: null, after: null });
  });
});

describe('cancelling', () => {
  let controller: AbortController;
  beforeEach(() => (controller = new AbortController()));

  it('rejects at once when the signal is aborted already', async () => {
    controller.abort();
    const ask = { signal: controller.signal };
    await expect(store.questions().count('event_type:alert', ALL, ask)).rejects.toMatchObject({
      code: 'query_cancelled',
    });
    await expect(store.questions().list('a', ALL, { columns: [], limit: 5 }, ask)).rejects.toMatchObject({
      code: 'query_cancelled',
    });
    await expect(store.questions().sql('SELECT 1', ask)).rejects.toMatchObject({ code: 'query_cancelled' });
  });

  it('interrupts a statement that runs', async () => {
    const asked = store
      .questions()
      .sql('SELECT count(*) FROM range(100000000000) t(i) WHERE i % 7 = 9', { signal: controller.signal });
    const aborted = setTimeout(() => controller.abort(), 200);
    await expect(asked).rejects.toMatchObject({ code: 'query_cancelled' });
    clearTimeout(aborted);
    expect((await store.questions().sql('SELECT 1 AS one')).rows).toEqual([[1]]);
  });
});
