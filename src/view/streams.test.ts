import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventRow, ScannedEvent } from '../store/store.ts';
import { METRICS } from '../telemetry/metric-list.ts';
import type { LiveStatus } from './api.ts';
import { MAX_CLIENTS } from './live-hub.ts';
import {
  ask,
  fakeQuestions,
  fakeStatus,
  fakeStore,
  HOSTILE,
  never,
  NOW,
  open,
  row,
  startFakeStation,
  until,
  type FakeStation,
} from './testing/fake-station.ts';

let station: FakeStation;
beforeEach(async () => {
  station = await startFakeStation();
});
afterEach(() => station.stop());

describe('a client that goes away', () => {
  it.each([
    '/api/count',
    '/api/top?field=a',
    '/api/timeline',
    '/api/overview',
    '/api/events',
    '/api/nearest',
    '/api/empty',
    '/api/values?field=a',
  ])('cancels its question: %s', async (path) => {
    let asked = 0;
    let cancelled = 0;
    const hang = (...args: unknown[]): Promise<never> => {
      asked++;
      const options = args.findLast((arg) => typeof arg === 'object' && arg !== null && 'signal' in arg) as {
        signal: AbortSignal;
      };
      options.signal.addEventListener('abort', () => cancelled++, { once: true });
      return never(options);
    };
    station.questions = fakeQuestions({ count: hang, top: hang, timeline: hang, list: hang, nearest: hang });
    const leaving = new AbortController();
    const gone = fetch(`${station.url.slice(0, -1)}${path}`, { signal: leaving.signal }).catch(() => 'gone');
    await until('the question', () => asked > 0);
    leaving.abort();
    expect(await gone).toBe('gone');
    await until('the cancellation', () => cancelled === asked);
  });

  it('cancels a download between two batches', async () => {
    let ended = false;
    let made = 0;
    station.questions = fakeQuestions({
      async *scan(_expression, _range, _options, options) {
        try {
          for (;;) {
            made++;
            yield batch(100);
            if (options?.signal?.aborted === true) return;
          }
        } finally {
          ended = true;
        }
      },
    });
    const message = await open(station, '/api/export?format=raw');
    await once(message, 'readable');
    message.destroy();
    await until('the end of the scan', () => ended);
    const atEnd = made;
    await ask(station, '/healthz');
    expect(made).toBe(atEnd);
  });

  it('cancels when only the body is given up, without a server in between', async () => {
    let signal: AbortSignal | undefined;
    station.questions = fakeQuestions({
      async *scan(_expression, _range, _options, options) {
        signal = options?.signal;
        for (;;) yield batch(1);
      },
    });
    const request = new Request('http://localhost/api/export');
    const response = await station.view.fetch(request, { kind: 'socket' });
    await response.body!.cancel();
    expect(signal?.aborted).toBe(true);
  });

  it('a slow one holds the scan back', async () => {
    let made = 0;
    station.questions = fakeQuestions({
      async *scan() {
        for (; made < 5000; made++) yield batch(1000);
      },
    });
    const message = await open(station, '/api/export?format=raw');
    message.pause();
    await once(message, 'readable');
    let last = -1;
    // Made no further for a while: the buffers on the way are full.
    for (let same = 0; same < 20; await new Promise((resolve) => setTimeout(resolve, 10))) {
      same = made === last ? same + 1 : 0;
      last = made;
    }
    expect(made).toBeLessThan(2000);
    message.destroy();
  });
});

const batch = (count: number): ScannedEvent[] =>
  Array.from({ length: count }, (_, n) => ({ row: row(n), line: Buffer.alloc(50, 'x') }));

