import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Entry } from './catalogue.ts';
import { chooseRemovals, minFreeBytes } from './retention-choice.ts';
import { FILE_ID, numberLines, openTestStore, rowsOf, store, testFolder, type TestFolder } from './test-store.ts';

const HOUR_MS = 3600_000;
const NOW = Date.UTC(2026, 10, 24);
const NO_LIMITS = { max_age_secs: null, max_bytes: null, min_free_bytes: 0 };
const SPACE = { free: 500, total: 990 };

/** A segment of 100 bytes whose newest event is this many hours old. */
function aged(seq: number, hours: number, ingestedHours = hours): Entry {
  const ts = (NOW - hours * HOUR_MS) * 1000;
  return {
    seq,
    level: 'disk',
    path: '',
    rows: 10,
    min_ts: ts - 1,
    max_ts: ts,
    bytes: 90,
    raw_bytes: 1,
    schema_version: 1,
    files: new Map(),
    quarantined: 0,
    stem: String(seq),
    folder: '',
    from: seq,
    after: seq - 1,
    durable: seq,
    max_ingested: (NOW - ingestedHours * HOUR_MS) * 1000,
    quarantine_bytes: 10,
    keys_bytes: 0,
    born: 0,
    records: [],
  };
}

describe('what goes', () => {
  const disk = [aged(1, 30), aged(2, 50), aged(3, 10)];
  const chosen = (limits: Partial<typeof NO_LIMITS> & object, space = SPACE) =>
    chooseRemovals(disk, { ...NO_LIMITS, ...limits } as never, space, NOW).map((r) => `${r.entry.seq} ${r.reason}`);

  test('nothing without limits', () => expect(chosen({})).toEqual([]));
  test('by age, all that is older', () =>
    expect(chosen({ max_age_secs: (20 * HOUR_MS) / 1000 } as never)).toEqual(['2 age', '1 age']));
  test('by size, the oldest events first', () => expect(chosen({ max_bytes: 250 } as never)).toEqual(['2 size']));
  test('by free disk, as many as it takes', () =>
    expect(chosen({ min_free_bytes: 650 })).toEqual(['2 free disk', '1 free disk']));
  test('old logs that were just imported stay', () => {
    const imported = [aged(1, 1000, 0.5)];
    expect(chooseRemovals(imported, { ...NO_LIMITS, max_age_secs: 60 }, SPACE, NOW)).toEqual([]);
  });
  test('by free disk: nothing, where even all of it would not be enough', () => {
    expect(chosen({ min_free_bytes: 800 })).toEqual(['2 free disk', '1 free disk', '3 free disk']);
    expect(chosen({ min_free_bytes: 801 })).toEqual([]);
  });
  test('by free disk: never the newest day, as far as it is less than a tenth of the disk', () => {
    const days = [aged(1, 30), aged(2, 23), aged(3, 10), aged(4, 0)];
    const left = (total: number) => {
      const gone = new Set(
        chooseRemovals(days, { ...NO_LIMITS, min_free_bytes: 400 }, { free: 0, total }, NOW).map((r) => r.entry),
      );
      return days.filter((e) => !gone.has(e)).map((e) => e.seq);
    };
    expect(left(1_000_000)).toEqual([2, 3, 4]);
    expect(left(2500)).toEqual([3, 4]);
    expect(left(900)).toEqual([]);
  });
  test('the other limits know no such day', () =>
    expect(chosen({ max_bytes: 1 } as never, { free: 1000, total: 1_000_000 })).toHaveLength(3));
  test('an event from the future, or lines taken in under a wrong clock, do not keep a segment for ever', () => {
    const limits = { ...NO_LIMITS, max_age_secs: (20 * HOUR_MS) / 1000 };
    const future = { ...aged(1, 30), max_ts: (NOW + 1e6 * HOUR_MS) * 1000 };
    const wrongly = aged(2, 30, -1000);
    // Taken in while the clock stood in 1970: the events' own times count.
    const behind = aged(3, 10, 24 * 365 * 50);
    const news = { ...aged(4, 10), max_ts: (NOW + 1e6 * HOUR_MS) * 1000 };
    const gone = chooseRemovals([future, wrongly, behind, news], limits, SPACE, NOW).map((r) => r.entry.seq);
    expect(gone).toEqual([1, 2]);
  });
  test('a disk that cannot be asked removes nothing', () =>
    expect(chosen({ min_free_bytes: 1e9 }, { free: 0, total: 0 })).toEqual([]));
  test('unless configured, 5 % of the disk stay free, at most the ceiling', () => {
    expect(minFreeBytes({ ...NO_LIMITS, min_free_bytes: -1e9 }, { total: 1e9 })).toBe(5e7);
    expect(minFreeBytes({ ...NO_LIMITS, min_free_bytes: -1e9 }, { total: 1e12 })).toBe(1e9);
  });
});

describe('in a store', () => {
  let folder: TestFolder;
  beforeEach(async () => {
    folder = await testFolder();
  });
  afterEach(() => folder.remove());

  test('whole segments go, the oldest first, and the positions stay', async () => {
    const target = await openTestStore(folder, { max_bytes: 1 });
    let position = 0;
    for (const from of [1, 1000, 2000]) {
      position = await store(target, numberLines(from, 50), position);
      await target.flush();
    }
    expect(target.status()).toMatchObject({ events: 150, segments: { disk: 3 } });
    expect(target.status().retention.would_remove_next).toMatch(/^50 events until 1970-01-01T00:00:00.000Z/);
    await target.retain();
    expect(target.status()).toMatchObject({ events: 0, retention: { removed_events: 150 } });
    expect(target.records().get(FILE_ID)).toMatchObject({ position, events_stored: 150 });
    // Again and again nothing more happens.
    const segments = target.status().segments.disk;
    await target.retain();
    expect(target.status().segments.disk).toBe(segments);
    await target.close();
    const again = await openTestStore(folder);
    expect(again.records().get(FILE_ID)).toMatchObject({ position, events_stored: 150 });
    await store(again, ['7 new'], position);
    expect((await rowsOf(again)).map((r) => r.line)).toEqual(['7 new']);
    expect(again.status().retention.removed_events).toBe(150);
    await again.close();
  });

  test('limits that are set while it is open remove within seconds', async () => {
    const target = await openTestStore(folder);
    await store(target, numberLines(1, 50));
    await target.flush();
    await target.retain();
    expect(target.status().events).toBe(50);
    target.limit({ flush_to_disk_secs: 3600, max_age_secs: 60, max_bytes: 1, min_free_bytes: 7 });
    expect(target.status().retention).toMatchObject({ max_age_secs: 60, max_bytes: 1, min_free_bytes: 7 });
    await vi.waitFor(() => expect(target.status().events).toBe(0), { timeout: 10_000 });
    await target.close();
  });

  test('a shorter time to the disk counts for what is in memory already', async () => {
    const target = await openTestStore(folder);
    await store(target, numberLines(1, 50));
    expect(target.status().segments).toEqual({ fresh: 1, disk: 0 });
    target.limit({ flush_to_disk_secs: 0, max_age_secs: null, max_bytes: null, min_free_bytes: 0 });
    await vi.waitFor(() => expect(target.status().segments).toEqual({ fresh: 0, disk: 1 }), { timeout: 10_000 });
    await target.close();
  });

  test('by age, only what is old and was not just taken in', async () => {
    const target = await openTestStore(folder, { max_age_secs: 60 });
    await store(target, numberLines(1, 50));
    await target.flush();
    await target.retain();
    expect(target.status().events).toBe(50);
    await target.close();
  });
});
