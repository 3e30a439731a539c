import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VardeError } from '../base/errors.ts';
import type { ApiError, FieldInfo, ListMessage, Overview } from './api.ts';
import { ROUTES } from './routes.ts';
import {
  ask,
  fakeQuestions,
  fakeStatus,
  fakeStore,
  FILE_ID,
  HOSTILE,
  NOW,
  row,
  startFakeStation,
  type FakeStation,
} from './testing/fake-station.ts';

let station: FakeStation;
beforeAll(async () => {
  station = await startFakeStation();
});
afterAll(() => station.stop());
beforeEach(() => {
  station.questions = fakeQuestions();
  station.status = fakeStatus();
});

const get = async <T>(path: string): Promise<T> => {
  const answer = await ask(station, path);
  expect(answer.status, answer.body.toString()).toBe(200);
  return answer.json() as T;
};
const fails = async (path: string): Promise<ApiError['error'] & { status: number }> => {
  const answer = await ask(station, path);
  return { ...(answer.json() as ApiError).error, status: answer.status };
};
const lines = (text: Buffer): ListMessage[] =>
  text
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ListMessage);

describe('questions', () => {
  it('hands expression and range to the store and answers with what it says', async () => {
    const asked: unknown[] = [];
    station.questions = fakeQuestions({
      timeline: async (...args) => {
        asked.push(args.slice(0, 4));
        return { from: 1, bin: 2, bins: 3, series: [], total: 0 };
      },
    });
    expect(await get('/api/timeline?q=proto:tcp&from=24h&to=2026-11-24T12:00:00Z&by=rule.name&bins=9')).toEqual({
      from: 1,
      bin: 2,
      bins: 3,
      series: [],
      total: 0,
    });
    expect(asked).toEqual([['proto:tcp', { from: (NOW - 86_400_000) * 1000, to: NOW * 1000 }, 'rule.name', 9]]);
    await get('/api/timeline?unknown=1');
    expect(asked[1]).toEqual(['*', { from: null, to: null }, 'event.action', 120]);
  });

  it('answers top, count, nearest and neighbours', async () => {
    expect(await get('/api/top?field=rule.name')).toEqual({
      values: [{ value: HOSTILE, count: 3 }],
      with_field: 3,
      distinct: 1,
    });
    expect(await get('/api/count')).toEqual({ count: 7 });
    expect(await get('/api/nearest?from=0')).toEqual({ before: 1, after: null });
    expect(await get(`/api/neighbours?id=${FILE_ID}-1-2`)).toEqual({ flow: [row(2)], community: [] });
  });

  it('marks what a damaged segment is missing from', async () => {
    const paths = ['/api/count', '/api/timeline', '/api/top?field=a', '/api/overview?from=1'];
    for (const path of paths) expect(await get(path), path).not.toHaveProperty('incomplete');
    const whole = fakeQuestions();
    station.questions = fakeQuestions({
      count: async (...args) => (args[2]?.incomplete?.(), whole.count(...args)),
      timeline: async (...args) => (args[4]?.incomplete?.(), whole.timeline(...args)),
      top: async (...args) => (args[4]?.incomplete?.(), whole.top(...args)),
    });
    paths[3] = '/api/overview?from=2000000';
    for (const path of paths) expect(await get(path), path).toMatchObject({ incomplete: true });
  });

  it.each([
    ['/api/timeline?bins=2001', 'bins'],
    ['/api/timeline?bins=-1', 'bins'],
    ['/api/timeline?by=%00', 'by'],
    ['/api/top', 'field'],
    ['/api/top?field=a&limit=x', 'limit'],
    ['/api/count?from=yesterday', 'from'],
    ['/api/count?from=1h&to=2h', 'to'],
    ['/api/event?id=../../etc/passwd', 'id'],
    ['/api/event', 'id'],
    ['/api/export?format=xlsx', 'format'],
    [`/api/events?columns=${'a'.repeat(201)}`, 'columns'],
    [`/api/events?columns=${Array.from({ length: 61 }, (_, i) => `c${i}`).join(',')}`, 'columns'],
    ['/api/events?sort=random', 'sort'],
    ['/api/quarantine?limit=1000000', 'limit'],
    ['/api/quarantine/export?limit=-1', 'limit'],
  ])('%s is refused and names %s', async (path, parameter) => {
    const error = await fails(path);
    expect(error).toMatchObject({ code: 'bad_request', status: 400, details: { parameter } });
    expect(error.message).toContain(parameter);
  });

  it('tells where an expression is wrong, before anything is streamed', async () => {
    for (const path of ['/api/count', '/api/events', '/api/export', '/api/live', '/api/explain']) {
      const error = await fails(`${path}?q=${encodeURIComponent('source.ip:(')}`);
      expect(error).toMatchObject({
        code: 'query_syntax',
        status: 400,
        details: { position: expect.any(Number), length: expect.any(Number) },
      });
    }
  });

  it('explains an expression', async () => {
    expect(await get('/api/explain?q=proto:tcp%20AND%20NOT%20sid:1')).toMatchObject({ ok: true, columns: true });
    expect(await get('/api/explain?q=word')).toMatchObject({ ok: true, columns: false });
    expect(await get('/api/explain?q=dns.answers.data:x')).toMatchObject({ ok: true, columns: false });
  });

  it('lists the fields, columns first', async () => {
    const fields = await get<FieldInfo[]>('/api/fields');
    expect(fields.find(({ name }) => name === 'source.ip')).toMatchObject({
      type: 'ip',
      column: true,
      aliases: expect.arrayContaining(['src_ip']),
    });
    expect(fields.findIndex(({ column }) => !column)).toBeGreaterThan(20);
  });

  it('completes values by their beginning, common ones first, in any case', async () => {
    const asked: unknown[] = [];
    const rare = { values: [{ value: 'et rare', count: 1 }], with_field: 1, distinct: 1 };
    const common = {
      values: [
        { value: 'ET SCAN', count: 2 },
        { value: 'other', count: 1 },
      ],
      with_field: 3,
      distinct: 2000,
    };
    station.questions = fakeQuestions({
      top: async (...args) => {
        asked.push(args.slice(0, 4));
        return args[0].includes('rule.name') ? rare : common;
      },
    });
    const q = encodeURIComponent('proto:tcp OR proto:udp');
    expect(await get(`/api/values?field=rule.name&prefix=et%20&q=${q}`)).toEqual({
      values: [
        { value: 'ET SCAN', count: 2 },
        { value: 'et rare', count: 1 },
      ],
    });
    const recent = { from: (NOW - 86_400_000) * 1000, to: null };
    expect(asked).toEqual([
      ['proto:tcp OR proto:udp', recent, 'rule.name', 1000],
      ['(proto:tcp OR proto:udp) AND rule.name:et\\ *', recent, 'rule.name', 20],
    ]);
  });

  it('looks further back only where the newest day has no such value', async () => {
    const ranges: unknown[] = [];
    station.questions = fakeQuestions({
      top: async (_expression, range) => {
        ranges.push(range.from);
        const values = range.from === null ? [{ value: 443, count: 2 }] : [];
        return { values, with_field: 2, distinct: values.length };
      },
    });
    expect(await get('/api/values?field=destination.port&prefix=44')).toEqual({ values: [{ value: 443, count: 2 }] });
    expect(ranges).toEqual([(NOW - 86_400_000) * 1000, null]);
  });
});

