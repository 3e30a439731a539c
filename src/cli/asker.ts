import { existsSync } from 'node:fs';
import { VardeError } from '../base/errors.ts';
import type { Config } from '../config/schema.ts';
import { openStore } from '../pipeline/open-store.ts';
import { formatInstant } from '../event/time.ts';
import type { QuarantinedLine, Questions, TimeRange } from '../store/store.ts';
import type { QuarantinePage } from '../view/api.ts';
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

/** The questions of the command line: answered by the running station, or from the folder where none runs. */
export interface Asker {
  count(expression: string, range: TimeRange): Promise<number>;
  scan(expression: string, range: TimeRange, options: ScanOptions): AsyncIterable<Found[]>;
  sql(statement: string): ReturnType<Questions['sql']>;
  quarantine(limit: number): Promise<QuarantinePage['lines']>;
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
    async quarantine(limit) {
      const page = await questions.quarantine({ limit: limit === 0 ? Number.MAX_SAFE_INTEGER : limit, offset: 0 });
      return page.lines.map(({ line, ...rest }: QuarantinedLine) => ({
        ...rest,
        text: line === null ? null : line.toString('utf8'),
        hex: null,
      }));
    },
    close: () => store.close(),
  };
}

const PART = 500;
/** Deeper documents are cut there, with a visible mark. */
const MAX_DEPTH = 1000;

function remoteAsker(data: string, signal: AbortSignal): Asker {
  const window = (range: TimeRange) => ({
    from: range.from === null ? undefined : String(range.from),
    to: range.to === null ? undefined : String(range.to),
  });
  return {
    async count(expression, range) {
      return (await getJson<{ count: number }>(data, '/api/count', { q: expression, ...window(range) })).count;
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
      for await (const text of streamLines(data, 'GET', withParameters('/api/export', query), undefined, signal)) {
        if (what === 'line') part.push({ line: text });
        else if (what === 'document') part.push({ document: text.toString('utf8') });
        else {
          const row = JSON.parse(text.toString('utf8')) as Record<string, Cell>;
          part.push({ cells: columns.map((name) => (Object.hasOwn(row, name) ? row[name]! : null)) });
        }
        if (part.length === PART) {
          yield part;
          part = [];
        }
      }
      yield part;
    },
    sql: (statement) => postJson(data, '/api/sql', { statement }),
    async quarantine(limit) {
      return (
        await getJson<QuarantinePage>(data, '/api/quarantine', { limit: String(limit === 0 ? 1_000_000 : limit) })
      ).lines;
    },
    close: async () => undefined,
  };
}
