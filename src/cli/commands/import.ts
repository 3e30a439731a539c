import { PARSERS } from '../../parse/parsers.ts';
import { VardeError } from '../../base/errors.ts';
import { importFiles as run, type ImportProgress, type ImportResult } from '../../pipeline/import.ts';
import { Ingest } from '../../pipeline/ingest.ts';
import { openStore } from '../../pipeline/open-store.ts';
import { createTelemetry } from '../../telemetry/telemetry.ts';
import { ProgressBar } from '../progress-bar.ts';
import { resolveSettings, type CommonOptions } from '../settings.ts';
import { importThroughStation } from '../station-import.ts';
import { stationAnswers } from '../station-client.ts';

export interface ImportCommandOptions extends CommonOptions {
  parser: string;
  json?: boolean;
}

/** Commits of this size go straight to the disk as one segment. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** An import has no one waiting to see the first events: batches fill up. */
const FLUSH_MS = 5000;

/** `varde import FILE…`: old logs into the store, each line once; through the station where one runs. */
export async function importFiles(files: readonly string[], options: ImportCommandOptions): Promise<number> {
  if (!PARSERS.has(options.parser)) {
    throw new VardeError('usage', `there is no parser "${options.parser}"; known: ${[...PARSERS.keys()].join(', ')}`);
  }
  const { config } = resolveSettings(options);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const bar = new ProgressBar(process.stderr);
  let read = 0;
  const progress = (state: ImportProgress): void => {
    read = state.lines_read;
    bar.show(state);
  };
  try {
    const beside = await stationAnswers(config.data);
    const work = { files, parser: options.parser, signal: abort.signal, progress };
    const result = beside ? await importThroughStation(config.data, work) : await importHere(config, work);
    bar.end();
    process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : summary(result));
    return result.failed.length === 0 ? 0 : 1;
  } catch (error) {
    bar.end();
    if (options.json === true && error instanceof VardeError)
      process.stdout.write(`${JSON.stringify(unfinished(error, read))}\n`);
    throw error;
  } finally {
    bar.end();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

export interface ImportWork {
  files: readonly string[];
  parser: string;
  signal: AbortSignal;
  progress: (state: ImportProgress) => void;
}

async function importHere(config: Parameters<typeof openStore>[0], work: ImportWork): Promise<ImportResult> {
  const telemetry = createTelemetry({ stream: process.stderr, level: 'warn', tty: process.stderr.isTTY });
  const store = await openStore(config, telemetry);
  try {
    const ingest = new Ingest({ store, parsers: PARSERS, flush_ms: FLUSH_MS, batch_bytes: BATCH_BYTES });
    await ingest.restart();
    work.signal.addEventListener('abort', () => ingest.cancel(), { once: true });
    return await run({
      ingest,
      store,
      paths: work.files,
      parser: work.parser,
      signal: work.signal,
      progress: work.progress,
    });
  } finally {
    await store.close();
  }
}

/**
 * What `--json` prints of an import that was stopped or refused: the accounting as far as it is known. What a station has stored when its
 * asker goes away is known to the station alone (null).
 */
function unfinished(error: VardeError, read: number) {
  const known = (name: string): number | null => {
    const value = error.details[name];
    return typeof value === 'number' ? value : null;
  };
  return {
    lines_read: known('lines_read') ?? read,
    events_stored: known('events_stored'),
    lines_quarantined: known('lines_quarantined'),
    already_there: known('already_there'),
    interrupted: error.code === 'interrupted',
    error: { code: error.code, message: error.message },
  };
}

function summary(result: ImportResult): string {
  const seconds = Math.max(0.001, result.took_ms / 1000);
  const lines = [
    `Read ${result.lines_read} lines of ${result.files} ${result.files === 1 ? 'file' : 'files'} in ${seconds.toFixed(1)} s:`,
    `  ${result.events_stored} events stored, ${result.lines_quarantined} lines quarantined, ${result.already_there} already there.`,
  ];
  if (result.lines_quarantined > 0) lines.push('  The quarantined lines and their reasons: varde query --quarantine');
  for (const failure of result.failed) lines.push(`  ${failure.path}: ${failure.message} [${failure.code}]`);
  return `${lines.join('\n')}\n`;
}
