import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { diskProblem } from './disk-space.ts';
import { FILE_ID, feed, numberLines, openTestStore, rowsOf, store, type TestFolder } from './test-store.ts';

const run = promisify(execFile);

test('errors are told apart: full, not to be used, something else', () => {
  const node = (code: string) => Object.assign(new Error(code), { code });
  expect(diskProblem(node('ENOSPC'))).toBe('store_full');
  expect(diskProblem(node('EDQUOT'))).toBe('store_full');
  expect(diskProblem(node('EROFS'))).toBe('data_folder');
  expect(diskProblem(node('EIO'))).toBe('data_folder');
  expect(diskProblem(new Error('IO Error: Could not write file "/x": No space left on device'))).toBe('store_full');
  expect(diskProblem(new Error('IO Error: Cannot open file "/x": Read-only file system'))).toBe('data_folder');
  expect(diskProblem(new Error('Conversion Error: Could not convert string "No space left on device"'))).toBeNull();
  expect(diskProblem(new TypeError('x is not a function'))).toBeNull();
});

/** Lines that do not shrink below half their size. */
function noise(lines: number, bytes: number): string[] {
  return Array.from({ length: lines }, (_, i) => `${i} ${randomBytes(bytes / 2).toString('hex')}`);
}

/** Small file systems need root and loop devices. */
const mountable = await (async () => {
  const at = await mkdtemp(join(tmpdir(), 'varde-mount-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at]);
    await run('umount', [at]);
    return true;
  } catch {
    return false;
  } finally {
    await rm(at, { recursive: true, force: true });
  }
})();

describe.skipIf(!mountable)('on small file systems (needs root to mount)', () => {
  let base: string;
  let folder: TestFolder;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'varde-full-'));
    folder = { data: join(base, 'disk', 'data'), fresh: join(base, 'memory'), remove: async () => undefined };
    await mkdir(join(base, 'disk'));
    await mkdir(folder.fresh, { mode: 0o700 });
    await truncate(join(base, 'image'), 0).catch(() => writeFile(join(base, 'image'), ''));
    await truncate(join(base, 'image'), 24 * 1024 * 1024);
    await run('mkfs.ext4', ['-q', '-m', '0', join(base, 'image')]);
    await run('mount', ['-o', 'loop', join(base, 'image'), join(base, 'disk')]);
  });
  afterEach(async () => {
    await run('umount', ['-l', join(base, 'memory')]).catch(() => undefined);
    await run('umount', ['-l', join(base, 'disk')]);
    await rm(base, { recursive: true, force: true });
  });

  const disk = () => join(base, 'disk');
  const temporaries = async () => (await readdir(join(folder.data, 'segments'))).filter((n) => n.endsWith('.tmp'));

  /** Fills the disk to the last block. */
  async function fill(): Promise<void> {
    await run('dd', ['if=/dev/zero', `of=${join(disk(), 'filler')}`, 'bs=64k', 'status=none']).catch(() => undefined);
    await run('dd', ['if=/dev/zero', `of=${join(disk(), 'filler2')}`, 'bs=512', 'status=none']).catch(() => undefined);
  }

  test('a full disk: the commit waits and says so, questions go on, and it ends by itself when there is room', async () => {
    const target = await openTestStore(folder);
    const position = await store(target, numberLines(100, 10));
    await target.flush();
    await fill();
    const batch = target.batch();
    // Large enough to go straight to disk.
    feed(batch, noise(9, 1_000_000), position);
    const commit = target.commit(batch);
    await vi.waitFor(() => expect(target.status().waiting).toMatchObject({ code: 'store_full' }), 10_000);
    expect(await rowsOf(target)).toHaveLength(10);
    expect(target.records().get(FILE_ID)?.position).toBe(position);
    // Between two tries nothing half written is left.
    await vi.waitFor(async () => expect(await temporaries()).toEqual([]), { timeout: 10_000, interval: 5 });
    await rm(join(disk(), 'filler'));
    expect(await commit).toMatchObject({ rows: 9, level: 'disk' });
    expect(target.status().waiting).toBeNull();
    expect(await rowsOf(target)).toHaveLength(19);
    await target.close();
  }, 60_000);

  test('a commit that waits can be given up; closing leaves what is fresh for the next start', async () => {
    const target = await openTestStore(folder);
    const position = await store(target, numberLines(100, 10));
    await fill();
    const batch = target.batch();
    feed(batch, numberLines(200, 9, 'y'.repeat(1024 * 1024)), position);
    const giveUp = new AbortController();
    const commit = target.commit(batch, giveUp.signal);
    const refused = expect(commit).rejects.toMatchObject({ code: 'interrupted' });
    await vi.waitFor(() => expect(target.status().waiting).not.toBeNull(), 10_000);
    giveUp.abort();
    await refused;
    await target.close();
    await rm(join(disk(), 'filler'));
    const again = await openTestStore(folder);
    expect(again.status()).toMatchObject({ events: 10, waiting: null });
    expect(again.records().get(FILE_ID)?.position).toBe(position);
    await again.close();
  }, 60_000);

  test('closing gives up a commit that waits, and lets go of the folder', async () => {
    const target = await openTestStore(folder);
    await fill();
    const batch = target.batch();
    feed(batch, numberLines(200, 9, 'y'.repeat(1024 * 1024)), 0);
    const refused = expect(target.commit(batch)).rejects.toMatchObject({ code: 'interrupted' });
    await vi.waitFor(() => expect(target.status().waiting).not.toBeNull(), 10_000);
    await target.close();
    await refused;
    const again = await openTestStore(folder);
    expect(again.status().events).toBe(0);
    await again.close();
  }, 60_000);

  test('a folder that became read-only: the same, under its own code', async () => {
    const target = await openTestStore(folder);
    const position = await store(target, numberLines(100, 10));
    const segments = join(folder.data, 'segments');
    await run('mount', ['--bind', segments, segments]);
    await run('mount', ['-o', 'remount,ro,bind', segments]);
    const batch = target.batch();
    feed(batch, numberLines(200, 9, 'y'.repeat(1024 * 1024)), position);
    const commit = target.commit(batch);
    await vi.waitFor(() => expect(target.status().waiting).toMatchObject({ code: 'data_folder' }), 10_000);
    await run('umount', [segments]);
    await commit;
    expect(await rowsOf(target)).toHaveLength(19);
    await target.close();
  }, 60_000);

  test('retention frees what a commit waits for', async () => {
    const target = await openTestStore(folder, { min_free_bytes: 6 * 1024 * 1024 });
    let position = 0;
    for (let i = 0; i < 5; i++) {
      const batch = target.batch();
      ({ position } = feed(batch, noise(9, 1_000_000), position));
      await target.commit(batch);
    }
    expect(target.records().get(FILE_ID)).toMatchObject({ position, events_stored: 45 });
    expect(target.status().retention.removed_events).toBeGreaterThan(0);
    await target.close();
  }, 60_000);

  test('memory without room: the disk takes it at once', async () => {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=16k,mode=700', 'tmpfs', folder.fresh]);
    const target = await openTestStore(folder);
    const batch = target.batch();
    feed(batch, noise(200, 200), 0);
    expect(await target.commit(batch)).toMatchObject({ rows: 200, level: 'disk' });
    expect(await rowsOf(target)).toHaveLength(200);
    expect(await readdir(folder.fresh)).toEqual([]);
    await target.close();
  }, 60_000);
});
