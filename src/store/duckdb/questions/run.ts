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
  return guarded(async () => (await connection.runAndReadAll(query.text, values, types)).getRows());
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
    await take(chunk.getRows());
  }
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

/** {@link runOnSegments}, and tells the asker where a segment had to be left out. */
export async function askSegments<T>(
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
