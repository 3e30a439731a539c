import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { VardeError, messageOf } from '../../base/errors.ts';

/** Who owns the folder: written into the lock file for people and for the error of the next one. */
export interface LockOwner {
  pid: number;
  host: string;
  /** ISO 8601. */
  since: string;
  command: string;
}

export interface FolderLock {
  release(): void;
}

export const LOCK_NAME = 'lock';
const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;

/**
 * Takes the folder for this process with flock(2) on `lock`. The kernel lets go of it when the process ends, however it ends: there is no
 * stale lock after `kill -9`, no reused process id to mistake for the owner, and no race of two who both find the old one dead. The file's
 * content only names the owner.
 *
 * @throws VardeError `data_locked` with the owner's name; `data_folder` where the file cannot be used.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK_NAME);
  const flock = await loadFlock();
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o640);
  } catch (error) {
    throw new VardeError('data_folder', `${path} cannot be opened: ${messageOf(error)}`, { cause: error });
  }
  const problem = flock(fd);
  if (problem !== 0) {
    const owner = problem === EWOULDBLOCK ? readOwner(path) : null;
    closeSync(fd);
    if (problem !== EWOULDBLOCK) {
      throw new VardeError(
        'data_folder',
        `${path} cannot be locked (errno ${problem}); is it on a network file system without locks?`,
      );
    }
    throw lockedError(folder, owner);
  }
  const owner: LockOwner = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    command: process.argv.slice(1).join(' ').slice(0, 500),
  };
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, `${JSON.stringify(owner)}\n`, 0, 'utf8');
    fsyncSync(fd);
  } catch {
    // A full disk: the lock holds all the same, only its name is missing.
  }
  return {
    release() {
      try {
        ftruncateSync(fd, 0);
      } catch {
        // See above.
      }
      closeSync(fd);
    },
  };
}

/** The owner as the lock file names it; null where it says nothing sensible. */
export function readOwner(path: string): LockOwner | null {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as LockOwner;
    return Number.isSafeInteger(owner.pid) ? owner : null;
  } catch {
    return null;
  }
}

function lockedError(folder: string, owner: LockOwner | null): VardeError {
  const name =
    owner === null
      ? 'another process'
      : `process ${owner.pid} on ${owner.host} (${owner.command}), since ${owner.since}`;
  return new VardeError('data_locked', `${folder} is owned by ${name}.`, {
    details:
      owner === null
        ? { folder }
        : { folder, pid: owner.pid, host: owner.host, since: owner.since, command: owner.command },
  });
}

/** flock as a function of the descriptor: 0, or the error number. Node has none of its own, so libc is called. */
async function loadFlock(): Promise<(fd: number) => number> {
  try {
    const koffi = (await import('koffi')).default;
    const flock = koffi.load('libc.so.6').func('int flock(int, int)');
    return (fd) => (flock(fd, LOCK_EX | LOCK_NB) === 0 ? 0 : koffi.errno());
  } catch (error) {
    throw new VardeError('store_unavailable', `The data folder cannot be locked here: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
