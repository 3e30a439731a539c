import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultFreshFolder, prepareFreshFolder } from './fresh-folder.ts';
import { FILE_ID, noQuestions, numberLines, rowsOf, store, testOptions } from './test-store.ts';
import { DuckdbStore } from './writer.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'varde-fresh-'));
});
afterEach(async () => {
  await rm(await defaultFreshFolder(data), { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
});

const openHere = async (fresh?: string) => {
  const options = testOptions({ data, fresh: '', remove: async () => undefined }, { fresh_folder: fresh });
  const target = new DuckdbStore(options, noQuestions);
  await target.open();
  return target;
};

test('the folder is private, the same however the data folder is spelled, and gone after closing', async () => {
  const target = await openHere();
  const { fresh_folder } = target.status();
  expect(fresh_folder).toBe(await defaultFreshFolder(`${data}/../${data.split('/').at(-1)}`));
  expect((await stat(fresh_folder)).mode & 0o777).toBe(0o700);
  await store(target, numberLines(1, 3));
  expect(await readdir(fresh_folder)).toHaveLength(1);
  await target.close();
  await expect(stat(fresh_folder)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a folder that is open to others, or a link, is not used', async () => {
  const path = await defaultFreshFolder(data);
  await mkdir(path);
  await chmod(path, 0o755);
  expect(await prepareFreshFolder(data, undefined)).toMatchObject({
    path: join(data, 'fresh'),
    in_memory: false,
    problem: expect.stringContaining('open to other users'),
  });
  await rm(path, { recursive: true });
  await mkdir(join(data, 'elsewhere'), { mode: 0o700 });
  await symlink(join(data, 'elsewhere'), path);
  expect((await prepareFreshFolder(data, undefined)).problem).toMatch(/no folder/);
});

test('after a crash and a change of the setting, what was fresh is found where it was', async () => {
  const crashed = await openHere();
  const position = await store(crashed, numberLines(1, 3));
  // Its lock goes with its process; in this one it has to be let go by hand.
  (crashed as unknown as { lock: { release(): void } }).lock.release();
  const other = await mkdtemp('/dev/shm/varde-test-').catch(() => mkdtemp(join(tmpdir(), 'varde-other-')));
  const target = await openHere(other);
  expect(target.records().get(FILE_ID)?.position).toBe(position);
  expect(await rowsOf(target)).toHaveLength(3);
  expect(target.status().segments).toEqual({ fresh: 0, disk: 1 });
  await target.close();
  await rm(other, { recursive: true });
});
