import { existsSync } from 'node:fs';
import { VardeError } from '../base/errors.ts';
import type { Config } from '../config/schema.ts';
import { openStore } from '../pipeline/open-store.ts';
import { formatInstant } from '../event/time.ts';
import type { QuarantinedLine, Questions, TimeRange } from '../store/store.ts';
import type { QuarantinedLineJson, QuarantinePage } from '../view/api.ts';
import { documentJson } from '../view/document-json.ts';
import { getJson, postJson, stationAnswers, streamLines, withParameters } from './station-client.ts';

export type Cell = string | number | null;

export interface ScanOptions {
  columns: string[];
  /** 0: no limit. */
  limit: number;
  order: 'newest' | 'oldest';
  what: 'row' | 'line' | 'document';
}

/** One found event: its cells in the order of the asked columns, its exact line, or its document as JSON text. */
export interface Found {
  cells?: Cell[];
  line?: Buffer;
  document?: string;
}

/** A refused line; `line` is null where only its position was kept. */
export type Refused = Pick<QuarantinedLine, 'source' | 'path' | 'offset' | 'length' | 'detail' | 'time' | 'line'> & {
  code: string;
};

/** The questions of the command line: answered by the running station, or from the folder where none runs. */
export interface Asker {
  count(expression: string, range: TimeRange): Promise<number>;
  scan(expression: string, range: TimeRange, options: ScanOptions): AsyncIterable<Found[]>;
  sql(statement: string): ReturnType<Questions['sql']>;
  /** Refused lines, newest commit first; `limit` 0 is none. */
  quarantined(limit: number): AsyncIterable<Refused[]>;
  countQuarantined(): Promise<number>;
  close(): Promise<void>;
}

/** @throws VardeError data_folder where there is nothing to ask */
export async function openAsker(config: Config, signal: AbortSignal): Promise<Asker> {
  if (await stationAnswers(config.data)) return remoteAsker(config.data, signal);
  if (!existsSync(config.data))
    throw new VardeError('data_folder', `${config.data} does not exist: nothing has been stored there yet`);
  return localAsker(config, signal);
}

async function localAsker(config: Config, signal: AbortSignal): Promise<Asker> {
  const store = await openStore(config, undefined, { read_only: true });
  const questions = store.questions();
  const ask = { signal };
  return {
    count: (expression, range) => questions.count(expression, range, ask),
    async *scan(expression, range, { columns, limit, order, what }) {
      const options = { columns, limit, order, raw: what === 'line', document: what === 'document' };
      for await (const part of questions.scan(expression, range, options, ask)) {
        yield part.map(({ row, line, document }) => {
          if (what === 'line') return { line };
          if (document !== undefined)
            return { document: documentJson(document, { bigints: 'digits', maxDepth: MAX_DEPTH }) };
          return {
            cells: columns.map((name) =>
              name === '@timestamp' ? formatInstant(row.ts) : Object.hasOwn(row, name) ? row[name]! : null,
            ),
          };
        });
      }
    },
    sql: (statement) => questions.sql(statement, ask),
    quarantined: (limit) => questions.quarantined({ limit }, ask),
    countQuarantined: async () => (await questions.quarantine({ limit: 0, offset: 0 }, ask)).total,
    close: () => store.close(),
  };
}

const PART = 500;
/** A line can have 16 MiB. */
const PART_BYTES = 4 * 1024 * 1024;
/** Deeper documents are cut there, with a visible mark. */
const MAX_DEPTH = 1000;

function remoteAsker(data: string, signal: AbortSignal): Asker {
  // A question takes as long as it takes; Ctrl-C ends it.
  const patient = { signal, limitMs: null };
  const window = (range: TimeRange) => ({
    from: range.from === null ? undefined : String(range.from),
    to: range.to === null ? undefined : String(range.to),
  });
  return {
    async count(expression, range) {
      const parameters = { q: expression, ...window(range) };
      return (await getJson<{ count: number }>(data, '/api/count', parameters, patient)).count;
    },
    async *scan(expression, range, { columns, limit, order, what }) {
      const query = {
        q: expression,
        ...window(range),
        format: what === 'line' ? 'raw' : 'ndjson',
        columns: what === 'row' ? columns.join(',') : undefined,
        limit: String(limit),
        sort: order,
      };
      let part: Found[] = [];
      let bytes = 0;
      for await (const text of streamLines(data, 'GET', withParameters('/api/export', query), undefined, signal)) {
        if (what === 'line') part.push({ line: text });
        else if (what === 'document') part.push({ document: text.toString('utf8') });
        else {
          const row = JSON.parse(text.toString('utf8')) as Record<string, Cell>;
          part.push({ cells: columns.map((name) => (Object.hasOwn(row, name) ? row[name]! : null)) });
        }
        bytes += text.length;
        if (part.length === PART || bytes > PART_BYTES) {
          yield part;
          part = [];
          bytes = 0;
        }
      }
      yield part;
    },
    sql: (statement) => postJson(data, '/api/sql', { statement }, patient),
    async *quarantined(limit) {
      const path = withParameters('/api/quarantine/export', { limit: String(limit) });
      let part: Refused[] = [];
      let bytes = 0;
      for await (const json of streamLines(data, 'GET', path, undefined, signal)) {
        const { text, hex, ...rest } = JSON.parse(json.toString('utf8')) as QuarantinedLineJson;
        const line = hex !== null ? Buffer.from(hex, 'hex') : text === null ? null : Buffer.from(text, 'utf8');
        part.push({ ...rest, line });
        bytes += json.length;
        if (part.length < PART && bytes < PART_BYTES) continue;
        yield part;
        part = [];
        bytes = 0;
      }
      yield part;
    },
    async countQuarantined() {
      return (await getJson<QuarantinePage>(data, '/api/quarantine', { limit: '0' }, patient)).total;
    },
    close: async () => undefined,
  };
}
