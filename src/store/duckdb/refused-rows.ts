import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { DuckdbBatch } from './batch.ts';
import type { Core } from './core.ts';
import { diskProblem } from './disk-space.ts';
import { TEMPORARY } from './segment-name.ts';
import { RowCountError } from './segment-write.ts';
import { stage } from './stage.ts';

/** DuckDB's kinds of error that a value can cause. "Out of Memory" is among them: one line may be too large for the engine's limit. */
const ROW_TROUBLE =
  /^(Conversion|Invalid Input|Out of Range|Out of Memory|Constraint|Invalid Unicode|Serialization) Error/;

/** Whether an error may be due to single rows, so that it makes sense to look for them. */
export function isRowTrouble(error: unknown): boolean {
  return error instanceof RowCountError || (diskProblem(error) === null && ROW_TROUBLE.test(messageOf(error)));
}

/**
 * Finds the rows that the engine does not take, by halving, and moves them to the batch's quarantine. The encoder checks types and ranges
 * already, so this is the last net: nothing may be lost, and one odd row must not hold up the others.
 *
 * @throws what is no fault of a row.
 */
export async function refusedRows(core: Core, batch: DuckdbBatch, ingested: number): Promise<void> {
  const halve = async (rows: readonly number[]): Promise<void> => {
    const problem = await tryRows(core, batch, rows, ingested);
    if (problem === null) return;
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) {
      batch.refuseRow(only, problem);
      return;
    }
    const middle = rows.length >> 1;
    await halve(rows.slice(0, middle));
    await halve(rows.slice(middle));
  };
  await halve(batch.acceptedRows() ?? Array.from({ length: batch.rows }, (_, i) => i));
}

/** Null where the engine takes all of the rows, otherwise its complaint. */
async function tryRows(
  core: Core,
  batch: DuckdbBatch,
  rows: readonly number[],
  ingested: number,
): Promise<string | null> {
  const staged = await stage(core, batch, rows, ingested);
  const target = join(core.fresh.path, `trial.parquet${TEMPORARY}`);
  try {
    const { VARCHAR } = await core.engine.duckdb();
    const connection = await core.engine.ingestConnection();
    const result = await connection.run(
      `COPY (${staged.select}) TO $trial (FORMAT parquet, USE_TMP_FILE false)`,
      { ...staged.binding.values, trial: target },
      { ...staged.binding.types, trial: VARCHAR },
    );
    const written = Number((await result.getRows())[0]?.[0]);
    return written === rows.length ? null : new RowCountError(rows.length, written).message;
  } catch (error) {
    if (!isRowTrouble(error)) throw error;
    return messageOf(error);
  } finally {
    await staged.dispose();
    await rm(target, { force: true }).catch(() => undefined);
  }
}
