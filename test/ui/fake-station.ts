import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { csvRecord } from '../../src/base/csv.ts';
import { VardeError } from '../../src/base/errors.ts';
import { parseTimeRange } from '../../src/base/time-range.ts';
import { KNOWN_FIELDS } from '../../src/search/fields.ts';
import { shownValue } from '../../src/search/lookup.ts';
import type { ApiError, EmptyReason, LiveStatus, SensorsAnswer, StationStatus } from '../../src/view/api.ts';
import {
  type Asked,
  documentOf,
  lineOf,
  matcherOf,
  nearestOf,
  nested,
  overviewOf,
  rowOf,
  timelineOf,
  topOf,
  whyEmpty,
} from './fake/answers.ts';
import { type FakeEvent, makeDay, makeEvent } from './fake/day.ts';
import { seeded } from './fake/random.ts';
import { sensorsAnswer } from './fake/sensors.ts';
import { quarantinePage, refusedLines, stationStatus } from './fake/status.ts';

export interface FakeOptions {
  /** Events of the made-up day, or the events themselves. */
  events?: number | FakeEvent[];
  /** Folder with the built page. */
  web?: string;
  port?: number;
  /** New events each second. */
  rate?: number;
}

/** A station that answers the page from made-up events: same addresses, same messages, and it can be told to fail or to dawdle. */
export interface FakeStation {
  url: string;
  events: FakeEvent[];
  /** Errors by path (`overview`), until taken out again. */
  fail: Map<string, ApiError['error'] & { status: number }>;
  /** Milliseconds between two segments of a list, and before any other answer. */
  slow: { segment: number; answer: number };
  /** What /api/empty says instead of the truth. */
  empty: EmptyReason | null;
  /** What /api/sensors answers; changed between requests. */
  sensors(now: number): SensorsAnswer;
  /** Changes of the status. */
  status: Partial<StationStatus>;
  /** Requests so far, as paths with query. */
  asked: string[];
  /** Whether answers say that something may be missing in them. */
  incomplete: boolean;
  /** Adds events now, or so many milliseconds ago, and tells the live pages. */
  add(count: number, age?: number): void;
  /** Ends all open streams, as when the station stops. */
  drop(): void;
  stop(): Promise<void>;
}

