import { expect, test } from 'vitest';
import { recover, type Found } from './recover.ts';
import type { SegmentMeta } from './segment-meta.ts';
import { toEntry } from './segment-write.ts';
import { fileRecord } from './test-store.ts';

/** A segment with commits `from` to `to` that says file f stands at `position`. */
function segment(
  level: 'fresh' | 'disk',
  from: number,
  to: number,
  more: { after?: number; durable?: number; position?: number } = {},
): Found {
  const record = { commit: to, record: fileRecord('f', more.position ?? to * 100) };
  const meta: SegmentMeta = {
    schema_version: 1,
    from,
    to,
    after: more.after ?? from - 1,
    durable: more.durable ?? (level === 'disk' ? to : 0),
    rows: 1,
    raw_bytes: 1,
    min_ts: 1,
    max_ts: 1,
    max_ingested: 1,
    files: [],
    quarantined: 0,
    records: [record],
    resolves: [],
    removed_events: 0,
  };
  const file = { level, folder: '/x', path: `/x/${from}-${to}`, bytes: 1, quarantined: 0, quarantineBytes: 0 };
  return { entry: toEntry(meta, { ...file, quarantinePath: undefined }), meta };
}

const ranges = (found: readonly Found[]) => found.map((f) => `${f.entry.level} ${f.meta.from}-${f.meta.to}`);
const positionOf = (r: ReturnType<typeof recover>) => r.records.find((x) => x.record.id === 'f')?.record.position;

test('an empty store begins with nothing', () => {
  expect(recover([], [])).toMatchObject({ living: [], records: [], last: 0 });
});

test('fresh segments continue the records on disk', () => {
  const r = recover([segment('disk', 1, 4)], [segment('fresh', 6, 6), segment('fresh', 5, 5)]);
  expect(ranges(r.living)).toEqual(['disk 1-4', 'fresh 5-5', 'fresh 6-6']);
  expect(positionOf(r)).toBe(600);
  expect(r).toMatchObject({ last: 6, superseded: [], orphaned: [] });
});

test('killed between the rename of a merge and the removal of its inputs: the inputs go', () => {
  const r = recover([segment('disk', 1, 4), segment('disk', 5, 8)], [segment('fresh', 5, 6), segment('fresh', 7, 8)]);
  expect(ranges(r.living)).toEqual(['disk 1-4', 'disk 5-8']);
  expect(ranges(r.superseded)).toEqual(['fresh 5-6', 'fresh 7-8']);
  const small = recover(
    [segment('disk', 1, 1), segment('disk', 2, 2), segment('disk', 1, 2, { durable: 3 }), segment('disk', 3, 3)],
    [],
  );
  expect(ranges(small.living)).toEqual(['disk 1-2', 'disk 3-3']);
  expect(ranges(small.superseded)).toEqual(['disk 1-1', 'disk 2-2']);
  const memory = recover(
    [],
    [segment('fresh', 1, 1), segment('fresh', 2, 2), segment('fresh', 1, 2, { after: 0 }), segment('fresh', 3, 3)],
  );
  expect(ranges(memory.living)).toEqual(['fresh 1-2', 'fresh 3-3']);
});

test('a merge of old segments carries the records as they are on disk, never what is only in memory', () => {
  // Fresh 5 says 500; the merge of 1 to 3, written after it, says what 4 said.
  const disk = [segment('disk', 1, 3, { durable: 4, position: 400 }), segment('disk', 4, 4)];
  expect(positionOf(recover(disk, [segment('fresh', 5, 5)]))).toBe(500);
  expect(positionOf(recover(disk, []))).toBe(400);
});

test('memory lost (power cut): positions fall back to the disk', () => {
  const r = recover([segment('disk', 1, 4)], []);
  expect(positionOf(r)).toBe(400);
  expect(r.last).toBe(4);
});

test('a hole in memory: what is behind it does not count, its lines are read again', () => {
  const r = recover([segment('disk', 1, 4)], [segment('fresh', 5, 5), segment('fresh', 7, 7), segment('fresh', 8, 8)]);
  expect(ranges(r.living)).toEqual(['disk 1-4', 'fresh 5-5']);
  expect(ranges(r.orphaned)).toEqual(['fresh 7-7', 'fresh 8-8']);
  expect(positionOf(r)).toBe(500);
});

test('numbers are not used twice, so a chain may skip some', () => {
  const r = recover([segment('disk', 1, 4)], [segment('fresh', 9, 9, { after: 4 }), segment('fresh', 10, 10)]);
  expect(positionOf(r)).toBe(1000);
  expect(r.orphaned).toEqual([]);
});

test('the newest rows on disk are broken: positions fall back behind them', () => {
  const disk = [segment('disk', 1, 4), segment('disk', 5, 6)];
  expect(positionOf(recover(disk, [], [{ from: 7, to: 9 }]))).toBe(600);
  // Even though a later merge of older segments knows the newer records.
  const merged = [segment('disk', 1, 2, { durable: 9, position: 900 }), segment('disk', 3, 6)];
  const r = recover(merged, [segment('fresh', 10, 10)], [{ from: 7, to: 9 }]);
  expect(positionOf(r)).toBe(600);
  expect(ranges(r.orphaned)).toEqual(['fresh 10-10']);
  expect(r.fell_back).toBe(true);
});

test('the newest rows on disk are broken, and only records from before rows that live could fall back: nothing is doubled', () => {
  // The merge of 41 to 100 says what 150 said; what was said at 100 went with the inputs of that merge.
  const disk = [segment('disk', 1, 40), segment('disk', 41, 100, { durable: 150, position: 15_000 })];
  const r = recover(disk, [], [{ from: 101, to: 150 }]);
  expect(positionOf(r)).toBe(15_000);
  expect(r).toMatchObject({ last: 150, fell_back: false });
});

test('older rows on disk are broken: the others and the positions stay', () => {
  const r = recover([segment('disk', 1, 4), segment('disk', 7, 9)], [segment('fresh', 10, 10)], [{ from: 5, to: 6 }]);
  expect(positionOf(r)).toBe(1000);
  expect(r.orphaned).toEqual([]);
});
