import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue, DuckDBVector } from '@duckdb/node-api';
import { VardeError, messageOf } from '../../../base/errors.ts';
import { formatInstant } from '../../../event/time.ts';
import { runOnSegments } from '../run-on-segments.ts';
import type { AskOptions } from '../../store.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import { plainValue } from './event-rows.ts';
import { openSandbox } from './sql-sandbox.ts';

const MAX_ROWS = 100_000;
/** Of the answer as JSON: it is held as a whole, as values and as text, beside everything else that the station does. */
const MAX_BYTES = 32 * 1024 * 1024;
/** What an item of a list, map or struct takes while its cell is made, whatever its text is (measured: 70 bytes). */
const ITEM_BYTES = 64;
/** What a cell takes at least, as a value in an array. */
const CELL_BYTES = 8;
const MAX_LENGTH = 100_000;
const INTERRUPT_AGAIN_MS = 50;

type Scalar = string | number | boolean | null;
export interface SqlAnswer {
  columns: { name: string; type: string }[];
  rows: Scalar[][];
}

/** One statement at a time: each has an engine of its own, and memory for one. */
let previous: Promise<unknown> = Promise.resolve();

/** One SELECT over the views `events` and `quarantine`. Refused: more than one statement, and whatever is no SELECT. */
export async function sqlQuestion(context: QuestionContext, statement: string, ask?: AskOptions): Promise<SqlAnswer> {
  const turn = previous.then(() => answer(context, statement, ask));
  previous = turn.catch(() => undefined);
  return turn;
}