describe('overview', () => {
  it('puts all parts together', async () => {
    const overview = await get<Overview>('/api/overview?from=1000000&to=2000000');
    expect(overview).toMatchObject({
      from: 1_000_000,
      to: 2_000_000,
      totals: { events: 1, alerts: 1, sources: 1, destinations: 1, signatures: 1 },
    });
    expect(Object.keys(overview.top)).toEqual([
      'signatures',
      'sources',
      'destinations',
      'ports',
      'dns',
      'sni',
      'hosts',
    ]);
  });
});

describe('events', () => {
  it('streams rows as they are found, then the end, each row once', async () => {
    station.questions = fakeQuestions({
      list: async (_expression, _range, options, extra) => {
        expect(options).toMatchObject({ columns: ['a', '__proto__'], limit: 5, after: 'cursor' });
        extra?.progress?.(1, 3);
        extra?.rows?.([row(1)]);
        extra?.progress?.(3, 3);
        return { rows: [row(1), row(2)], next: 'more', partial: true };
      },
    });
    const answer = await ask(station, '/api/events?columns=a,__proto__,a&limit=5&after=cursor');
    expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const messages = lines(answer.body);
    expect(messages.flatMap((message) => ('rows' in message ? message.rows.map(({ id }) => id) : []))).toEqual([
      row(1).id,
      row(2).id,
    ]);
    expect(messages.at(-1)).toEqual({ end: { next: 'more', partial: true, took_ms: expect.any(Number) } });
  });

  it('gives the oldest first where asked', async () => {
    station.questions = fakeQuestions({
      async *scan(_expression, _range, options) {
        expect(options.order).toBe('oldest');
        yield [{ row: row(9) }];
        yield [{ row: row(8) }];
      },
    });
    const messages = lines((await ask(station, '/api/events?sort=oldest&limit=2')).body);
    expect(messages).toEqual([
      { rows: [row(9)] },
      { rows: [row(8)] },
      { end: { next: null, partial: true, took_ms: expect.any(Number) } },
    ]);
  });

  it('gives a failure its status before the first row, and as last line after it', async () => {
    station.questions = fakeQuestions({ list: () => Promise.reject(new VardeError('query_failed', 'broken')) });
    expect(await fails('/api/events')).toMatchObject({ code: 'query_failed', status: 500 });
    station.questions = fakeQuestions({
      list: async (_expression, _range, _options, extra) => {
        extra?.rows?.([row(1)]);
        throw new Error('/secret/path');
      },
    });
    const messages = lines((await ask(station, '/api/events')).body);
    expect(messages[0]).toEqual({ rows: [row(1)] });
    expect(messages.at(-1)).toMatchObject({ error: { code: 'internal' } });
    expect(JSON.stringify(messages)).not.toContain('secret');
  });

  it('shows an event with integers, depths and bytes that JSON cannot hold', async () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < 10_000; i++) deep = [deep];
    const document = Object.assign(Object.create(null), { big: 2n ** 64n - 1n, deep });
    Object.defineProperty(document, '__proto__', { value: HOSTILE, enumerable: true });
    const event = { id: `${FILE_ID}-1-2`, ts: 2, line: Buffer.from([0x22, 0xff]), document, path: '/x' };
    station.questions = fakeQuestions({ event: async (id) => (id.offset === 1 && id.ts === 2 ? event : null) });
    const answer = await ask(station, `/api/event?id=${FILE_ID}-1-2`);
    const shown = JSON.parse(answer.body.toString()) as {
      document: Record<string, unknown>;
      line: unknown;
      line_hex: unknown;
    };
    expect(shown).toMatchObject({ id: event.id, ts: 2, line: null, line_hex: '22ff', path: '/x' });
    expect(shown.document.big).toEqual({ $int: '18446744073709551615' });
    expect(Object.getOwnPropertyDescriptor(shown.document, '__proto__')?.value).toBe(HOSTILE);
    expect(answer.body.toString()).toContain('nested deeper');
    expect(await fails(`/api/event?id=${FILE_ID}-5-2`)).toMatchObject({ code: 'not_found', status: 404 });
  });
});