describe('export', () => {
  it('writes CSV in which no cell is a formula', async () => {
    const found = await ask(
      station,
      '/api/export?format=csv&columns=@timestamp,rule.name,source.port,missing,__proto__,constructor',
    );
    expect(found.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(found.headers['content-disposition']).toBe('attachment; filename="varde-events-20261124T120000Z.csv"');
    const [head, line, rest] = found.body.toString().split('\r\n');
    expect(head).toBe('timestamp,rule.name,source.port,missing,__proto__,constructor');
    expect(line).toBe(`2026-11-24T11:59:59.999000Z,"'${HOSTILE.replaceAll('"', '""')}",443,,,`);
    expect(rest).toBe('');
  });

  it('defuses formulas in the names of columns too', async () => {
    const found = await ask(station, `/api/export?format=csv&columns=${encodeURIComponent('=1+1')}`);
    expect(found.body.toString().split('\r\n')[0]).toBe("'=1+1");
  });

  it('writes whole documents, or the asked columns, as NDJSON with all digits', async () => {
    expect((await ask(station, '/api/export')).body.toString()).toBe('{"a":18446744073709551616}\n');
    const columns = await ask(station, '/api/export?format=ndjson&columns=@timestamp,source.port,__proto__');
    expect(columns.body.toString()).toBe(
      '{"@timestamp":"2026-11-24T11:59:59.999000Z","source.port":443,"__proto__":null}\n',
    );
  });

  it('gives the lines byte for byte', async () => {
    const line = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    station.questions = fakeQuestions({
      async *scan(_expression, _range, options) {
        expect(options).toMatchObject({ raw: true, document: false, limit: 2, order: 'oldest' });
        yield [{ row: row(1), line }];
        yield [{ row: row(2), line }];
      },
    });
    const found = await ask(station, '/api/export?format=raw&limit=2&sort=oldest');
    expect(found.body).toEqual(Buffer.concat([line, Buffer.from('\n'), line, Buffer.from('\n')]));
    expect(found.headers['content-type']).toBe('application/octet-stream');
  });

  it('breaks the connection when it fails midway: half a file must not look whole', async () => {
    station.questions = fakeQuestions({
      async *scan() {
        yield batch(1);
        throw new Error('disk gone');
      },
    });
    await expect(ask(station, '/api/export?format=csv')).rejects.toThrow();
    expect(station.logged.join('')).toContain('disk gone');
  });
});

/** Reads server-sent events as they come. */
function listen(message: IncomingMessage) {
  const got: { event: string; data: unknown }[] = [];
  let comments = 0;
  let text = '';
  let ended = false;
  message.on('data', (part: Buffer) => {
    text += part.toString();
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [first = '', second = ''] = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      if (first.startsWith(':')) comments++;
      if (first.startsWith('event: ')) got.push({ event: first.slice(7), data: JSON.parse(second.slice(6)) });
    }
  });
  message.on('end', () => (ended = true));
  const of = (event: string) => got.filter((one) => one.event === event).map((one) => one.data);
  return { got, of, comments: () => comments, ended: () => ended };
}

