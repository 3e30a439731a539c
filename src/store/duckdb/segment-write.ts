import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './catalogue.ts';
import type { Binding, Engine } from './engine.ts';
import { publish, writeWhole } from './durable.ts';
import { writeKeys } from './key-file.ts';
import { encodeMeta, META_KEY, RECORDS_KEY, type SegmentMeta } from './segment-meta.ts';
import { quarantineName, segmentName, segmentStem, TEMPORARY } from './segment-name.ts';
import { ROW_GROUP_ROWS } from './schema.ts';

/** Raw bytes that a row group may hold: 12,288 lines of 700 bytes fit. */
const ROW_GROUP_RAW_BYTES = 9 * 1024 * 1024;

/** The engine wrote another number of rows than it was given: some were lost on the way, so nothing of it counts. */
export class RowCountError extends Error {
  constructor(given: number, written: number) {
    super(`${written} of ${given} rows came out`);
    this.name = 'RowCountError';
  }
}

export interface SegmentContent {
  /** A SELECT that yields all columns in segment order, and what is bound to it. */
  select: string;
  binding: Binding;
  /** Gzip members of the quarantine, already packed. */
  quarantine: readonly Uint8Array[];
  /** Made of segments, for the disk, to stay. */
  merge?: boolean;
}

/**
 * Writes one segment and its quarantine: temporary file, COPY, count, then (on disk) fdatasync, rename, fsync of the folder. The rename of the
 * segment is the commit; before it nothing of this counts, and on any error nothing of it is left.
 */
export async function writeSegment(
  engine: Engine,
  folder: string,
  level: Entry['level'],
  meta: SegmentMeta,
  content: SegmentContent,
): Promise<Entry> {
  const durable = level === 'disk';
  const stem = segmentStem(meta.from, meta.to);
  const path = join(folder, segmentName(stem));
  const temporary = `${path}${TEMPORARY}`;
  const quarantinePath = meta.quarantined > 0 ? join(folder, quarantineName(stem, meta.quarantined)) : undefined;
  try {
    if (quarantinePath !== undefined) {
      await writeWhole(`${quarantinePath}${TEMPORARY}`, content.quarantine);
      await publish(`${quarantinePath}${TEMPORARY}`, quarantinePath, durable);
    }
    const written = await copy(engine, temporary, meta, content);
    if (written !== meta.rows) throw new RowCountError(meta.rows, written);
    await publish(temporary, path, durable);
  } catch (error) {
    const leftovers = [
      temporary,
      path,
      ...(quarantinePath === undefined ? [] : [`${quarantinePath}${TEMPORARY}`, quarantinePath]),
    ];
    for (const leftover of leftovers) await rm(leftover, { force: true }).catch(() => undefined);
    throw error;
  }
  const quarantineBytes = content.quarantine.reduce((n, part) => n + part.length, 0);
  const { size } = await stat(path);
  const entry = toEntry(meta, {
    level,
    folder,
    path,
    bytes: size,
    quarantinePath,
    quarantined: meta.quarantined,
    quarantineBytes,
  });
  if (durable && meta.rows > 0) await writeKeys(engine, entry);
  return entry;
}

async function copy(engine: Engine, path: string, meta: SegmentMeta, content: SegmentContent): Promise<number> {
  const { VARCHAR } = await engine.duckdb();
  const texts = await encodeMeta(meta);
  await engine.expect(meta.raw_bytes);
  const connection = await engine.ingestConnection();
  // Large dictionaries bring Bloom filters for columns of many values, at twice the time: worth it once, in a merge.
  const dictionary = content.merge === true ? '' : ', DICTIONARY_SIZE_LIMIT 1000';
  const result = await connection.run(
    `COPY (${content.select}) TO $segment_path (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows(meta)}${dictionary}, ` +
      `USE_TMP_FILE false, KV_METADATA {${META_KEY}: $segment_meta, ${RECORDS_KEY}: $segment_records})`,
    { ...content.binding.values, segment_path: path, segment_meta: texts.meta, segment_records: texts.records },
    { ...content.binding.types, segment_path: VARCHAR, segment_meta: VARCHAR, segment_records: VARCHAR },
  );
  return Number((await result.getRows())[0]?.[0]);
}

/**
 * Rows of a row group: fewer where lines are long, since the engine holds a whole group's text in memory (twice, while it grows). DuckDB
 * rounds to its vectors of 2048 rows.
 */
function rowGroupRows(meta: SegmentMeta): number {
  const average = meta.rows === 0 ? 0 : meta.raw_bytes / meta.rows;
  if (average * ROW_GROUP_ROWS <= ROW_GROUP_RAW_BYTES) return ROW_GROUP_ROWS;
  return Math.max(2048, Math.floor(ROW_GROUP_RAW_BYTES / average / 2048) * 2048);
}

/** The catalogue's entry of a segment file. */
export function toEntry(
  meta: SegmentMeta,
  file: {
    level: Entry['level'];
    folder: string;
    path: string;
    bytes: number;
    quarantinePath: string | undefined;
    quarantined: number;
    quarantineBytes: number;
  },
): Entry {
  return {
    seq: meta.to,
    level: file.level,
    path: file.path,
    rows: meta.rows,
    min_ts: meta.min_ts,
    max_ts: meta.max_ts,
    bytes: file.bytes,
    raw_bytes: meta.raw_bytes,
    schema_version: meta.schema_version,
    files: new Map(meta.files.map((f) => [f.file_id, f])),
    quarantined: file.quarantined,
    ...(file.quarantinePath === undefined ? {} : { quarantine_path: file.quarantinePath }),
    stem: segmentStem(meta.from, meta.to),
    folder: file.folder,
    from: meta.from,
    after: meta.after,
    durable: meta.durable,
    max_ingested: meta.max_ingested,
    quarantine_bytes: file.quarantineBytes,
    keys_bytes: 0,
    born: performance.now(),
    records: file.level === 'fresh' ? meta.records : [],
  };
}
