import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { VardeError, messageOf } from '../../base/errors.ts';
import { lineDiff } from './diff.ts';
import type { SetupFile } from './plan.ts';

/** A file as it should be, against what is there. */
export interface SetupChange extends SetupFile {
  /** Where it is or will be: the path below the root. */
  target: string;
  state: 'new' | 'changed' | 'same';
  /** Lines with `- ` and `+ ` where it changed. */
  diff: string[];
}

/** Far more than any of these files; a larger one is none of ours. */
const MAX_BYTES = 65_536;

/**
 * Compares files with those below a root (`/`, or the root of an image).
 *
 * @throws VardeError `usage` where something other than a readable small file has the path: it is left alone.
 */
export function compareSetup(files: readonly SetupFile[], root = '/'): SetupChange[] {
  return files.map((file) => {
    const target = join(root, file.path);
    const before = existing(target);
    if (before === null) return { ...file, target, state: 'new', diff: lineDiff('', file.text) };
    return before === file.text
      ? { ...file, target, state: 'same', diff: [] }
      : { ...file, target, state: 'changed', diff: lineDiff(before, file.text) };
  });
}

/**
 * Writes what is new or changed, mode 644, each at once or not at all (rename(2)).
 *
 * @throws VardeError `usage` with the path that cannot be written.
 */
export function writeSetup(changes: readonly SetupChange[]): void {
  for (const { target, text, state } of changes) {
    if (state === 'same') continue;
    const temporary = `${target}.varde-${process.pid}`;
    try {
      mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
      const file = openSync(temporary, 'wx', 0o644);
      try {
        // Whatever the umask says: systemd and networkd read it as other users.
        fchmodSync(file, 0o644);
        writeSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new VardeError('usage', `${target} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }
}

function existing(path: string): string | null {
  try {
    const { size, mode } = lstatSync(path);
    const isFile = (mode & 0o170000) === 0o100000;
    if (!isFile || size > MAX_BYTES) throw new Error('something else has this path');
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new VardeError('usage', `${path}: ${messageOf(error)}`, { cause: error });
  }
}
