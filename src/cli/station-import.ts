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
 * @throws VardeError usage for standard input, interrupted, or the station's own error
 */
export async function importThroughStation(dataFolder: string, work: ImportWork): Promise<ImportResult> {
  if (work.files.includes('-')) {
    throw new VardeError(
      'usage',
      'a station owns the data folder, and standard input cannot be handed to it: save it to a file, or stop the station',
    );
  }
  const paths = work.files.map((file) => resolve(file));
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
