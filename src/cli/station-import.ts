import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { VardeError } from '../base/errors.ts';
import type { ImportProgress, ImportResult } from '../pipeline/import.ts';
import type { ApiError } from '../view/api.ts';
import type { ImportWork } from './commands/import.ts';
import { streamLines, toError } from './station-client.ts';

/** What the station says while it imports, one JSON object a line. */
export type ImportMessage = { progress: ImportProgress } | { result: ImportResult } | ApiError;

/**
 * Imports through the running station, which owns the folder: it opens the files itself.
 *
 * @throws VardeError usage for standard input and pipes, interrupted, or the station's own error
 */
export async function importThroughStation(dataFolder: string, work: ImportWork): Promise<ImportResult> {
  const paths = work.files.map(pathForStation);
  for await (const line of streamLines(
    dataFolder,
    'POST',
    '/api/import',
    { paths, parser: work.parser },
    work.signal,
  )) {
    const message = JSON.parse(line.toString('utf8')) as ImportMessage;
    if ('result' in message) return message.result;
    if ('error' in message) throw toError(message.error);
    if ('progress' in message) work.progress(message.progress);
  }
  throw new VardeError(
    work.signal.aborted ? 'interrupted' : 'import_failed',
    'the station ended the import without a result',
  );
}

/**
 * The path under which another process finds the same file. What only this process has open (standard input, the shell's `<(command)`) it
 * cannot find: below /dev/fd and /proc/self stand its own descriptors.
 */
function pathForStation(file: string): string {
  if (file === '-') throw notForStation('standard input');
  const path = resolve(file);
  const ours = /^\/(?:dev|proc)\//.test(path);
  let real: string;
  try {
    // A folder is left to the station, which says so; so is a file that this user may not look at.
    const info = statSync(path);
    if (!info.isFile() && !info.isDirectory()) throw notForStation(file);
    if (!ours) return path;
    real = realpathSync(path);
  } catch (error) {
    if (error instanceof VardeError || ours) throw notForStation(file);
    return path;
  }
  if (real.startsWith('/proc/')) throw notForStation(file);
  return real;
}

function notForStation(what: string): VardeError {
  return new VardeError(
    'usage',
    `a station owns the data folder, and ${what} cannot be handed to it: save it to a file, or stop the station`,
  );
}
