import { VardeError, messageOf } from '../../base/errors.ts';
import type { FileRecord } from '../../event/position.ts';
import type { Commit } from '../store.ts';
import type { DuckdbBatch } from './batch.ts';
import type { Entry } from './catalogue.ts';
import { assertCurrent, becameDurable, pendingResolves, snapshot, type Core } from './core.ts';
import { diskProblem, untilDiskAllows, type Waiting } from './disk-space.ts';
import { dropVanished, flushFresh, freshIsFull } from './merge.ts';
import { packQuarantine } from './quarantine-file.ts';
import { isRowTrouble, refusedRows } from './refused-rows.ts';
import { retain } from './retention.ts';
import type { SegmentMeta, StampedRecord } from './segment-meta.ts';
import { EMPTY_RELATION, SCHEMA_VERSION } from './schema.ts';
import { writeSegment } from './segment-write.ts';
import { stage } from './stage.ts';

/** From this size on a batch goes straight to disk: it is a good segment by itself and need not be merged. */
const DISK_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Commits a batch: one segment with the rows, the quarantine and the records. Waits while the disk does not allow it.
 *
 * @throws VardeError `interrupted`, `store_failed`
 */
export async function commitBatch(core: Core, batch: DuckdbBatch, signal?: AbortSignal): Promise<Commit> {
  if (core.vanished.length > 0) await dropVanished(core);
  assertCurrent(core, batch);
  if (batch.rows === 0 && batch.rejects === 0 && batch.records.size === 0) {
    return { rows: 0, quarantined: 0, bytes_written: 0, level: 'fresh', records: [] };
  }
  let level: Entry['level'] = batch.bytes >= DISK_BATCH_BYTES || freshIsFull(core) ? 'disk' : 'fresh';
  const entry = await untilDiskAllows(
    async () => {
      if (level === 'fresh') {
        try {
          return await write(core, batch, 'fresh');
        } catch (error) {
          if (diskProblem(error) === null) throw error;
          // Memory has no room (or its folder is gone): the disk takes it.
          core.log('store_noted', { what: 'fresh_folder_refused', reason: messageOf(error) });
          level = 'disk';
        }
      }
      // The records on disk must not run ahead of the rows on disk.
      await flushFresh(core);
      assertCurrent(core, batch);
      return write(core, batch, 'disk');
    },
    {
      signals: signal === undefined ? [core.closing.signal] : [signal, core.closing.signal],
      waiting: (state) => noteWaiting(core, state),
      // Retention may free what this waits for, and it would wait behind us in the queue.
      between: () => retain(core).catch(() => undefined),
    },
  );
  return {
    rows: entry.rows,
    quarantined: batch.rejects,
    bytes_written: entry.bytes + entry.quarantine_bytes,
    level: entry.level,
    records: touchedRecords(core, batch).map((id) => core.catalogue.records().get(id) as FileRecord),
  };
}

function noteWaiting(core: Core, state: Waiting | null): void {
  if (state !== null && core.waiting === null) core.log('commit_waiting', { code: state.code, reason: state.message });
  if (state === null && core.waiting !== null)
    core.log('commit_resumed', { waited_ms: Date.now() - core.waiting.since });
  core.waiting = state;
}

/** One try. A batch of very long lines that does not fit into the engine's memory is tried once more with a larger limit. */
async function write(core: Core, batch: DuckdbBatch, level: Entry['level']): Promise<Entry> {
  const ingested = Date.now() * 1000;
  const attempt = () => writeRows(core, batch, level, ingested);
  try {
    return await attempt();
  } catch (error) {
    if (!messageOf(error).startsWith('Out of Memory Error')) return writeOthers(core, batch, ingested, error, attempt);
  }
  core.log('store_noted', { what: 'batch_needs_memory', bytes: batch.bytes, longest: batch.encoder.longest });
  return core.engine.withMoreIngestMemory(() =>
    attempt().catch((error: unknown) => writeOthers(core, batch, ingested, error, attempt)),
  );
}

