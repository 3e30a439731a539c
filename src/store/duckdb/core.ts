import { ClockWatch } from './clock-watch.ts';
import { join } from 'node:path';
import { VardeError } from '../../base/errors.ts';
import type { StoreOptions } from '../store.ts';
import { DuckdbBatch } from './batch.ts';
import { LiveCatalogue, type Entry } from './catalogue.ts';
import type { Waiting } from './disk-space.ts';
import { Engine } from './engine.ts';
import type { FreshFolder } from './fresh-folder.ts';
import { mergeMeta, type SegmentMeta, type StampedRecord } from './segment-meta.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { SpareBuffers } from './spare-buffers.ts';

/**
 * Records kept: of more files than this the ones that were read last. Whoever forgets a file that is still there stores it once more, so it
 * is far beyond what anybody keeps; each costs 80 bytes in each segment on disk.
 */
const MAX_RECORDS = 50_000;
/** From here on people are told. */
const MANY_RECORDS = 0.8 * MAX_RECORDS;

/** The state of the writing side. Only jobs of the store's serial queue change it. */
export interface Core {
  readonly options: StoreOptions;
  readonly engine: Engine;
  readonly catalogue: LiveCatalogue;
  readonly disk_folder: string;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  fresh: FreshFolder;
  /** Newest commit that counts, newest one whose rows are on disk, and the number of the next one (numbers are never used twice). */
  last: number;
  durable: number;
  next: number;
  /** Records as of `durable`. */
  durable_records: Map<string, StampedRecord>;
  /** Raised when positions fell back: batches begun before must not be committed. */
  generation: number;
  removed_events: number;
  /** Fresh segments that a question found to have vanished; the next job falls back behind the oldest of them. */
  vanished: Entry[];
  /** Resolved lines that still stand in a quarantine file. */
  resolves: Map<string, Set<number>>;
  waiting: Waiting | null;
  /** Whether people were told that there are nearly too many files to remember. */
  told_many_files: boolean;
  readonly clock: ClockWatch;
  /** Aborted when the store closes: nothing waits for the disk any longer. */
  readonly closing: AbortController;
  readonly spare: SpareBuffers;
}

export function createCore(options: StoreOptions, lost: (entry: Entry, vanished: boolean) => void): Core {
  const log = options.log ?? (() => undefined);
  return {
    options,
    engine: new Engine(options),
    catalogue: new LiveCatalogue({ folder: options.folder, readOnly: options.read_only === true, log, lost }),
    disk_folder: join(options.folder, 'segments'),
    log,
    fresh: { path: '', in_memory: false, problem: null },
    last: 0,
    durable: 0,
    next: 1,
    durable_records: new Map(),
    generation: 0,
    removed_events: 0,
    vanished: [],
    resolves: new Map(),
    waiting: null,
    told_many_files: false,
    clock: new ClockWatch(),
    closing: new AbortController(),
    spare: new SpareBuffers(),
  };
}

export function newBatch(core: Core): DuckdbBatch {
  return new DuckdbBatch(core.spare.take(), core.generation);
}

/** Takes a batch's buffer back for the next one. */
export function reclaim(core: Core, batch: DuckdbBatch): void {
  const { buffer, length } = batch.encoder;
  batch.encoder.buffer = Buffer.alloc(0);
  core.spare.giveBack(buffer, length);
}

/** @throws VardeError `store_failed` for a batch whose lines are read again anyway. */
export function assertCurrent(core: Core, batch: DuckdbBatch): void {
  if (batch.generation === core.generation) return;
  throw new VardeError(
    'store_failed',
    'Events in memory were lost and positions fell back; the lines are read again from there.',
  );
}

/** All records, of too many the ones read last, with `touched` over them. */
export function snapshot(base: Iterable<StampedRecord>, touched: readonly StampedRecord[]): StampedRecord[] {
  const all = new Map<string, StampedRecord>();
  for (const r of base) all.set(r.record.id, r);
  for (const r of touched) all.set(r.record.id, r);
  if (all.size <= MAX_RECORDS) return [...all.values()];
  return [...all.values()]
    .toSorted((a, b) => b.commit - a.commit || b.record.last_read - a.record.last_read)
    .slice(0, MAX_RECORDS);
}

/** Metadata of a merge of entries. */
export function mergedMeta(
  core: Core,
  entries: readonly Entry[],
  records: StampedRecord[],
  durable: number,
): SegmentMeta {
  const parts = entries.map((e) => ({ ...e, to: e.seq, files: [...e.files.values()] }));
  return {
    ...mergeMeta(parts),
    schema_version: SCHEMA_VERSION,
    durable,
    quarantined: entries.reduce((n, e) => n + e.quarantined, 0),
    records,
    resolves: pendingResolves(core),
    removed_events: core.removed_events,
  };
}

export function pendingResolves(core: Core): [string, number[]][] {
  return [...core.resolves].map(([id, offsets]) => [id, [...offsets]]);
}

/** After a disk segment is in place: everything up to `core.last` survives a power loss. */
export function becameDurable(core: Core, records: readonly StampedRecord[]): void {
  core.durable = core.last;
  core.durable_records = new Map(records.map((r) => [r.record.id, r]));
  const forgotten = [...core.catalogue.stamped()].filter((r) => !core.durable_records.has(r.record.id));
  for (const { record } of forgotten) core.catalogue.dropRecord(record.id);
  const many = records.length >= MANY_RECORDS;
  // Once, and again with each file that is forgotten.
  if (forgotten.length > 0 || (many && !core.told_many_files))
    core.log('store_noted', {
      what: 'many_files',
      known: records.length,
      most: MAX_RECORDS,
      forgotten: forgotten.length,
    });
  core.told_many_files = many;
}
