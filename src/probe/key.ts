import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { VardeError, messageOf, systemCode } from '../base/errors.ts';

const KEY_BYTES = 32;

/**
 * The key that signs probes: 32 random bytes, kept as 64 hexadecimal digits in a file that only its owner may read.
 *
 * Who knows it can make a dead sensor look alive; it protects nothing else. Senders on other machines need a copy of the file.
 *
 * @param options.create make the file where it is missing; of two processes that try at once, both get the same key
 * @param options.link link(2); for tests
 * @throws VardeError probe_key
 */
export function loadKey(path: string, options: { create: boolean; link?: typeof linkSync }): Buffer {
  try {
    return readKey(path);
  } catch (error) {
    if (!options.create || systemCode(error) !== 'ENOENT') throw asKeyError(path, error);
  }
  try {
    makeKey(path, options.link ?? linkSync);
    return readKey(path);
  } catch (error) {
    throw asKeyError(path, error);
  }
}

function asKeyError(path: string, error: unknown): VardeError {
  if (error instanceof VardeError) return error;
  return new VardeError('probe_key', `${path}: ${messageOf(error)}`, { cause: error, details: { path } });
}

function readKey(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    const mode = fstatSync(fd).mode & 0o777;
    // As OpenSSH does with its keys: one that others could read proves nothing.
    if ((mode & 0o077) !== 0)
      throw new VardeError('probe_key', `${path}: others may read it (mode ${mode.toString(8)}); set it to 600`, {
        details: { path },
      });
    const text = readFileSync(fd, 'latin1').trim();
    if (!/^[0-9a-fA-F]{64}$/.test(text))
      throw new VardeError('probe_key', `${path}: it does not hold ${2 * KEY_BYTES} hexadecimal digits`, {
        details: { path },
      });
    return Buffer.from(text, 'hex');
  } finally {
    closeSync(fd);
  }
}

/** Writes a whole file beside it and links it into place: the name never stands for half a key, and never replaces one (link(2)). */
function makeKey(path: string, link: typeof linkSync): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  const fresh = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const fd = openSync(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    chmodSync(fresh, 0o600);
    writeSync(fd, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    fsyncSync(fd);
    ownAsFolder(fresh, folder);
    link(fresh, path);
  } catch (error) {
    if (NO_LINKS.has(systemCode(error))) writeKey(path, folder);
    else if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    closeSync(fd);
    unlinkSync(fresh);
  }
}

/** What link(2) says where the file system knows no links (FAT, exFAT, some network shares). */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Makes the file itself. Another process may read it half-written in the same moment: it then refuses it, and gets it at its next start. */
function writeKey(path: string, folder: string): void {
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    throw error;
  }
  try {
    writeSync(fd, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  ownAsFolder(path, folder);
}

/** Root (raw sockets) makes files for the station, which runs as the owner of the data folder. */
export function ownAsFolder(path: string, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  chownSync(path, uid, gid);
}