/** After a failed attempt: the engine's own refusals are taken out of the batch, and the rest is tried again. */
async function writeOthers(
  core: Core,
  batch: DuckdbBatch,
  ingested: number,
  failure: unknown,
  attempt: () => Promise<Entry>,
): Promise<Entry> {
  if (!isRowTrouble(failure)) {
    if (diskProblem(failure) !== null || failure instanceof VardeError) throw failure;
    // A FATAL or INTERNAL error of DuckDB leaves its instance unusable: once with a new one.
    core.log('store_noted', { what: 'engine_renewed', reason: messageOf(failure) });
    await core.engine.renewIngest();
    return attempt().catch((error: unknown) => {
      throw diskProblem(error) === null ? asStoreFailed(error) : error;
    });
  }
  core.log('store_noted', { what: 'rows_refused', reason: messageOf(failure) });
  await refusedRows(core, batch, ingested);
  try {
    return await attempt();
  } catch (error) {
    throw diskProblem(error) === null ? asStoreFailed(error) : error;
  }
}

function asStoreFailed(error: unknown): Error {
  if (error instanceof VardeError) return error;
  return new VardeError('store_failed', `The batch could not be committed: ${messageOf(error)}`, { cause: error });
}

async function writeRows(core: Core, batch: DuckdbBatch, level: Entry['level'], ingested: number): Promise<Entry> {
  const number = core.next;
  const touched = newRecords(core, batch, number);
  const rows = batch.acceptedRows();
  const records = level === 'disk' ? snapshot(core.catalogue.stamped(), touched) : touched;
  const meta: SegmentMeta = {
    schema_version: SCHEMA_VERSION,
    from: number,
    to: number,
    after: core.last,
    durable: level === 'disk' ? number : core.durable,
    rows: batch.rows - batch.refusedRows.size,
    raw_bytes: batch.rawBytes,
    min_ts: batch.minTs,
    max_ts: batch.maxTs,
    max_ingested: ingested,
    files: [...batch.files.values()].filter((f) => f.rows > 0),
    quarantined: batch.rejects,
    records,
    resolves: [...pendingResolves(core), ...batch.resolves],
    removed_events: core.removed_events,
  };
  const quarantine = batch.rejects === 0 ? [] : [await packQuarantine(batch.quarantine)];
  const staged = meta.rows === 0 ? null : await stage(core, batch, rows, ingested);
  let entry: Entry;
  try {
    entry = await writeSegment(core.engine, level === 'disk' ? core.disk_folder : core.fresh.path, level, meta, {
      select: staged?.select ?? `SELECT * FROM ${EMPTY_RELATION}`,
      binding: staged?.binding ?? { values: {}, types: {} },
      quarantine,
    });
  } finally {
    await staged?.dispose();
  }
  core.next = number + 1;
  core.last = number;
  core.catalogue.setRecords(touched);
  core.catalogue.add(entry);
  if (level === 'disk') becameDurable(core, records);
  return entry;
}

function touchedRecords(core: Core, batch: DuckdbBatch): string[] {
  const ids = new Set([...batch.records.keys(), ...batch.files.keys(), ...batch.resolves.keys()]);
  for (const line of batch.quarantine) ids.add(line.file_id);
  return [...ids].filter((id) => batch.records.has(id) || core.catalogue.records().has(id));
}

/**
 * The files' records behind this batch. The counters are counted here, from what is stored and refused, so that they agree with the rows
 * whatever the caller planned.
 */
function newRecords(core: Core, batch: DuckdbBatch, commit: number): StampedRecord[] {
  const rejects = new Map<string, number>();
  for (const line of batch.quarantine) rejects.set(line.file_id, (rejects.get(line.file_id) ?? 0) + 1);
  return touchedRecords(core, batch).map((id) => {
    const before = core.catalogue.records().get(id);
    const planned = (batch.records.get(id) ?? before) as FileRecord;
    const stored = batch.files.get(id)?.rows ?? 0;
    const rejected = rejects.get(id) ?? 0;
    const refused = batch.refused.get(id) ?? 0;
    const resolved = batch.resolves.get(id)?.length ?? 0;
    // A file that the store does not know (any more): what the caller counted before this batch.
    const base = before ?? {
      events_stored: Math.max(0, planned.events_stored - stored - refused),
      lines_quarantined: Math.max(0, planned.lines_quarantined - rejected + refused),
    };
    const events = base.events_stored + stored;
    const quarantined = Math.max(0, base.lines_quarantined + rejected - resolved);
    const record = {
      ...planned,
      events_stored: events,
      lines_quarantined: quarantined,
      lines_read: events + quarantined,
    };
    return { commit, record };
  });
}
