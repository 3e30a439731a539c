import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskProblem } from './disk-space.ts';
import { writeWhole } from './durable.ts';
import type { DuckdbBatch } from './batch.ts';
import type { Core } from './core.ts';
import type { Binding } from './engine.ts';
import { TEMPORARY } from './segment-name.ts';
import { readStaged, STAGED_SELECT } from './schema.ts';

const STAGING = `staged.csv${TEMPORARY}`;

/** Rows of a batch as a SELECT over a staging file, which lives until `dispose`. */
export interface Staged {
  select: string;
  binding: Binding;
  dispose(): Promise<void>;
}

/**
 * Writes rows of a batch (all, or the given ones) where the engine can read them: into memory, or beside the segments when memory has no room.
 * `ingested` is microseconds.
 */
export async function stage(
  core: Core,
  batch: DuckdbBatch,
  rows: readonly number[] | null,
  ingested: number,
): Promise<Staged> {
  const { buffer, length } = batch.encoder;
  const parts = rows === null ? [buffer.subarray(0, length)] : slices(batch, rows);
  let path = join(core.fresh.path, STAGING);
  try {
    await writeWhole(path, parts);
  } catch (error) {
    if (diskProblem(error) === null) throw error;
    path = join(core.disk_folder, STAGING);
    await writeWhole(path, parts);
  }
  const { LIST, VARCHAR, BIGINT, USMALLINT, listValue } = await core.engine.duckdb();
  const { origins } = batch;
  return {
    select: `SELECT ${STAGED_SELECT} FROM ${readStaged(batch.encoder.longest)}`,
    binding: {
      values: {
        staged: path,
        ingested: BigInt(ingested),
        sources: listValue(origins.map((o) => o.source)),
        parsers: listValue(origins.map((o) => o.dataset)),
        versions: listValue(origins.map((o) => o.version)),
        file_ids: listValue(origins.map((o) => o.file.id)),
      },
      types: {
        staged: VARCHAR,
        ingested: BIGINT,
        sources: LIST(VARCHAR),
        parsers: LIST(VARCHAR),
        versions: LIST(USMALLINT),
        file_ids: LIST(VARCHAR),
      },
    },
    dispose: () => rm(path, { force: true }).catch(() => undefined),
  };
}

/** Runs of rows as few slices of the buffer as possible. */
function slices(batch: DuckdbBatch, rows: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  let from = -1;
  let to = -1;
  for (const row of rows) {
    const span = batch.span(row);
    if (span.start !== to) {
      if (from !== -1) parts.push(batch.encoder.buffer.subarray(from, to));
      from = span.start;
    }
    to = span.end;
  }
  if (from !== -1) parts.push(batch.encoder.buffer.subarray(from, to));
  return parts;
}
