import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder, LOCK_NAME } from './lock.ts';
import { openTestStore, store, testFolder, type TestFolder } from './test-store.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => folder.remove());

test('a second owner is refused, and is told the first', async () => {
  const first = await lockFolder(folder.data);
  await expect(lockFolder(folder.data)).rejects.toMatchObject({
    code: 'data_locked',
    details: { pid: process.pid },
    message: expect.stringContaining(`process ${process.pid}`),
  });
  first.release();
  (await lockFolder(folder.data)).release();
});

test('the lock goes with the process that held it, whatever the file says', async () => {
  // util-linux's flock takes the same lock in another process.
  const other = spawn('flock', ['--no-fork', join(folder.data, LOCK_NAME), 'sh', '-c', 'echo locked; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => other.stdout.once('data', resolve));
  await expect(lockFolder(folder.data)).rejects.toMatchObject({ code: 'data_locked' });
  const gone = new Promise((resolve) => other.once('exit', resolve));
  other.kill('SIGKILL');
  await gone;
  // The file of a process whose id is ours by chance does not matter.
  await writeFile(
    join(folder.data, LOCK_NAME),
    JSON.stringify({ pid: process.pid, host: 'x', since: '', command: '' }),
  );
  const lock = await lockFolder(folder.data);
  expect(JSON.parse(await readFile(join(folder.data, LOCK_NAME), 'utf8'))).toMatchObject({ pid: process.pid });
  lock.release();
});

test('a store that is open cannot be opened again for writing, but for reading', async () => {
  const owner = await openTestStore(folder);
  await store(owner, ['1 a']);
  await expect(openTestStore(folder)).rejects.toMatchObject({ code: 'data_locked' });
  const reader = await openTestStore(folder, { read_only: true });
  expect(reader.status().events).toBe(1);
  await reader.close();
  await owner.close();
});
