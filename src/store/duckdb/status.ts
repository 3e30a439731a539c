import { SCHEMA_VERSION } from './schema.ts';
import type { StoreStatus } from '../store.ts';
import type { Core } from './core.ts';
import { diskSpace } from './disk-space.ts';
import { wouldRemoveNext } from './retention.ts';
import { minFreeBytes } from './retention-choice.ts';

/** Size and health, from memory; only the free space is asked of the system. */
export function statusOf(core: Core): StoreStatus {
  const { options, catalogue } = core;
  const fresh = catalogue.all('fresh');
  const disk = catalogue.all('disk');
  const all = [...fresh, ...disk];
  const sum = (of: (entry: (typeof all)[number]) => number, entries = all) => entries.reduce((n, e) => n + of(e), 0);
  const space = diskSpace(options.folder);
  let oldest: number | null = null;
  let newest: number | null = null;
  for (const { min_ts, max_ts } of all) {
    if (min_ts !== null && (oldest === null || min_ts < oldest)) oldest = min_ts;
    if (max_ts !== null && (newest === null || max_ts > newest)) newest = max_ts;
  }
  return {
    folder: options.folder,
    fresh_folder: core.fresh.path,
    events: sum((e) => e.rows),
    quarantined: sum((e) => e.quarantined),
    segments: { fresh: fresh.length, disk: disk.length },
    bytes: {
      fresh: sum((e) => e.bytes, fresh),
      disk: sum((e) => e.bytes + e.keys_bytes, disk),
      quarantine: sum((e) => e.quarantine_bytes),
    },
    raw_bytes: sum((e) => e.raw_bytes),
    oldest,
    newest,
    disk: space,
    retention: {
      max_age_secs: options.max_age_secs,
      max_bytes: options.max_bytes,
      min_free_bytes: minFreeBytes(options, space),
      would_remove_next: wouldRemoveNext(core),
      removed_events: core.removed_events,
    },
    set_aside: [...catalogue.setAsideList],
    waiting: core.waiting,
    schema_version: SCHEMA_VERSION,
  };
}
