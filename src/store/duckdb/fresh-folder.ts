import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, realpath, rename, rmdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VardeError, messageOf, systemCode } from '../../base/errors.ts';
import { TEMPORARY } from './segment-name.ts';

/** Where fresh segments go. */
export interface FreshFolder {
  path: string;
  /** False: a folder on the disk stands in, and each event is written to it twice. */
  in_memory: boolean;
  /** Why it is not in memory. */
  problem: string | null;
}

const SHARED_MEMORY = '/dev/shm';
/** statfs(2) */
const TMPFS_MAGIC = 0x0102_1994;
const RAMFS_MAGIC = 0x8584_58f6;
/** Names the fresh folder of the last run, so that its segments are found after a kill even when the setting was changed. */
const POINTER = 'fresh-folder';

/** The default: private to this user and this data folder, whichever way that is spelled. */
export async function defaultFreshFolder(folder: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 16);
  return join(SHARED_MEMORY, `varde-${process.getuid?.() ?? 0}-${hash}`);
}

/**
 * Makes and checks the fresh folder. /dev/shm belongs to everybody: a folder or link that another user put there first is not used, since
 * its owner could read and change what is in it.
 *
 * @throws VardeError `data_folder` only where no folder at all can be had.
 */
export async function prepareFreshFolder(folder: string, wished: string | undefined): Promise<FreshFolder> {
  const path = wished ?? (await defaultFreshFolder(folder));
  let problem: string;
  try {
    await makePrivate(path);
    if (wished !== undefined || (await isMemory(path))) return { path, in_memory: await isMemory(path), problem: null };
    problem = `${path} is not in memory`;
  } catch (error) {
    problem = messageOf(error);
  }
  const fallback = join(folder, 'fresh');
  try {
    await makePrivate(fallback);
  } catch (error) {
    throw new VardeError('data_folder', `Neither ${path} nor ${fallback} can be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return { path: fallback, in_memory: false, problem };
}

/** Leaves nothing behind in shared memory once everything is on disk. A folder that still holds something stays. */
export async function removeFreshFolder(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined);
}

async function makePrivate(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  const stat = await lstat(path);
  if (!stat.isDirectory()) throw new Error(`${path} is no folder (a symbolic link is not followed)`);
  if (stat.uid !== process.getuid?.()) throw new Error(`${path} belongs to user ${stat.uid}`);
  if ((stat.mode & 0o077) !== 0)
    throw new Error(`${path} is open to other users (mode ${(stat.mode & 0o777).toString(8)})`);
}

async function isMemory(path: string): Promise<boolean> {
  const { type } = await statfs(path);
  return type === TMPFS_MAGIC || type === RAMFS_MAGIC;
}

/** The fresh folder of the last owner; null where none was noted. */
export async function readFreshPointer(folder: string): Promise<string | null> {
  try {
    const path = (await readFile(join(folder, POINTER), 'utf8')).trim();
    return path === '' ? null : path;
  } catch {
    return null;
  }
}

export async function writeFreshPointer(folder: string, path: string): Promise<void> {
  const file = join(folder, POINTER);
  await writeFile(`${file}${TEMPORARY}`, `${path}\n`, { mode: 0o640 });
  await rename(`${file}${TEMPORARY}`, file);
}
