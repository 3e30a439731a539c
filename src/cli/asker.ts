import { existsSync } from 'node:fs';
import { VardeError } from '../base/errors.ts';
import type { Config } from '../config/schema.ts';
import { openStore } from '../pipeline/open-store.ts';
import type { EventRow, QuarantinedLine, Questions, TimeRange } from '../store/store.ts';
import type { QuarantinePage } from '../view/api.ts';
import { getJson, postJson, stationAnswers, streamLines, toError } from './station-client.ts';

export interface ScanOptions {
  columns: string[];
  /** 0: no limit. */
  limit: number;
  order: 'newest' | 'oldest';
  what: 'row' | 'line' | 'document';
}

/** One found event: its columns, its exact line, or its document as JSON text. */
export interface Found {
  row: EventRow;
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
  const { stringifyLossless } = await import('../event/lossless-json.ts');
  const store = await openStore(config, undefined, { read_only: true });
  const questions = store.questions();
  const ask = { signal };
  return {
    count: (expression, range) => questions.count(expression, range, ask),
    async *scan(expression, range, { columns, limit, order, what }) {
      const options = { columns, limit, order, raw: what === 'line', document: what === 'document' };
      for await (const part of questions.scan(expression, range, options, ask)) {
        yield part.map(({ row, line, document }) => ({
          row,
          line,
          document: document === undefined ? undefined : stringifyLossless(document),
        }));
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

/** One message of the station's `/api/scan`: an event, or the error that ended the stream. */
interface ScanMessage {
  row?: EventRow;
  line?: string;
  document?: string;
  error?: Parameters<typeof toError>[0];
  end?: true;
}

const PART = 500;

function remoteAsker(data: string, signal: AbortSignal): Asker {
  const window = (range: TimeRange) => ({
    from: range.from === null ? undefined : String(range.from),
    to: range.to === null ? undefined : String(range.to),
  });
  return {
    async count(expression, range) {
      return (await getJson<{ count: number }>(data, '/api/count', { q: expression, ...window(range) })).count;
    },
    async *scan(expression, range, options) {
      let part: Found[] = [];
      let complete = false;
      for await (const text of streamLines(data, 'POST', '/api/scan', { expression, ...range, ...options }, signal)) {
        const message = JSON.parse(text.toString('utf8')) as ScanMessage;
        if (message.error !== undefined) throw toError(message.error);
        if (message.end === true) complete = true;
        if (message.row === undefined) continue;
        part.push({
          row: message.row,
          document: message.document,
          line: message.line === undefined ? undefined : Buffer.from(message.line, 'base64'),
        });
        if (part.length === PART) {
          yield part;
          part = [];
        }
      }
      if (part.length > 0) yield part;
      if (!complete) throw new VardeError('query_failed', 'the station ended the answer before it was complete');
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
