import { setTimeout } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { VardeError, messageOf } from '../../../base/errors.ts';
import { runOnSegments } from '../run-on-segments.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import type { AskOptions } from '../../store.ts';
import type { Sql } from './sql-text.ts';

export type Cells = DuckDBValue[];

/** All rows of an answer that is known to be small. */
export async function fetchRows(connection: DuckDBConnection, query: Sql): Promise<Cells[]> {
  const { values, types } = await bindings(query);
  return guarded(async () => {
    const result = await connection.run(query.text, values, types);
    const rows: Cells[] = [];
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return rows;
      rows.push(...rowsOfChunk(chunk));
    }
  });
}

/** Hands over the rows chunk by chunk; the engine works only as far ahead as one chunk. */
export async function streamRows(
  connection: DuckDBConnection,
  query: Sql,
  take: (rows: Cells[]) => Promise<void>,
): Promise<void> {
  const { values, types } = await bindings(query);
  const result = await guarded(() => connection.stream(query.text, values, types));
  for (;;) {
    const chunk: DuckDBDataChunk | null = await guarded(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    await take(rowsOfChunk(chunk));
  }
}

/** Reading whole columns takes half the time of reading row by row. */
function rowsOfChunk(chunk: DuckDBDataChunk): Cells[] {
  const columns = chunk.getColumns();
  return Array.from({ length: chunk.rowCount }, (_, i) => columns.map((column) => column[i]!));
}

async function bindings({ values }: Sql): Promise<{ values: DuckDBValue[]; types: DuckDBType[] }> {
  const { LIST, VARCHAR, listValue, BIGINT, HUGEINT } = await import('@duckdb/node-api');
  const typeOf = (value: unknown): DuckDBType => {
    if (Array.isArray(value)) return LIST(VARCHAR);
    return typeof value === 'number' ? BIGINT : typeof value === 'bigint' ? HUGEINT : VARCHAR;
  };
  return {
    values: values.map((value) => (typeof value === 'object' && value !== null ? listValue([...value]) : value)),
    types: values.map(typeOf),
  };
}

/** Want of memory is no damage: it must not make the store look for a broken segment. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isOutOfMemory(error)) throw new OutOfMemory(error);
    throw error;
  }
}

/** The answer needs more memory than the question engine may take. */
export class OutOfMemory extends VardeError {
  constructor(cause: unknown) {
    super(
      'query_failed',
      'The answer needs more memory than questions may take; ask for a shorter time or a narrower expression.',
      { cause },
    );
  }
}

function isOutOfMemory(error: unknown): boolean {
  return messageOf(error).startsWith('Out of Memory');
}

/** {@link runOnSegments}, and tells the asker where a segment had to be left out. Want of memory comes out at once. */
export async function askOnce<T>(
  context: QuestionContext,
  segments: readonly Segment[],
  ask: AskOptions | undefined,
  work: (connection: DuckDBConnection, segments: readonly Segment[]) => Promise<T>,
): Promise<T> {
  return runOnSegments(context, segments, ask?.signal, async (connection, left) => {
    if (left.length < segments.length) ask?.incomplete?.();
    return work(connection, left);
  });
}

/** Questions that found no memory wait here, one behind the other. */
let retries: Promise<unknown> = Promise.resolve();
const RETRY_AFTER_MS = [50, 300, 1000];

/**
 * Like {@link askOnce}, and asks again where memory was short: all questions share it, so it may be the others that need much, and not for
 * long.
 */
export async function askSegments<T>(
  context: QuestionContext,
  segments: readonly Segment[],
  ask: AskOptions | undefined,
  work: (connection: DuckDBConnection, segments: readonly Segment[]) => Promise<T>,
): Promise<T> {
  try {
    return await askOnce(context, segments, ask, work);
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    const turn = retries.then(async () => {
      for (const wait of RETRY_AFTER_MS) {
        await setTimeout(wait, undefined, { ref: false });
        try {
          return await askOnce(context, segments, ask, work);
        } catch (again) {
          if (!(again instanceof OutOfMemory)) throw again;
        }
      }
      throw error;
    });
    retries = turn.catch(() => undefined);
    return turn;
  }
}
