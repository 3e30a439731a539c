import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  FILE_ID,
  feed,
  fileRecord,
  numberLines,
  openTestStore,
  quarantineOf,
  rowsOf,
  store,
  testFolder,
  type TestFolder,
} from './test-store.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => folder.remove());

test('a committed batch is visible at once and is there after closing and opening', async () => {
  const first = await openTestStore(folder);
  const position = await store(first, ['10 a', '20 b', 'nonsense', '30 c']);
  expect((await rowsOf(first)).map((r) => r.line)).toEqual(['10 a', '20 b', '30 c']);
  expect(first.status().segments).toEqual({ fresh: 1, disk: 0 });
  await first.close();
  const second = await openTestStore(folder);
  expect((await rowsOf(second)).map((r) => r.line)).toEqual(['10 a', '20 b', '30 c']);
  expect(second.status()).toMatchObject({
    events: 3,
    quarantined: 1,
    segments: { fresh: 0, disk: 1 },
    oldest: 10,
    newest: 30,
  });
  expect(second.records().get(FILE_ID)).toMatchObject({
    position,
    lines_read: 4,
    events_stored: 3,
    lines_quarantined: 1,
  });
  await second.close();
});

test('a batch of 8 MB goes straight to disk, after what was fresh', async () => {
  const target = await openTestStore(folder);
  let position = await store(target, ['1 small']);
  const batch = target.batch();
  ({ position } = feed(batch, numberLines(2, 9, 'x'.repeat(1024 * 1024)), position));
  expect((await target.commit(batch)).level).toBe('disk');
  expect(target.status().segments).toEqual({ fresh: 0, disk: 2 });
  expect(target.records().get(FILE_ID)?.position).toBe(position);
  expect(await rowsOf(target)).toHaveLength(10);
  await target.close();
});

test('a trickle of commits is merged in memory', async () => {
  const target = await openTestStore(folder);
  let position = 0;
  for (let i = 0; i < 40; i++) position = await store(target, [`${i} a`], position);
  await target.flush();
  expect(target.status()).toMatchObject({ events: 40, segments: { fresh: 0, disk: 1 } });
  await target.close();
  expect(await readdir(folder.fresh)).toEqual([]);
  const onDisk = await readdir(join(folder.data, 'segments'));
  expect(onDisk.filter((name) => name.endsWith('.parquet'))).toHaveLength(1);
});

test('a batch with only rejects, and one with only a position, are commits', async () => {
  const target = await openTestStore(folder);
  let position = await store(target, ['no', 'never']);
  const batch = target.batch();
  batch.advance(fileRecord(FILE_ID, position + 7));
  await target.commit(batch);
  await target.close();
  const again = await openTestStore(folder);
  expect(again.records().get(FILE_ID)).toMatchObject({
    position: position + 7,
    lines_read: 2,
    lines_quarantined: 2,
    events_stored: 0,
  });
  expect(await quarantineOf(again)).toEqual(['never', 'no']);
  position = await store(again, ['5 yes'], position + 7);
  expect(again.status()).toMatchObject({ events: 1, quarantined: 2 });
  await again.close();
});
