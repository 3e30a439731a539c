import type { Entry } from './catalogue.ts';
import { becameDurable, snapshot, type Core } from './core.ts';
import { diskSpace } from './disk-space.ts';
import { flushFresh } from './merge.ts';
import { EMPTY_RELATION, SCHEMA_VERSION } from './schema.ts';
import { writeSegment } from './segment-write.ts';

/** What was taken in within this time is never removed for its age: someone is importing old logs and wants to look at them. */
const KEEP_INGESTED_MS = 3600_000;
/** Where no free space is configured: this share of the disk, up to the configured ceiling (a negative number). */
const FREE_SHARE = 0.05;

export interface Removal {
  entry: Entry;
  reason: 'age' | 'size' | 'free disk';
}

interface Limits {
  max_age_secs: number | null;
  max_bytes: number | null;
  min_free_bytes: number;
}

export function minFreeBytes(limits: Limits, disk: { total: number }): number {
  return limits.min_free_bytes >= 0 ? limits.min_free_bytes : Math.min(FREE_SHARE * disk.total, -limits.min_free_bytes);
}

/** Which segments go, oldest events first. Pure. `now` is milliseconds since the epoch. */
export function chooseRemovals(
  disk: readonly Entry[],
  limits: Limits,
  space: { free: number; total: number },
  now: number,
): Removal[] {
  const oldestFirst = disk.toSorted((a, b) => age(a) - age(b) || a.seq - b.seq);
  const removals: Removal[] = [];
  let bytes = disk.reduce((n, e) => n + bytesOf(e), 0);
  let { free } = space;
  const needFree = space.total === 0 ? 0 : minFreeBytes(limits, space);
  for (const entry of oldestFirst) {
    const size = bytesOf(entry);
    const oldEnough =
      limits.max_age_secs !== null &&
      age(entry) < (now - limits.max_age_secs * 1000) * 1000 &&
      entry.max_ingested < (now - KEEP_INGESTED_MS) * 1000;
    const reason = oldEnough
      ? 'age'
      : limits.max_bytes !== null && bytes > limits.max_bytes
        ? 'size'
        : free < needFree
          ? 'free disk'
          : null;
    if (reason === null) continue;
    removals.push({ entry, reason });
    bytes -= size;
    free += size;
  }
  return removals;
}

/** Of all its files. */
function bytesOf({ bytes, quarantine_bytes, keys_bytes }: Entry): number {
  return bytes + quarantine_bytes + keys_bytes;
}

/** Newest moment a segment is about; one that holds only rejects is as old as its lines' arrival. */
function age(entry: Entry): number {
  return entry.max_ts ?? entry.max_ingested;
}

/** The segment that would go next when any limit asks for one, in plain words; null where nothing limits the store. */
export function wouldRemoveNext(core: Core): string | null {
  const [next] = core.catalogue.all('disk').toSorted((a, b) => age(a) - age(b) || a.seq - b.seq);
  if (next === undefined) return null;
  const until = new Date(Math.min(age(next) / 1000, 8.64e15)).toISOString();
  return `${next.rows} events until ${until} (${bytesOf(next)} bytes)`;
}

/** Unlinks whole segments, oldest first, until every limit is kept. Takes the same time however much is in them. */
export async function retain(core: Core): Promise<void> {
  const trusted = core.clock.trusted(Date.now(), performance.now());
  const options = trusted ? core.options : { ...core.options, max_age_secs: null };
  if (options.max_age_secs === null && options.max_bytes === null && options.min_free_bytes === 0) return;
  const choose = () => chooseRemovals(candidates(core), options, diskSpace(options.folder), Date.now());
  let removals = choose();
  if (removals.length === 0) return;
  const holder = newestHolder(core);
  if (holder !== undefined && !keepsRecords(core, removals)) {
    // What may go without harm goes first: a full disk has no room for the new records.
    await remove(
      core,
      removals.filter((r) => r.entry !== holder),
    );
    await flushFresh(core);
    if (newestHolder(core) === holder) await writeRecords(core, holder.rows);
    removals = choose().filter((r) => r.entry !== newestHolder(core));
  }
  await remove(core, removals);
}

async function remove(core: Core, removals: readonly Removal[]): Promise<void> {
  for (const { entry, reason } of removals) {
    core.removed_events += entry.rows;
    await core.catalogue.replace([entry], null);
    core.log('segment_removed', { segment: entry.stem, rows: entry.rows, reason });
  }
}

/** All but a segment that holds nothing besides the newest records: it takes no room worth freeing, and would only be written again. */
function candidates(core: Core): Entry[] {
  const holder = newestHolder(core);
  return core.catalogue.all('disk').filter((e) => e !== holder || e.rows > 0 || e.quarantined > 0);
}

function newestHolder(core: Core): Entry | undefined {
  return core.catalogue.all('disk').find((e) => e.durable === core.durable);
}

/** Whether the newest records on disk stay when these segments go. */
function keepsRecords(core: Core, removals: readonly Removal[]): boolean {
  const gone = new Set(removals.map((r) => r.entry));
  return core.catalogue.all('disk').some((e) => e.durable === core.durable && !gone.has(e));
}

/** A segment without rows, for the records alone (and the count of what goes next). Nothing may be fresh. */
export async function writeRecords(core: Core, goingNext = 0): Promise<void> {
  const number = core.next;
  const records = snapshot(core.catalogue.stamped(), []);
  const meta = {
    schema_version: SCHEMA_VERSION,
    from: number,
    to: number,
    after: core.last,
    durable: number,
    rows: 0,
    raw_bytes: 0,
    min_ts: null,
    max_ts: null,
    max_ingested: Date.now() * 1000,
    files: [],
    quarantined: 0,
    records,
    resolves: [],
    removed_events: core.removed_events + goingNext,
  };
  const content = { select: `SELECT * FROM ${EMPTY_RELATION}`, binding: { values: {}, types: {} }, quarantine: [] };
  const entry = await writeSegment(core.engine, core.disk_folder, 'disk', meta, content);
  core.next = number + 1;
  core.last = number;
  core.catalogue.add(entry);
  becameDurable(core, records);
}
