import { VardeError, messageOf } from '../../base/errors.ts';
import { type Engine, isInvalidated } from './engine.ts';
import type { Segment } from './segments.ts';

/** Without the last ones every segment would be set aside at once, when the process has too many files open. */
const NO_DAMAGE = /^(Out of Memory|INTERRUPT) Error|^IO Error: .*(Too many open files|Cannot allocate memory)/s;

/** Reads every byte of each segment; returns those that cannot be read to the end, with the engine's words. */
export async function damaged<T extends Segment>(
  engine: Engine,
  segments: readonly T[],
  signal?: AbortSignal,
): Promise<{ segment: T; reason: string }[]> {
  const found: { segment: T; reason: string }[] = [];
  for (const segment of segments) {
    const check = () => readThrough(engine, segment, signal);
    try {
      await check().catch((error: unknown) => {
        if (!isInvalidated(error)) throw error;
        return check();
      });
    } catch (error) {
      if (error instanceof VardeError) throw error;
      // Too little memory or too few descriptors say nothing about the file, and neither does what others did to the engine.
      if (!NO_DAMAGE.test(messageOf(error)) && !isInvalidated(error)) found.push({ segment, reason: messageOf(error) });
    }
  }
  return found;
}

async function readThrough(engine: Engine, segment: Segment, signal: AbortSignal | undefined): Promise<void> {
  await engine.withQuestionConnection(signal, async (connection) => {
    const { VARCHAR } = await engine.duckdb();
    // A hash over the whole row makes the engine decode all columns.
    const sql = 'SELECT count(*), bit_xor(hash(t)) FROM read_parquet($path) t';
    const reader = await connection.runAndReadAll(sql, { path: segment.path }, { path: VARCHAR });
    const rows = Number(reader.getRows()[0]?.[0]);
    if (rows !== segment.rows) throw new Error(`${rows} of ${segment.rows} rows are there`);
  });
}
