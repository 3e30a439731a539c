import { access } from 'node:fs/promises';
import { VardeError, messageOf, systemCode } from '../../base/errors.ts';
import type { Entry } from './catalogue.ts';
import { becameDurable, mergedMeta, snapshot, type Core } from './core.ts';
import { damaged } from './damaged.ts';
import { diskProblem } from './disk-space.ts';
import type { Binding } from './engine.ts';
import { fallBack } from './fall-back.ts';
import { isQuarantineDamage, readPacked } from './quarantine-file.ts';
import { mendQuarantine } from './quarantine-mend.ts';
import { COLUMN_LIST, EMPTY_RELATION, SCHEMA_VERSION } from './schema.ts';
import type { StampedRecord } from './segment-meta.ts';
import { writeSegment } from './segment-write.ts';

/** Fresh segments are merged onto the disk from this much on: it makes a segment of a good size. */
const FLUSH_RAW_BYTES = 32 * 1024 * 1024;
const FLUSH_ROWS = 60_000;
/** What fresh segments may take of memory before they are merged, and at most: beyond it commits wait for the disk. */
const FLUSH_FRESH_BYTES = 32 * 1024 * 1024;
const MAX_FRESH_BYTES = 48 * 1024 * 1024;

/** In memory, this many neighbours of about one size become one, so that a trickle does not pile up hundreds of files. */
const TIER = 16;
const TIER_MAX_BYTES = 4 * 1024 * 1024;

/** On disk, this many neighbours that are all smaller than one of these become one: each row is rewritten three times at most. */
const SMALL_RUN = 10;
const SMALL_ROWS = [100, 1000, 10_000];
const MERGED_MAX_ROWS = 120_000;
const MERGED_MAX_RAW_BYTES = 96 * 1024 * 1024;

export function flushIsDue(core: Core, olderThanMs: number): boolean {
  const fresh = core.catalogue.all('fresh');
  const sum = (of: (e: Entry) => number) => fresh.reduce((n, e) => n + of(e), 0);
  const now = performance.now();
  return (
    sum((e) => e.raw_bytes) >= FLUSH_RAW_BYTES ||
    sum((e) => e.rows) >= FLUSH_ROWS ||
    sum((e) => e.bytes + e.quarantine_bytes) >= FLUSH_FRESH_BYTES ||
    fresh.some((e) => now - e.born >= olderThanMs)
  );
}

/** Whether memory is used up: the disk was not to be had for a while. */
export function freshIsFull(core: Core): boolean {
  return core.catalogue.all('fresh').reduce((n, e) => n + e.bytes + e.quarantine_bytes, 0) >= MAX_FRESH_BYTES;
}

/** Merges all fresh segments into one on disk. They are all of them or none, because the records that go with it are the newest. */
export async function flushFresh(core: Core): Promise<void> {
  await dropVanished(core);
  const fresh = core.catalogue.all('fresh');
  if (fresh.length === 0) return;
  const records = snapshot(core.catalogue.stamped(), []);
  const started = performance.now();
  const merged = await mergeInto(core, fresh, 'disk', records, core.last);
  if (merged === null) return flushFresh(core);
  await core.catalogue.replace(fresh, merged);
  becameDurable(core, records);
  logMerge(core, fresh, merged, started);
}

/** Keeps the number of fresh segments small. */
export async function mergeTiers(core: Core): Promise<void> {
  if (core.vanished.length > 0) await dropVanished(core);
  for (;;) {
    const run = findRun(core.catalogue.all('fresh'), (e) => Math.floor(Math.log(e.seq - e.from + 1) / Math.log(TIER)));
    if (run === null) return;
    const records = new Map<string, StampedRecord>();
    for (const entry of run) for (const r of entry.records) records.set(r.record.id, r);
    const merged = await mergeInto(core, run, 'fresh', [...records.values()], core.durable);
    if (merged === null) return;
    await core.catalogue.replace(run, merged);
  }
}

function findRun(fresh: readonly Entry[], tierOf: (entry: Entry) => number): Entry[] | null {
  let run: Entry[] = [];
  let tier = -1;
  for (const entry of fresh) {
    const own = entry.bytes > TIER_MAX_BYTES ? -1 : tierOf(entry);
    if (own !== tier || own === -1) run = [];
    tier = own;
    if (own !== -1) run.push(entry);
    if (run.length >= TIER) return run;
  }
  return null;
}

/**
 * Merges small neighbours on disk; true where there was something to do (there may be more). Nothing is lost by stopping it, so that a store
 * that closes does not wait for it.
 *
 * @throws Error `INTERRUPT Error` of the engine when the store closes meanwhile.
 */
export async function mergeSmall(core: Core): Promise<boolean> {
  const run = smallRun(core.catalogue.all('disk'));
  if (run === null) return false;
  const started = performance.now();
  const connection = await core.engine.ingestConnection();
  const interrupt = () => connection.interrupt();
  core.closing.signal.addEventListener('abort', interrupt, { once: true });
  try {
    const merged = await mergeInto(core, run, 'disk', [...core.durable_records.values()], core.durable);
    if (merged === null) return true;
    await core.catalogue.replace(run, merged);
    logMerge(core, run, merged, started);
    return true;
  } finally {
    core.closing.signal.removeEventListener('abort', interrupt);
  }
}

/**
 * Neighbours in order of commit that are worth a merge; null for none. Quarantined lines count as rows: a run of nothing but refused lines
 * would be small for ever, and rewritten whole each time.
 */
