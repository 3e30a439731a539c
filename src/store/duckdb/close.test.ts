import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitBatch } from './commit.ts';
import { createCore, newBatch } from './core.ts';
import { flushFresh, mergeSmall } from './merge.ts';
import { makeFolders, openForWriting } from './open.ts';
import { retryQuarantine } from './retry.ts';
import {
  feed,
  numberLines,
  numbersParser,
  openTestStore,
  store,
  testFolder,
  testOptions,
  type TestFolder,
} from './test-store.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => folder.remove());

async function openCore() {
  const core = createCore(testOptions(folder), () => undefined);
  await makeFolders(core);
  await openForWriting(core);
  return core;
}

test('a merge on disk that runs when the store closes is given up, and its inputs stay', async () => {
  const core = await openCore();
  let position = 0;
  for (let i = 0; i < 10; i++) {
    const batch = newBatch(core);
    ({ position } = feed(batch, numberLines(i * 10_000, 9000, 'text '.repeat(100)), position));
    await commitBatch(core, batch);
    await flushFresh(core);
  }
  const before = (await readdir(core.disk_folder)).toSorted();
  const merge = mergeSmall(core);
  const ended = expect(merge).rejects.toThrow(/INTERRUPT/);
  setTimeout(() => core.closing.abort(), 100);
  await ended;
  expect((await readdir(core.disk_folder)).toSorted()).toEqual(before);
  expect(core.catalogue.all('disk')).toHaveLength(10);
  // What is fresh still goes to disk.
  const batch = newBatch(core);
  feed(batch, numberLines(1, 5), position);
  await commitBatch(core, batch);
  await flushFresh(core);
  expect(core.catalogue.all('disk')).toHaveLength(11);
  await core.engine.close();
}, 60_000);

test('a retry of the quarantine stops when the store closes', async () => {
  const core = await openCore();
  const batch = newBatch(core);
  feed(batch, ['1 a', 'refused'], 0);
  await commitBatch(core, batch);
  await flushFresh(core);
  core.closing.abort();
  await expect(retryQuarantine(core, new Map([[numbersParser.id, numbersParser]]))).rejects.toMatchObject({
    code: 'interrupted',
  });
  await core.engine.close();
});

test('merges that wait are left out when the store closes; what is fresh goes to disk', async () => {
  const target = await openTestStore(folder);
  let position = 0;
  for (let i = 0; i < 9; i++) {
    position = await store(target, numberLines(i * 100, 3), position);
    await target.flush();
  }
  // The tenth makes a merge due behind the commit.
  const last = store(target, numberLines(5000, 3), position);
  const flush = target.flush();
  await Promise.all([last, flush]);
  await target.close();
  const left = await readdir(join(folder.data, 'segments'));
  expect(left.filter((name) => name.endsWith('.parquet'))).toHaveLength(10);
});
