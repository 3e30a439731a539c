import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { numberLines, openTestStore, store, testFolder, type TestFolder } from './test-store.ts';
import type { DuckdbStore } from './writer.ts';

/** What the shipped config gives (open-store.ts): 5 % of the disk, at most 1 GB. */
const SHIPPED = { min_free_bytes: -1_000_000_000 };
// Fewer than are merged.
const SEGMENTS = 9;

/** A small disk that holds the store's segments and what others put there. */
const disk = vi.hoisted(() => ({ total: 0, others: 0, used: (): number => 0 }));
vi.mock('./disk-space.ts', async (original) => ({
  ...(await original<object>()),
  diskSpace: () => ({ free: Math.max(0, disk.total - disk.others - disk.used()), total: disk.total }),
}));

let folder: TestFolder;
let target: DuckdbStore;
beforeEach(async () => {
  folder = await testFolder();
  const segments = join(folder.data, 'segments');
  disk.used = () => readdirSync(segments).reduce<number>((n, name) => n + statSync(join(segments, name)).size, 0);
  Object.assign(disk, { total: 1e15, others: 0 });
  target = await openTestStore(folder, SHIPPED);
});
afterEach(async () => {
  await target.close();
  await folder.remove();
});

/** A segment of one event for each of the last days. */
async function fill(hoursApart: number): Promise<void> {
  const now = Date.now();
  let position = 0;
  for (let i = SEGMENTS - 1; i >= 0; i--) {
    position = await store(target, numberLines((now - i * hoursApart * 3600_000) * 1000, 1), position);
    await target.flush();
  }
  expect(target.status().segments.disk).toBe(SEGMENTS);
}

const left = () => target.status().events;

test('while a question holds the segments, waiting for room removes no more than it takes', async () => {
  await fill(24);
  // The disk is full but for 4.5 %, and a segment or two make that good.
  disk.total = disk.used() * 20;
  disk.others = Math.round(disk.total * 0.955) - disk.used();
  const { catalogue } = target.questionContext();
  const held = catalogue.segments({ from: null, to: null });
  catalogue.pin(held);
  await target.retain();
  const first = left();
  expect(first).toBeLessThan(SEGMENTS);
  expect(first).toBeGreaterThan(SEGMENTS - 4);
  for (let i = 0; i < 20; i++) await target.retain();
  expect(left()).toBe(first);
  catalogue.unpin(held);
  await vi.waitFor(() => expect(disk.total - disk.others - disk.used()).toBeGreaterThanOrEqual(disk.total * 0.05));
  await target.retain();
  expect(left()).toBe(first);
});

test('another program fills the disk: the newest day stays, however full it gets', async () => {
  await fill(8);
  disk.total = disk.used() * 15;
  for (let share = 0.9; share < 1.01; share += 0.002) {
    disk.others = Math.round(disk.total * share);
    await target.retain();
  }
  // Now, 8, 16 and 24 hours ago.
  expect(left()).toBe(4);
});

test('another program fills the disk at once: nothing goes, since nothing would help', async () => {
  await fill(24);
  disk.total = disk.used() * 1000;
  disk.others = disk.total - disk.used();
  await target.retain();
  expect(left()).toBe(SEGMENTS);
});

test('the store itself fills its disk: the oldest events make room for the newest, a day or not', async () => {
  await fill(1);
  disk.total = Math.round(disk.used() * 1.01);
  await target.retain();
  expect(left()).toBeLessThan(SEGMENTS);
  expect(left()).toBeGreaterThan(SEGMENTS / 2);
  expect(target.status().retention.removed_events).toBe(SEGMENTS - left());
});
