import { access, readdir } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { smallRun } from './merge.ts';
import { FILE_ID, numberLines, openTestStore, rowsOf, store, testFolder, type TestFolder } from './test-store.ts';

const rows = (...counts: number[]) => counts.map((n) => ({ rows: n, quarantined: 0, raw_bytes: n * 600 }));
const sizes = (run: { rows: number }[] | null) => run?.map((r) => r.rows) ?? null;

test('which neighbours on disk are worth a merge', () => {
  const ten = (n: number) => Array.from({ length: 10 }, () => n);
  expect(sizes(smallRun(rows(...ten(50))))).toEqual(ten(50));
  expect(smallRun(rows(...ten(50).slice(1)))).toBeNull();
  // A large one between them divides them.
  expect(smallRun(rows(...ten(50).slice(5), 50_000, ...ten(50).slice(5)))).toBeNull();
  // The smaller ones first: what was merged before waits until there are ten of it.
  expect(sizes(smallRun(rows(900, ...ten(50))))).toEqual(ten(50));
  expect(sizes(smallRun(rows(...ten(900))))).toEqual(ten(900));
  expect(smallRun(rows(...ten(10_000)))).toBeNull();
  // Refused lines count: without them a segment that holds nothing else would be merged, and grow, for ever.
  expect(smallRun(rows(...ten(0)).map((r) => ({ ...r, quarantined: 40_000 })))).toBeNull();
  // Never more than makes one good segment.
  const run = smallRun(rows(...Array.from({ length: 30 }, () => 9000)));
  expect(run?.reduce((n, r) => n + r.rows, 0)).toBeLessThanOrEqual(120_000);
});

let folder: TestFolder;
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => folder.remove());

test('forty commits never leave more than a handful of fresh segments', async () => {
  const target = await openTestStore(folder);
  let position = 0;
  for (let i = 0; i < 40; i++) {
    position = await store(target, [`${i} x`, 'refused'], position, {});
    expect(target.status().segments.fresh).toBeLessThan(20);
  }
  expect(target.status()).toMatchObject({ events: 40, quarantined: 40 });
  await target.close();
});

test('fresh segments are merged to disk when they are old, without any further commit', async () => {
  const target = await openTestStore(folder, { flush_to_disk_secs: 1 });
  await store(target, numberLines(1, 3));
  await vi.waitFor(() => expect(target.status().segments).toEqual({ fresh: 0, disk: 1 }), 10_000);
  await target.close();
});

test('a segment in use is removed only after the question ends, and no question sees a row twice', async () => {
  const target = await openTestStore(folder);
  const { catalogue } = target.questionContext();
  const position = await store(target, numberLines(1, 3));
  await store(target, numberLines(10, 3), position);
  const used = catalogue.segments({ from: null, to: null });
  catalogue.pin(used);
  catalogue.pin(used);
  await target.flush();
  expect(catalogue.segments({ from: null, to: null })).toHaveLength(1);
  expect(await rowsOf(target)).toHaveLength(6);
  for (const { path } of used) await access(path);
  catalogue.unpin(used);
  for (const { path } of used) await access(path);
  catalogue.unpin(used);
  await vi.waitFor(async () => expect(await readdir(folder.fresh)).toEqual([]), 10_000);
  await target.close();
});

test('segments are found by time, newest event first, and by the place of a line', async () => {
  const target = await openTestStore(folder);
  const { catalogue } = target.questionContext();
  let position = await store(target, numberLines(500, 3));
  const second = position;
  position = await store(target, numberLines(100, 3), position);
  await store(target, numberLines(300, 3), 0, { id: 'another' });
  const found = (from: number | null, to: number | null) => catalogue.segments({ from, to }).map((s) => s.min_ts);
  expect(found(null, null)).toEqual([500, 300, 100]);
  expect(found(102, 301)).toEqual([300, 100]);
  expect(found(103, 300)).toEqual([]);
  expect(catalogue.segmentsOfLine(FILE_ID, second).map((s) => s.min_ts)).toEqual([100]);
  expect(catalogue.segmentsOfLine(FILE_ID, position)).toEqual([]);
  await target.close();
});