describe('live', () => {
  it('tells the status at once, and new rows behind each commit, each once', async () => {
    const asked: unknown[] = [];
    let rows: EventRow[] = [row(50)];
    station.questions = fakeQuestions({
      list: async (expression, range, options) => {
        asked.push([expression, range, options]);
        return { rows, next: null, partial: false };
      },
    });
    const message = await open(station, '/api/live?q=proto:tcp&columns=a,b');
    expect(message.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const live = listen(message);
    await until('the status', () => live.of('status').length > 0);
    expect(live.of('status')[0]).toEqual({
      lamp: { state: 'alive', reason: 'All is well.' },
      events: 7,
      events_per_sec: 1,
      newest: NOW * 1000,
      in_flight: 2,
      quarantined: 1,
    } satisfies LiveStatus);
    await until('the first look', () => asked.length === 1);
    expect(asked[0]).toEqual([
      'proto:tcp',
      { from: NOW * 1000 - 60e6, to: NOW * 1000 + 3600e6 },
      { columns: ['a', 'b'], limit: 200 },
    ]);
    rows = [row(1, { 'rule.name': HOSTILE }), row(50)];
    station.commit(1);
    await until('the new row', () => live.of('rows').length === 1);
    rows = [row(0), ...rows];
    station.commit(1);
    await until('the next row', () => live.of('rows').length === 2);
    expect(live.of('rows')).toEqual([[row(1, { 'rule.name': HOSTILE })], [row(0)]]);
    message.destroy();
    await until('the goodbye', () => station.deps.telemetry.metrics.value(METRICS.live) === 0);
  });

  it('is the status alone where rows are not wanted', async () => {
    let asked = 0;
    station.questions = fakeQuestions({ list: async () => ({ rows: [row(asked++)], next: null, partial: false }) });
    const message = await open(station, '/api/live?rows=0');
    const live = listen(message);
    station.commit(1);
    station.status = fakeStatus({ store: fakeStore({ events: 8 }) });
    await until('the changed status', () => live.of('status').some((status) => (status as LiveStatus).events === 8));
    expect(asked).toBe(0);
    message.destroy();
  });

  it('says when more came than it shows', async () => {
    let rows: EventRow[] = [];
    let asked = 0;
    station.questions = fakeQuestions({ list: async () => (asked++, { rows, next: 'x', partial: false }) });
    const message = await open(station, '/api/live');
    const live = listen(message);
    await until('the first look', () => asked === 1);
    rows = Array.from({ length: 200 }, (_, n) => row(n));
    station.commit(5000);
    await until('the gap', () => live.of('gap').length === 1);
    expect(live.of('rows')).toEqual([rows]);
    message.destroy();
  });

  it('asks once for all who watch the same, and stops when they have gone', async () => {
    let asked = 0;
    let cancelled = 0;
    station.questions = fakeQuestions({
      list: (_expression, _range, _options, options) => {
        asked++;
        options?.signal?.addEventListener('abort', () => cancelled++, { once: true });
        return asked === 1 ? Promise.resolve({ rows: [], next: null, partial: false }) : never(options);
      },
    });
    const both = await Promise.all([open(station, '/api/live'), open(station, '/api/live')]);
    for (const message of both) listen(message);
    await until('both', () => station.deps.telemetry.metrics.value(METRICS.live) === 2);
    station.commit(1);
    await until('the question', () => asked === 2);
    for (const message of both) message.destroy();
    await until('the cancellation', () => cancelled > 0);
    expect(asked).toBe(2);
  });

  it('tells of a question that fails, and goes on', async () => {
    let asked = 0;
    station.questions = fakeQuestions({
      list: async () => {
        asked++;
        if (asked === 2) throw new Error('no');
        return { rows: asked === 3 ? [row(3)] : [], next: null, partial: false };
      },
    });
    const message = await open(station, '/api/live');
    const live = listen(message);
    await until('the first look', () => asked === 1);
    station.commit(1);
    await until('the problem', () => live.of('problem').length === 1);
    expect(live.of('problem')[0]).toMatchObject({ error: { code: 'internal' } });
    station.commit(1);
    await until('the row', () => live.of('rows').length === 1);
    message.destroy();
  });

  it('has a limit', async () => {
    const messages = await Promise.all(Array.from({ length: MAX_CLIENTS }, () => open(station, '/api/live?rows=0')));
    const more = await ask(station, '/api/live?rows=0');
    expect([more.status, (more.json() as { error: { code: string } }).error.code]).toEqual([503, 'too_many_clients']);
    for (const message of messages) message.destroy();
    await until('room again', () => station.deps.telemetry.metrics.value(METRICS.live) === 0);
    const again = await open(station, '/api/live?rows=0');
    expect(again.statusCode).toBe(200);
    again.destroy();
  });

  it('ends when the view closes, and so does every question', async () => {
    let asked = false;
    let cancelled = false;
    station.questions = fakeQuestions({
      count: (_expression, _range, options) => {
        asked = true;
        options?.signal?.addEventListener('abort', () => (cancelled = true));
        return never(options);
      },
    });
    const live = listen(await open(station, '/api/live?rows=0'));
    const waiting = ask(station, '/api/count');
    await until('the status and the question', () => live.of('status').length > 0 && asked);
    await station.view.close();
    await until('the end', () => live.ended());
    expect(cancelled).toBe(true);
    expect((await waiting).json()).toMatchObject({ error: { code: 'query_cancelled' } });
  });
});

describe('import', () => {
  it('runs on the socket only', async () => {
    const answer = await ask(station, '/api/import', { method: 'POST', body: '{"paths":["/x"]}' });
    expect([answer.status, (answer.json() as { error: { code: string } }).error.code]).toEqual([403, 'forbidden']);
  });

  it('streams progress and result; leaving stops it', async () => {
    await station.stop();
    let stopped = false;
    station = await startFakeStation({
      importFiles: async (paths, { parser, signal, progress }) => {
        progress({ path: paths[0], lines_read: 1 });
        if (paths[0] === '/slow') {
          signal.addEventListener('abort', () => (stopped = true));
          return never({ signal });
        }
        return { lines_read: 2, parser };
      },
    });
    const post = (body: unknown) => ({ method: 'POST', socket: true, body: JSON.stringify(body) });
    const answer = await ask(station, '/api/import', post({ paths: ['/a'], parser: 'p' }));
    expect(answer.body.toString()).toBe(
      '{"progress":{"path":"/a","lines_read":1}}\n{"result":{"lines_read":2,"parser":"p"}}\n',
    );
    for (const body of [
      {},
      { paths: [] },
      { paths: ['relative'] },
      { paths: ['/a\0'] },
      { paths: '/a' },
      { paths: ['/a'], parser: 5 },
    ]) {
      expect((await ask(station, '/api/import', post(body))).status, JSON.stringify(body)).toBe(400);
    }
    const message = await open(station, '/api/import', post({ paths: ['/slow'] }));
    message.destroy();
    await until('the stop', () => stopped);
  });
});
