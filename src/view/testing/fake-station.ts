import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTelemetry } from '../../telemetry/telemetry.ts';
import type { AskOptions, EventRow, Questions } from '../../store/store.ts';
import type { StationStatus } from '../api.ts';
import type { ViewDeps } from '../deps.ts';
import { createView, type View } from '../server.ts';
import { fakeStatus, NOW } from './fake-status.ts';

export { fakeSource, fakeStatus, fakeStore, NOW } from './fake-status.ts';

export const FILE_ID = '00c0ffee00c0ffee';

/** What an attacker would like to see rendered, run or written. */
export const HOSTILE = '=HYPERLINK("http://x","</script><script>alert(1)</script>")\u001B[31m\u202E\u2028\0';

export const row = (n: number, fields: Record<string, string | number | null> = {}): EventRow => ({
  id: `${FILE_ID}-${n}-${(NOW - n) * 1000}`,
  ts: (NOW - n) * 1000,
  'event.action': 'alert',
  ...fields,
});

/** A promise that ends only by its signal: a question that takes for ever. */
export function never(ask?: AskOptions): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new DOMException('aborted', 'AbortError'));
    if (ask?.signal?.aborted === true) stop();
    ask?.signal?.addEventListener('abort', stop, { once: true });
  });
}

export function fakeQuestions(changes: Partial<Questions> = {}): Questions {
  const timeline = { from: 0, bin: 1, bins: 1, series: [{ name: HOSTILE, counts: [1] }], total: 1 };
  return {
    count: async () => 7,
    timeline: async () => timeline,
    top: async () => ({ values: [{ value: HOSTILE, count: 3 }], with_field: 3, distinct: 1 }),
    list: async (_expression, _range, { limit }) => ({
      rows: [row(1, { 'rule.name': HOSTILE })].slice(0, limit),
      next: null,
      partial: false,
    }),
    async *scan() {
      yield [
        {
          row: row(1, { 'rule.name': HOSTILE, 'source.port': 443 }),
          line: Buffer.from('{"a":1}'),
          document: Object.assign(Object.create(null), { a: 2n ** 64n }),
        },
      ];
    },
    event: async () => null,
    lineAt: async () => null,
    neighbours: async () => ({ flow: [row(2)], community: [] }),
    nearest: async () => ({ before: 1, after: null }),
    quarantine: async () => ({ total: 0, lines: [], by_code: [] }),
    async *quarantined() {
      yield [];
    },
    sql: async () => ({ columns: [{ name: 'n', type: 'BIGINT' }], rows: [['1']] }),
    ...changes,
  };
}

export interface FakeStation {
  view: View;
  deps: ViewDeps;
  /** Change these between requests. */
  questions: Questions;
  status: StationStatus;
  logged: string[];
  /** Tells all who subscribed of a commit. */
  commit(rows: number): void;
  url: string;
  port: number;
  socket: string;
  /** The temporary folder, with the page in `web`. */
  folder: string;
  stop(): Promise<void>;
}

/** A view over a made-up station, listening on a free port and on a socket. */
export async function startFakeStation(changes: Partial<ViewDeps> = {}): Promise<FakeStation> {
  const folder = mkdtempSync(join(tmpdir(), 'varde-view-'));
  const webRoot = join(folder, 'web');
  mkdirSync(join(webRoot, 'assets'), { recursive: true });
  writeFileSync(join(webRoot, 'index.html'), `<!doctype html><title>Varde</title>${' '.repeat(2000)}`);
  writeFileSync(join(webRoot, 'assets', 'app-abc123.js'), `console.log(1);${' '.repeat(2000)}`);
  writeFileSync(join(webRoot, 'assets', 'app-abc123.js.map'), '{}');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  const logged: string[] = [];
  const listeners = new Set<(committed: { rows: number }) => void>();
  const telemetry = createTelemetry({
    stream: { write: (text: string) => logged.push(text) },
    level: 'info',
    tty: false,
  });
  const station: FakeStation = {
    questions: fakeQuestions(),
    status: fakeStatus(),
    logged,
    folder,
    socket: join(folder, 'varde.sock'),
    commit: (rows) => {
      for (const listener of listeners) listener({ rows });
    },
    stop: async () => {
      await station.view.close();
      rmSync(folder, { recursive: true, force: true });
    },
    url: '',
    port: 0,
    view: undefined as unknown as View,
    deps: undefined as unknown as ViewDeps,
  };
  station.deps = {
    questions: () => station.questions,
    storeStatus: () => station.status.store,
    stationStatus: () => station.status,
    sensors: () => ({
      now: NOW,
      sensors: [],
      notify: { channels: [], pending: 0, last: null },
      tzsp: null,
      tzsp_problems: [],
      demo: null,
    }),
    probesSent: (probes) => ({ taken: probes.length, refused: 0 }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retryQuarantine: async () => ({ tried: 3, stored: 2 }),
    telemetry,
    webRoot,
    version: '0.0.0',
    now: () => NOW,
    ...changes,
  };
  station.view = createView(station.deps);
  const bound = await station.view.listen({ host: '127.0.0.1', port: 0 });
  await station.view.listenSocket(station.socket);
  Object.assign(station, bound);
  return station;
}

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  json(): unknown;
}

export interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Over the Unix socket. */
  socket?: boolean;
}

/** One request with the path exactly as given (fetch would mend it). */
export async function ask(station: FakeStation, path: string, asking: Asking = {}): Promise<Answer> {
  const message = await open(station, path, asking);
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  const body = Buffer.concat(parts);
  return { status: message.statusCode!, headers: message.headers, body, json: () => JSON.parse(body.toString('utf8')) };
}

/** The same, without reading the body. */
export function open(station: FakeStation, path: string, asking: Asking = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, socket = false } = asking;
  const where = socket ? { socketPath: station.socket } : { host: '127.0.0.1', port: station.port };
  const type =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const host = socket ? 'localhost' : `127.0.0.1:${station.port}`;
    const outgoing = request({ ...where, method, path, agent: false, headers: { host, ...type, ...headers } }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Waits for a condition instead of for a time. */
export async function until(what: string, condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