export function smallRun<T extends Pick<Entry, 'rows' | 'quarantined' | 'raw_bytes'>>(disk: readonly T[]): T[] | null {
  for (const limit of SMALL_ROWS) {
    let run: T[] = [];
    let rows = 0;
    let bytes = 0;
    for (const entry of disk) {
      const lines = entry.rows + entry.quarantined;
      const fits = rows + lines <= MERGED_MAX_ROWS && bytes + entry.raw_bytes <= MERGED_MAX_RAW_BYTES;
      if (lines >= limit || !fits) {
        if (run.length >= SMALL_RUN) return run;
        run = [];
        rows = 0;
        bytes = 0;
        if (lines >= limit) continue;
      }
      run.push(entry);
      rows += lines;
      bytes += entry.raw_bytes;
    }
    if (run.length >= SMALL_RUN) return run;
  }
  return null;
}

/** Writes the merge of neighbours; null where one of them turned out to be damaged and was set aside (then look again). */
async function mergeInto(
  core: Core,
  entries: readonly Entry[],
  level: Entry['level'],
  records: StampedRecord[],
  durable: number,
): Promise<Entry | null> {
  const quarantine = await packedQuarantines(core, entries);
  if (quarantine === null) return null;
  const meta = mergedMeta(core, entries, records, durable);
  const folder = level === 'disk' ? core.disk_folder : core.fresh.path;
  const binding = await bindPaths(core, entries);
  const content = { select: mergeSelect(entries), binding, quarantine, merge: level === 'disk' };
  const attempt = () => writeSegment(core.engine, folder, level, meta, content);
  try {
    return await attempt().catch((error: unknown) => {
      if (!messageOf(error).startsWith('Out of Memory Error')) throw error;
      return core.engine.withMoreIngestMemory(attempt);
    });
  } catch (error) {
    if (diskProblem(error) === 'store_full' || messageOf(error).startsWith('INTERRUPT Error')) throw error;
    const found = await damaged(core.engine, entries);
    for (const { segment, reason } of found) await core.catalogue.setAside(segment, reason);
    if (found.length > 0) return null;
    if (diskProblem(error) !== null || error instanceof VardeError) throw error;
    // A FATAL or INTERNAL error of DuckDB leaves its instance unusable: once with a new one.
    core.log('store_noted', { what: 'engine_renewed', reason: messageOf(error) });
    await core.engine.renewIngest();
    return attempt();
  }
}

/** What goes into the quarantine of a merge; null where one of them turned out to be damaged (then look again). */
async function packedQuarantines(core: Core, entries: readonly Entry[]): Promise<Buffer[] | null> {
  const packed: Buffer[] = [];
  for (const entry of entries) {
    if (entry.quarantine_path === undefined) continue;
    const expected = { lines: entry.quarantined, bytes: entry.quarantine_bytes };
    try {
      packed.push(await readPacked(entry.quarantine_path, expected, entry.level === 'disk'));
    } catch (error) {
      if (!isQuarantineDamage(error)) throw error;
      // What is not on disk yet can be read again; on disk only what is left of it can be kept.
      if (entry.level === 'disk') await mendQuarantine(core, entry, error);
      else await fallBack(core, entry, `its quarantine cannot be read: ${messageOf(error)}`);
      return null;
    }
  }
  return packed;
}

async function bindPaths(core: Core, entries: readonly Entry[]): Promise<Binding> {
  const { LIST, VARCHAR, listValue } = await core.engine.duckdb();
  return { values: { paths: listValue(entries.map((e) => e.path)) }, types: { paths: LIST(VARCHAR) } };
}

/** Segments of an older schema lack columns: the empty relation brings them, so the merge has today's shape. */
function mergeSelect(entries: readonly Entry[]): string {
  if (entries.every((e) => e.schema_version === SCHEMA_VERSION))
    return `SELECT ${COLUMN_LIST} FROM read_parquet($paths)`;
  return `SELECT ${COLUMN_LIST} FROM (${EMPTY_RELATION} UNION ALL BY NAME SELECT * FROM read_parquet($paths, union_by_name = true))`;
}

/**
 * Memory can be taken from under us (somebody cleans /dev/shm): then positions fall back to what is still there. Before every job that
 * commits or merges: behind a hole nothing may be committed, and no merge may bridge it.
 */
export async function dropVanished(core: Core): Promise<void> {
  const gone: Entry[] = [];
  for (const entry of core.catalogue.all('fresh')) if (await isGone(entry)) gone.push(entry);
  // What was merged in time is not lost.
  const living = core.catalogue.all();
  const told = core.vanished.splice(0);
  gone.push(...told.filter((t) => !living.some((e) => e.from <= t.from && t.seq <= e.seq)));
  const [oldest] = gone.toSorted((a, b) => a.from - b.from);
  if (oldest !== undefined) await fallBack(core, oldest, `it vanished from ${oldest.folder}`);
}

async function isGone(entry: Entry): Promise<boolean> {
  try {
    await access(entry.path);
    if (entry.quarantine_path !== undefined) await access(entry.quarantine_path);
    return false;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return true;
  }
}

function logMerge(core: Core, inputs: readonly Entry[], merged: Entry, started: number): void {
  core.log('segments_merged', {
    segments: inputs.length,
    rows: merged.rows,
    bytes: merged.bytes + merged.quarantine_bytes,
    took_ms: Math.round(performance.now() - started),
  });
}