describe('sql', () => {
  it('answers SQL, and refuses bodies that are none', async () => {
    const post = (body: string | Buffer, headers = {}) => ask(station, '/api/sql', { method: 'POST', body, headers });
    expect((await post('{"statement":"SELECT 1"}')).json()).toEqual({
      columns: [{ name: 'n', type: 'BIGINT' }],
      rows: [['1']],
    });
    for (const body of ['', '[]', 'null', '{', '{}', '{"statement":5}', '{"statement":" "}'])
      expect((await post(body)).status, body).toBe(400);
    expect((await post('{"statement":"SELECT 1"}', { 'content-type': 'text/plain' })).status).toBe(400);
    const long = await post(JSON.stringify({ statement: 'x'.repeat(2 * 1024 * 1024) }));
    expect(long.json()).toMatchObject({ error: { code: 'bad_request', details: { parameter: 'body' } } });
  });
});

describe('operation', () => {
  it('reports its status', async () =>
    expect(await get('/api/status')).toEqual(JSON.parse(JSON.stringify(station.status))));

  it('says whether it is healthy', async () => {
    expect((await ask(station, '/healthz')).json()).toMatchObject({ ok: true, lamp: 'alive' });
    const ill: [Parameters<typeof fakeStatus>[0], string][] = [
      [{ store: fakeStore({ waiting: { code: 'store_full', message: 'no room', since: 1 } }) }, 'store_waiting'],
      [{ lamp: { state: 'blind', reason: 'r' } }, 'blind'],
      [{ lamp: { state: 'late', reason: 'r' } }, 'stalled'],
    ];
    for (const [changes, code] of ill) {
      station.status = fakeStatus(changes);
      const answer = await ask(station, '/healthz');
      expect([answer.status, (answer.json() as { code: string }).code]).toEqual([503, code]);
    }
  });

  it('counts its requests by route and status, with few labels', async () => {
    await ask(station, '/api/count');
    for (let i = 0; i < 5; i++) await ask(station, `/wp-admin-${i}`);
    const answer = await ask(station, '/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = answer.body.toString();
    expect(text).toMatch(/varde_http_requests_total\{route="\/api\/count",status="200"\} \d+/);
    expect(text).toMatch(/varde_http_requests_total\{route="other",status="404"\} \d+/);
    expect(text).toMatch(/varde_question_duration_seconds_count\{question="count"\} \d+/);
    expect(text).not.toContain('wp-admin');
    expect(text).toContain('varde_build_info{version="0.0.0"} 1\n');
    expect(text).toContain('varde_station_lamp_state{state="alive"} 1\nvarde_station_lamp_state{state="late"} 0\n');
  });

  it('says what an address takes, and that others do not exist', async () => {
    expect(await fails('/api/sql')).toMatchObject({ code: 'bad_request', message: 'This address takes POST.' });
    expect((await ask(station, '/api/count', { method: 'DELETE' })).status).toBe(400);
    expect((await ask(station, '/api/count', { method: 'HEAD' })).status).toBe(400);
    expect(await fails('/api/nothing')).toMatchObject({ code: 'not_found', status: 404 });
    expect(await fails('/api/')).toMatchObject({ code: 'not_found', status: 404 });
  });

  it('keeps what went wrong inside to itself, and to the log', async () => {
    station.questions = fakeQuestions({ count: () => Promise.reject(new Error('at /secret/path.ts:5')) });
    const answer = await ask(station, '/api/count');
    expect([answer.status, (answer.json() as ApiError).error.code]).toEqual([500, 'internal']);
    expect(answer.body.toString()).not.toContain('secret');
    expect(station.logged.join('')).toContain('/secret/path.ts:5');
  });

  it('has every endpoint in one list, under addresses of its own', () => {
    expect(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size).toBe(ROUTES.length);
  });
});
