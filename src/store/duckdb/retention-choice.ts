import type { Entry } from './catalogue.ts';

const HOUR_MS = 3600_000;
const DAY_US = 24 * HOUR_MS * 1000;
/** What was taken in within this time is never removed for its age: someone is importing old logs and wants to look at them. */
const KEEP_INGESTED_MS = HOUR_MS;
/** Where no free space is configured: this share of the disk, up to the configured ceiling (a negative number). */
const FREE_SHARE = 0.05;
/**
 * For free disk the newest day stays, as far as it takes no more than this share of the disk. Where others fill the disk the store does not
 * give up the day that people look at; where the store itself fills it there is always something to remove.
 */
const KEPT_SHARE = 0.1;

export interface Removal {
  entry: Entry;
  reason: 'age' | 'size' | 'free disk';
}

export interface Limits {
  max_age_secs: number | null;
  max_bytes: number | null;
  min_free_bytes: number;
}

export function minFreeBytes(limits: Limits, disk: { total: number }): number {
  return limits.min_free_bytes >= 0 ? limits.min_free_bytes : Math.min(FREE_SHARE * disk.total, -limits.min_free_bytes);
}

/** Of all its files. */
export function bytesOf({ bytes, quarantine_bytes, keys_bytes }: Entry): number {
  return bytes + quarantine_bytes + keys_bytes;
}

/** Oldest events first. */
export function byAge(disk: readonly Entry[], now: number): Entry[] {
  return disk.toSorted((a, b) => age(a, now) - age(b, now) || a.seq - b.seq);
}

/**
 * Newest moment a segment is about, microseconds; one that holds only rejects is as old as its lines' arrival, and so is one with an event
 * from the future: a single wrong time must not keep a segment for ever. (The arrival is no better in general: a machine without a clock
 * battery takes lines in "in 1970".)
 */
export function age(entry: Entry, now: number): number {
  if (entry.max_ts === null) return entry.max_ingested;
  return entry.max_ts > now * 1000 ? Math.min(entry.max_ts, entry.max_ingested) : entry.max_ts;
}

/**
 * Which segments go, oldest events first. Pure.
 *
 * @param space `free` with all that is on its way out already (a removed segment keeps its room until its last reader ends)
 * @param now milliseconds since the epoch
 */
export function chooseRemovals(
  disk: readonly Entry[],
  limits: Limits,
  space: { free: number; total: number },
  now: number,
): Removal[] {
  const oldestFirst = byAge(disk, now);
  const removals: Removal[] = [];
  let bytes = disk.reduce((n, e) => n + bytesOf(e), 0);
  let { free } = space;
  const needFree = space.total === 0 ? 0 : minFreeBytes(limits, space);
  // Something else fills the disk: all events would go, and it would still be full.
  const helps = free + bytes >= needFree;
  const kept = free < needFree && helps ? newestDay(oldestFirst, KEPT_SHARE * space.total, now) : new Set<Entry>();
  for (const entry of oldestFirst) {
    const reason = tooOld(entry, limits, now)
      ? 'age'
      : limits.max_bytes !== null && bytes > limits.max_bytes
        ? 'size'
        : free < needFree && helps && !kept.has(entry)
          ? 'free disk'
          : null;
    if (reason === null) continue;
    removals.push({ entry, reason });
    bytes -= bytesOf(entry);
    free += bytesOf(entry);
  }
  return removals;
}

function tooOld(entry: Entry, limits: Limits, now: number): boolean {
  if (limits.max_age_secs === null || age(entry, now) >= (now - limits.max_age_secs * 1000) * 1000) return false;
  const ingestedAgo = now - entry.max_ingested / 1000;
  // Taken in "in the future", while the clock stood wrong: that says nothing.
  return ingestedAgo > KEEP_INGESTED_MS || ingestedAgo < -KEEP_INGESTED_MS;
}

/** The newest segments that are about one day, and take `share` bytes together at most. */
function newestDay(oldestFirst: readonly Entry[], share: number, now: number): Set<Entry> {
  const kept = new Set<Entry>();
  const newestFirst = oldestFirst.toReversed();
  const since = newestFirst.length === 0 ? 0 : age(newestFirst[0]!, now) - DAY_US;
  let bytes = 0;
  for (const entry of newestFirst) {
    bytes += bytesOf(entry);
    if (bytes > share || age(entry, now) < since) break;
    kept.add(entry);
  }
  return kept;
}