async function answer(context: QuestionContext, statement: string, ask: AskOptions | undefined): Promise<SqlAnswer> {
  throwIfCancelled(ask);
  if (statement.length > MAX_LENGTH)
    throw new VardeError('sql_refused', `The statement is longer than ${MAX_LENGTH} characters.`);
  const segments = context.catalogue.segments({ from: null, to: null });
  return runOnSegments(context, segments, ask?.signal, async (_, left) => {
    if (left.length < segments.length) ask?.incomplete?.();
    const quarantined = /quarantine/i.test(statement) ? context.catalogue.quarantined() : null;
    const { instance, connection } = await openSandbox(left, quarantined);
    try {
      return await interruptible(connection, ask, () => run(connection, statement, left));
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

async function run(connection: DuckDBConnection, statement: string, segments: readonly Segment[]): Promise<SqlAnswer> {
  const { StatementType } = await import('@duckdb/node-api');
  try {
    const statements = await connection.extractStatements(statement);
    if (statements.count !== 1)
      throw new VardeError('sql_refused', `One statement is answered at a time; these are ${statements.count}.`);
    const prepared = await statements.prepare(0);
    if (prepared.statementType !== StatementType.SELECT) {
      throw new VardeError(
        'sql_refused',
        `Only SELECT is answered; this is ${StatementType[prepared.statementType] ?? 'something else'}.`,
      );
    }
    const result = await prepared.stream();
    const names = result.deduplicatedColumnNames();
    const columns = result.columnTypes().map((type, i) => ({ name: names[i]!, type: String(type) }));
    const rows = boundedRows();
    for (;;) {
      // The engine works only some chunks ahead; what it has not made when the bound is met is never made.
      const chunk: DuckDBDataChunk | null = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return { columns, rows: rows.all };
      rows.hold(itemsWithin(chunk) * ITEM_BYTES);
      // Cell by cell: a chunk can hold many times what an answer may.
      for (let i = 0; i < chunk.rowCount; i++) {
        rows.begin();
        chunk.visitRowValues(i, (value) => rows.add(scalar(value)));
      }
    }
  } catch (error) {
    if (error instanceof VardeError) throw error;
    const message = messageOf(error);
    // Trouble with a segment is told from trouble with the statement by the file that the engine names; the caller then looks for damage.
    if (!message.startsWith('Permission Error') && segments.some(({ path }) => message.includes(path))) throw error;
    const refused = /^Permission Error|configuration has been locked/.test(message);
    throw new VardeError(refused ? 'sql_refused' : 'query_failed', withoutPaths(message, segments), { cause: error });
  }
}

/** Collects rows. @throws VardeError query_failed where they become too many, or too large */
function boundedRows(): { all: Scalar[][]; hold(bytes: number): void; begin(): void; add(cell: Scalar): void } {
  const all: Scalar[][] = [];
  let row: Scalar[] = [];
  let bytes = 0;
  const size = `${MAX_BYTES / 1024 / 1024} MB`;
  const cure = 'name the columns that you need, or add a LIMIT or a GROUP BY';
  const tooMuch = (what: string): never => {
    throw new VardeError('query_failed', `The answer has more than ${what}; ${cure}.`);
  };
  return {
    all,
    /** For a while only. */
    hold(more) {
      if (bytes + more > MAX_BYTES) tooMuch(size);
    },
    begin() {
      if (all.length === MAX_ROWS) tooMuch(`${MAX_ROWS} rows`);
      all.push((row = []));
    },
    add(cell) {
      // The length first: a text that is too long anyway must not be written out to be measured.
      const length = typeof cell !== 'string' ? 0 : cell.length > MAX_BYTES ? Infinity : jsonBytes(cell);
      bytes += CELL_BYTES + length;
      if (bytes > MAX_BYTES) tooMuch(size);
      row.push(cell);
    },
  };
}

/** Items that stand within cells, at any depth. They are known before one of them is made a value. */
function itemsWithin(chunk: DuckDBDataChunk): number {
  let items = 0;
  for (let column = 0; column < chunk.columnCount; column++) {
    const vector = chunk.getColumnVector(column);
    items += itemsOf(vector) - vector.itemCount;
  }
  return items;
}

/** Its own and those of the vectors in it: lists, maps, structs, arrays and unions each keep them under another name. */
function itemsOf(vector: DuckDBVector): number {
  const parts = Object.entries(vector).flatMap(([name, part]: [string, unknown]) =>
    name === 'parentList' ? [] : part,
  );
  const inner = parts.filter((part): part is DuckDBVector => isVector(part));
  return inner.reduce((sum, part) => sum + itemsOf(part), vector.itemCount);
}

function isVector(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'itemCount' in part && 'getItem' in part;
}

const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** Messages of the engine may show where the segments lie, which is nobody's business. */
function withoutPaths(message: string, segments: readonly Segment[]): string {
  let text = message;
  for (const { path } of segments) if (text.includes(path)) text = text.replaceAll(path, 'a segment');
  return text.slice(0, 2000);
}

async function interruptible<T>(
  connection: DuckDBConnection,
  ask: AskOptions | undefined,
  work: () => Promise<T>,
): Promise<T> {
  let again: NodeJS.Timeout | undefined;
  // Again and again: the engine may be between two steps when the first one comes.
  const interrupt = (): void => {
    connection.interrupt();
    again = setTimeout(interrupt, INTERRUPT_AGAIN_MS);
  };
  ask?.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    throwIfCancelled(ask);
    return await work();
  } catch (error) {
    throwIfCancelled(ask);
    throw error;
  } finally {
    ask?.signal?.removeEventListener('abort', interrupt);
    clearTimeout(again);
  }
}

function throwIfCancelled(ask: AskOptions | undefined): void {
  if (ask?.signal?.aborted === true) throw new VardeError('query_cancelled', 'The question was cancelled.');
}

function scalar(value: DuckDBValue): Scalar {
  if (typeof value === 'boolean') return value;
  if (
    typeof value === 'object' &&
    value !== null &&
    'micros' in value &&
    typeof value.micros === 'bigint' &&
    value.constructor.name === 'DuckDBTimestampTZValue'
  ) {
    const micros = Number(value.micros);
    return micros >= 0 && Number.isSafeInteger(micros) ? formatInstant(micros) : String(value);
  }
  return plainValue(value);
}
