import type { Entry } from './catalogue.ts';
import { becameDurable, snapshot, type Core } from './core.ts';
import { diskSpace } from './disk-space.ts';
import { flushFresh } from './merge.ts';
import { age, byAge, bytesOf, chooseRemovals, type Removal } from './retention-choice.ts';
import { EMPTY_RELATION, SCHEMA_VERSION } from './schema.ts';
import { writeSegment } from './segment-write.ts';

/** The segment that would go next when any limit asks for one, in plain words; null where nothing limits the store. */
export function wouldRemoveNext(core: Core): string | null {
  const now = Date.now();
  const [next] = byAge(core.catalogue.all('disk'), now);
  if (next === undefined) return null;
  const until = new Date(Math.min(age(next, now) / 1000, 8.64e15)).toISOString();
  return `${next.rows} events until ${until} (${bytesOf(next)} bytes)`;
}

/** Unlinks whole segments, oldest first, until every limit is kept. Takes the same time however much is in them. */
export async function retain(core: Core): Promise<void> {
  const trusted = core.clock.trusted(Date.now(), performance.now());
  const options = trusted ? core.options : { ...core.options, max_age_secs: null };
  if (options.max_age_secs === null && options.max_bytes === null && options.min_free_bytes === 0) return;
  const choose = () => {
    const { free, total } = diskSpace(options.folder);
    // What a reader still holds gives its room back later: choosing more instead would empty the store while one export stalls.
    return chooseRemovals(candidates(core), options, { free: free + core.catalogue.leavingBytes(), total }, Date.now());
  };
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