/** As strict as the station's own: nothing inline, nothing foreign. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};
const SEGMENTS = 24;

export async function startFakeStation(options: FakeOptions = {}): Promise<FakeStation> {
  const web = options.web ?? process.env['VARDE_WEB_DIR'] ?? 'dist/web';
  const started = Date.now();
  const events = Array.isArray(options.events) ? options.events : makeDay(options.events ?? 30_000, started * 1000, 7);
  const random = seeded(99);
  const live = new Set<{ response: ServerResponse; asked: Asked; columns: string[]; rows: boolean }>();
  let quarantine = refusedLines(started);

  const status = (): StationStatus => ({
    ...stationStatus(events, quarantine.length, Date.now(), started - 7_380_000),
    ...station.status,
  });
  const liveStatus = (): LiveStatus => {
    const now = status();
    return {
      lamp: now.lamp,
      events: events.length,
      events_per_sec: now.events_per_sec,
      newest: events.at(-1)?.ts ?? null,
      in_flight: 3,
      quarantined: now.store.quarantined,
    };
  };
  const beat = setInterval(() => {
    for (const { response } of live) response.write(`event: status\ndata: ${JSON.stringify(liveStatus())}\n\n`);
  }, 1000);
  const grow = options.rate ? setInterval(() => station.add(1), 1000 / options.rate) : undefined;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url!, 'http://station');
    station.asked.push(url.pathname + url.search);
    if (!url.pathname.startsWith('/api/')) return sendFile(web, url.pathname, response);
    const name = url.pathname.slice(5);
    const params = url.searchParams;
    const failure = station.fail.get(name);
    if (failure) {
      const { status, ...error } = failure;
      return json(response, { error }, status);
    }
    const range = parseTimeRange(params.get('from'), params.get('to'), {
      now: Date.now(),
      code: 'bad_request',
      numbers: 'microseconds',
      names: { from: 'from', to: 'to' },
    });
    const asked: Asked = { q: params.get('q') ?? '*', ...range };
    const columns = (params.get('columns') ?? '').split(',').filter(Boolean);
    const now = Date.now() * 1000;
    const lacking = station.incomplete ? { incomplete: true } : {};
    const chosen = (): FakeEvent[] => events.filter(matcherOf(asked));
    if (station.slow.answer > 0 && !['live', 'events', 'status'].includes(name)) await pause(station.slow.answer);
    switch (name) {
      case 'overview':
        return json(response, { ...overviewOf(chosen(), asked, now), ...lacking });
      case 'timeline':
        return json(response, {
          ...timelineOf(chosen(), asked, params.get('by') ?? 'event.action', Number(params.get('bins') ?? 100), now),
          ...lacking,
        });
      case 'top':
        return json(response, {
          ...topOf(chosen(), params.get('field')!, Number(params.get('limit') ?? 10)),
          ...lacking,
        });
      case 'count':
        return json(response, { count: chosen().length });
      case 'events':
        return list(response, chosen(), columns, Number(params.get('limit') ?? 100), Number(params.get('after') ?? 0));
      case 'event': {
        const event = events.find(({ id }) => id === params.get('id'));
        if (!event) throw new VardeError('not_found', 'No event has this id.');
        // Documents of the station hold their line, and big integers in this form.
        const document = nested({
          ...event.fields,
          'event.original': lineOf(event),
          'suricata.eve.big': { $int: '18446744073709551615' },
        });
        return json(response, {
          id: event.id,
          ts: event.ts,
          line: lineOf(event),
          line_hex: null,
          document,
          path: '/var/log/suricata/eve.json',
        });
      }
      case 'neighbours': {
        const event = events.find(({ id }) => id === params.get('id'))!;
        const same = (field: string) =>
          events
            .filter((other) => other.fields[field] !== undefined && other.fields[field] === event.fields[field])
            .slice(0, 50)
            .map((other) => rowOf(other, columns));
        const near = events
          .slice(Math.max(0, events.indexOf(event) - 2), events.indexOf(event) + 4)
          .map((other) => rowOf(other, columns));
        return json(response, { flow: near, community: same('network.community_id') });
      }
      case 'nearest':
        return json(response, nearestOf(events, asked));
      case 'export':
        return exported(response, chosen(), columns, params.get('format') ?? 'csv');
      case 'fields':
        return json(
          response,
          KNOWN_FIELDS.map(({ name, aliases, kind, title, column }) => ({
            name,
            aliases,
            type: kind,
            title,
            column: column !== null,
          })),
        );
      case 'values': {
        const prefix = (params.get('prefix') ?? '').toLowerCase();
        const found = topOf(chosen(), params.get('field')!, 1e6).values.filter(({ value }) =>
          String(value).toLowerCase().startsWith(prefix),
        );
        return json(response, { values: found.slice(0, 20) });
      }
      case 'explain':
        matcherOf(asked);
        return json(response, { ok: true, columns: true });
      case 'empty':
        return json(response, station.empty ?? whyEmpty(events, asked));
      case 'quarantine':
        return json(response, quarantinePage(quarantine, params));
      case 'quarantine/retry': {
        const tried = quarantine.length;
        quarantine = quarantine.filter(({ code }) => code !== 'bad_timestamp');
        return json(response, { tried, stored: tried - quarantine.length });
      }
      case 'status':
        return json(response, status());
      case 'sensors': {
        const answer = station.sensors(Date.now());
        const named = params.get('sensor');
        return json(response, {
          ...answer,
          sensors: answer.sensors.filter(({ name: one }) => named === null || one === named),
        });
      }
      case 'demo': {
        const answer = station.sensors(Date.now());
        if (answer.demo === null) throw new VardeError('not_found', 'This is no demo.');
        const broken = !answer.demo.broken;
        const before = station.sensors;
        station.sensors = (at) => ({ ...before(at), demo: { broken } });
        return json(response, { broken });
      }
      case 'live': {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        const one = {
          response,
          asked: { q: asked.q, from: null, to: null },
          columns,
          rows: params.get('rows') !== '0',
        };
        live.add(one);
        response.on('close', () => live.delete(one));
        response.write(`event: status\ndata: ${JSON.stringify(liveStatus())}\n\n`);
        return;
      }
      default:
        throw new VardeError('not_found', 'There is no such question.');
    }
  };

  async function list(
    response: ServerResponse,
    found: FakeEvent[],
    columns: string[],
    limit: number,
    after: number,
  ): Promise<void> {
    const all = found.reverse();
    const page = all.slice(after, after + limit);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const write = (message: unknown): boolean => response.write(`${JSON.stringify(message)}\n`);
    const step = Math.max(1, Math.ceil(page.length / SEGMENTS));
    for (let done = 0; done < SEGMENTS; done++) {
      if (response.destroyed) return;
      const part = page.slice(done * step, (done + 1) * step);
      if (part.length > 0) write({ rows: part.map((event) => rowOf(event, columns)) });
      write({ progress: { done: done + 1, total: SEGMENTS } });
      if (station.slow.segment > 0) await pause(station.slow.segment);
    }
    write({ end: { next: after + limit < all.length ? String(after + limit) : null, partial: false, took_ms: 9 } });
    response.end();
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const known = error instanceof VardeError ? error : new VardeError('internal', String(error));
      if (!response.headersSent)
        json(
          response,
          { error: { code: known.code, message: known.message, remedy: known.remedy, details: { ...known.details } } },
          known.httpStatus,
        );
      else response.destroy();
    });
  });
  const station: FakeStation = {
    url: '',
    events,
    fail: new Map(),
    slow: { segment: 0, answer: 0 },
    empty: null,
    sensors: sensorsAnswer,
    status: {},
    asked: [],
    incomplete: false,
    add(count, age = 0) {
      const fresh = Array.from({ length: count }, (_, i) =>
        makeEvent(random, (Date.now() - age) * 1000 + i, 'feedfacefeedface', events.length + i),
      );
      events.push(...fresh);
      for (const { response, asked, columns, rows } of live) {
        if (!rows) continue;
        const matching = fresh.filter(matcherOf(asked));
        if (matching.length > 0)
          response.write(`event: rows\ndata: ${JSON.stringify(matching.map((event) => rowOf(event, columns)))}\n\n`);
      }
    },
    drop() {
      for (const { response } of live) response.destroy();
    },
    async stop() {
      clearInterval(beat);
      clearInterval(grow);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  await new Promise<void>((ready) => server.listen(options.port ?? 0, '127.0.0.1', ready));
  station.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return station;
}

function pause(millis: number): Promise<void> {
  return new Promise((done) => setTimeout(done, millis));
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-security-policy': CSP,
  });
  response.end(JSON.stringify(body));
}

function exported(response: ServerResponse, events: FakeEvent[], columns: string[], format: string): void {
  response.writeHead(200, {
    'content-type': format === 'csv' ? 'text/csv' : 'application/x-ndjson',
    'content-disposition': `attachment; filename="varde.${format}"`,
  });
  if (format === 'csv') response.write(csvRecord(columns));
  for (const event of events.toReversed()) {
    if (format === 'csv') response.write(csvRecord(columns.map((column) => shownValue(documentOf(event), column))));
    else response.write(`${format === 'raw' ? lineOf(event) : JSON.stringify(documentOf(event))}\n`);
  }
  response.end();
}

function sendFile(web: string, path: string, response: ServerResponse): void {
  const name = normalize(path).replace(/^[/.]+/, '');
  const file = join(web, extname(name) === '' ? 'index.html' : name);
  if (!existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
  });
  createReadStream(file).pipe(response);
}
