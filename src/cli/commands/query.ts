import { VardeError } from '../../base/errors.ts';
import { parseTimeRange } from '../../base/time-range.ts';
import { parseQuery } from '../../search/grammar.ts';
import type { TimeRange } from '../../store/store.ts';
import { openAsker, type Asker, type Cell } from '../asker.ts';
import { csvFor } from '../format/csv.ts';
import { formatTable } from '../format/table.ts';
import { jsonRow, safeJson } from '../format/json.ts';
import { Output } from '../output.ts';
import { resolveSettings, type CommonOptions } from '../settings.ts';
import { printQuarantine } from './query-quarantine.ts';

export interface QueryOptions extends CommonOptions {
  since?: string;
  until?: string;
  limit: number;
  columns?: string;
  oldestFirst?: boolean;
  table?: boolean;
  json?: boolean;
  csv?: boolean;
  raw?: boolean;
  count?: boolean;
  sql?: string;
  quarantine?: boolean;
}

const DEFAULT_COLUMNS = [
  '@timestamp',
  'event.action',
  'event.severity',
  'source.ip',
  'source.port',
  'destination.ip',
  'destination.port',
  'network.protocol',
  'rule.name',
];

/** A table is drawn in parts of this many rows, each with its own column widths and one heading. */
const TABLE_ROWS = 1000;

/** `varde query`: prints what matches, to people as a table, to programs as JSON, CSV or the exact lines. */
export async function query(expression: string | undefined, options: QueryOptions): Promise<number> {
  if (expression === undefined && options.sql === undefined && options.quarantine !== true) {
    throw new VardeError('usage', "an expression is missing; '*' is everything");
  }
  if (expression !== undefined && options.sql !== undefined)
    throw new VardeError('usage', 'give an expression or --sql, not both');
  const range = parseTimeRange(options.since, options.until, {
    now: Date.now(),
    code: 'usage',
    numbers: 'by_size',
    names: { from: '--since', to: '--until' },
  });
  if (expression !== undefined) check(expression);
  const { config } = resolveSettings(options);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  const out = new Output(process.stdout, abort.signal);
  let asker: Asker | null = null;
  try {
    asker = await openAsker(config, abort.signal);
    if (options.sql !== undefined) await printSql(asker, options, out);
    else if (options.quarantine === true) await printQuarantine(asker, options, out, width());
    else if (options.count === true) await out.write(`${await asker.count(expression!, range)}\n`);
    else await printEvents(asker, expression!, range, options, out);
    return 0;
  } catch (error) {
    // The reader of a pipe has seen enough (`| head`): that is no failure.
    if (out.closed) return 0;
    // Whatever noticed it first, and in whose words.
    if (abort.signal.aborted) throw new VardeError('query_cancelled', 'Stopped on request.', { cause: error });
    throw error;
  } finally {
    process.off('SIGINT', stop);
    await asker?.close();
  }
}

/** Finds a mistake before anything is opened, and lets the error show where it is. */
function check(expression: string): void {
  try {
    parseQuery(expression);
  } catch (error) {
    if (!(error instanceof VardeError)) throw error;
    throw new VardeError(error.code, error.message, { cause: error, details: { ...error.details, expression } });
  }
}

async function printEvents(
  asker: Asker,
  expression: string,
  range: TimeRange,
  options: QueryOptions,
  out: Output,
): Promise<void> {
  const columns = (options.columns?.split(',') ?? DEFAULT_COLUMNS)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const order = options.oldestFirst === true ? 'oldest' : 'newest';
  const what =
    options.raw === true ? 'line' : options.json === true && options.columns === undefined ? 'document' : 'row';
  const found = asker.scan(expression, range, { columns, limit: options.limit, order, what });
  const csv = csvFor(process.stdout);
  if (options.csv === true) await out.write(csv.header(columns));
  let waiting: Cell[][] = [];
  let shown = 0;
  const asTable = options.csv !== true && options.json !== true && options.raw !== true;
  for await (const part of found) {
    if (what === 'line')
      await out.write(Buffer.concat(part.flatMap(({ line }) => (line === undefined ? [] : [line, NEWLINE]))));
    else if (what === 'document') await out.write(part.map(({ document }) => `${safeJson(document ?? '')}\n`).join(''));
    else if (options.csv === true) await out.write(part.map(({ cells }) => csv.record(cells!)).join(''));
    else if (options.json === true) await out.write(part.map(({ cells }) => jsonRow(columns, cells!)).join(''));
    else {
      waiting.push(...part.map(({ cells }) => cells!));
      if (waiting.length >= TABLE_ROWS) {
        await out.write(formatTable(columns, waiting, width()));
        waiting = [];
      }
    }
    shown += part.length;
  }
  if (!asTable) return;
  if (waiting.length > 0) await out.write(formatTable(columns, waiting, width()));
  await sayHowMany(asker, expression, range, shown, { limit: options.limit, order });
}

/** What the table left out, or why there is none; on standard error, so that it never gets into a pipe. */
async function sayHowMany(
  asker: Asker,
  expression: string,
  range: TimeRange,
  shown: number,
  { limit, order }: { limit: number; order: 'newest' | 'oldest' },
): Promise<void> {
  if (shown > 0) {
    if (limit > 0 && shown === limit) process.stderr.write(`The ${order} ${shown} are shown; --limit 0 shows all.\n`);
    return;
  }
  const all = await asker.count('*', { from: null, to: null });
  const inRange = range.from === null && range.to === null ? all : await asker.count('*', range);
  if (all === 0) process.stderr.write('No events are stored yet.\n');
  else if (inRange === 0) process.stderr.write(`No events in this time; ${all} lie outside of it.\n`);
  else
    process.stderr.write(
      `None of the ${inRange} events ${inRange === all ? 'stored' : 'in this time'} matches ${expression}.\n`,
    );
}

async function printSql(asker: Asker, options: QueryOptions, out: Output): Promise<void> {
  if (options.raw === true || options.count === true)
    throw new VardeError('usage', '--sql goes with --table, --json or --csv');
  const { columns, rows } = await asker.sql(options.sql!);
  const names = columns.map((column) => column.name);
  const cells = rows.map((row) => row.map((value) => (typeof value === 'boolean' ? String(value) : value)));
  if (options.json === true) await out.write(cells.map((row) => jsonRow(names, row)).join(''));
  else if (options.csv === true) {
    const csv = csvFor(process.stdout);
    await out.write(csv.header(names) + cells.map((row) => csv.record(row)).join(''));
  } else await out.write(formatTable(names, cells, width()));
}

const NEWLINE = Buffer.from('\n');

/** Width of the terminal; a pipe gets whole cells. */
function width(): number | null {
  return process.stdout.isTTY ? process.stdout.columns : null;
}
