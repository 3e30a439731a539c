import { statfsSync } from 'node:fs';
import { VardeError, messageOf, systemCode } from '../../base/errors.ts';

export interface Waiting {
  code: 'store_full' | 'data_folder';
  message: string;
  /** Milliseconds since the epoch. */
  since: number;
}

const FULL = /No space left on device|Disk quota exceeded|File too large|ENOSPC|EDQUOT|EFBIG/;
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FOLDER =
  /Could not write|Cannot open|Could not move|Read-only file system|Permission denied|Operation not permitted|Input\/output error|No such file or directory|Not a directory/;
const FOLDER_CODES = new Set([
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOENT',
  'ENOTDIR',
  'ENODEV',
  'ESTALE',
  'EMFILE',
  'ENFILE',
  'ENOTCONN',
]);

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/**
 * What an error says about the disk: Node's has a code; DuckDB's is only a sentence that begins with "IO Error". Null: it is about
 * something else, and waiting would not help.
 */
export function diskProblem(error: unknown): Waiting['code'] | null {
  const code = systemCode(error);
  if (FULL_CODES.has(code)) return 'store_full';
  if (FOLDER_CODES.has(code)) return 'data_folder';
  const message = messageOf(error);
  if (!message.includes('IO Error')) return null;
  if (FULL.test(message)) return 'store_full';
  return FOLDER.test(message) ? 'data_folder' : null;
}

/**
 * Runs `work` until it succeeds, as long as only the disk stands in its way. Tells through `waiting` when it begins to wait, why, and when
 * it goes on.
 *
 * @throws VardeError `interrupted` when one of `signals` aborts; other errors of `work` as they are.
 */
export async function untilDiskAllows<T>(
  work: () => Promise<T>,
  options: { signals: readonly AbortSignal[]; waiting: (state: Waiting | null) => void; between?: () => Promise<void> },
): Promise<T> {
  let since: number | null = null;
  let wait = FIRST_WAIT_MS;
  for (;;) {
    try {
      const result = await work();
      if (since !== null) options.waiting(null);
      return result;
    } catch (error) {
      const code = diskProblem(error);
      if (code === null) {
        if (since !== null) options.waiting(null);
        throw error;
      }
      since ??= Date.now();
      options.waiting({ code, message: messageOf(error), since });
    }
    await options.between?.();
    await pause(wait, options.signals);
    if (options.signals.some((s) => s.aborted)) {
      options.waiting(null);
      throw new VardeError('interrupted', 'The commit was given up while it waited for the disk.');
    }
    wait = Math.min(wait * 1.5, LONGEST_WAIT_MS);
  }
}

/** Not `AbortSignal.any`: with a signal as old as the process it keeps every listener (Node 20). */
function pause(ms: number, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    for (const signal of signals) {
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    }
  });
}

/** Free (for this user) and total bytes of the disk that holds the folder; zeros where it cannot be asked. */
export function diskSpace(folder: string): { free: number; total: number } {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return { free: 0, total: 0 };
  }
}
