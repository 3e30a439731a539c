import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { VardeError, messageOf, systemCode } from '../base/errors.ts';
import { interrupted } from '../source/file-tail/once.ts';
import { readOnce } from '../source/file-tail/read-once.ts';
import type { SourceContext } from '../source/source.ts';
import type { Store } from '../store/store.ts';
import type { Accounting } from '../view/api.ts';
import type { Ingest } from './ingest.ts';
import { sourceContext } from './sources.ts';

export interface ImportProgress {
  /** The file being read, and its place among all. */
  path: string;
  file: number;
  files: number;
  /** Bytes as they lie on disk (compressed where they are), of all files; `bytes_total` is null with standard input. */
  bytes: number;
  bytes_total: number | null;
  lines_read: number;
}

/** `lines_read = events_stored + lines_quarantined + already_there`: every line of the files is in one of the three. */
export interface ImportResult {
  lines_read: number;
  events_stored: number;
  lines_quarantined: number;
  already_there: number;
  files: number;
  bytes: number;
  took_ms: number;
  /** Files that could not be read to their end, with the reason; the lines before it are stored. */
  failed: { path: string; code: string; message: string }[];
}

export interface ImportOptions {
  ingest: Ingest;
  store: Store;
  /** Files; `-` is standard input. */
  paths: readonly string[];
  parser: string;
  stdin?: Readable;
  signal?: AbortSignal;
  progress?: (progress: ImportProgress) => void;
}

const SOURCE = 'import';

/**
 * Reads files into the store, each line once: what was imported or followed before is not read again, whatever the file is called now.
 *
 * @throws VardeError usage (no such file), interrupted (what was committed stays, and the next run goes on behind it)
 */
export async function importFiles(options: ImportOptions): Promise<ImportResult> {
  const { ingest, store, paths, signal } = options;
  const began = Date.now();
  ingest.checkStore();
  const goesOn = sameGeneration(ingest);
  const sizes = await Promise.all(paths.map(sizeOf));
  const total = sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + size!, 0);
  const before = new Map<string, Accounting>();
  const context = watchContext(sourceContext(SOURCE, options.parser, ingest, store), ingest, before, () => {
    if (signal?.aborted === true) throw interrupted();
    goesOn();
  });
  const result: ImportResult = {
    lines_read: 0,
    events_stored: 0,
    lines_quarantined: 0,
    already_there: 0,
    files: 0,
    bytes: 0,
    took_ms: 0,
    failed: [],
  };
  let done = 0;
  for (const [index, path] of paths.entries()) {
    let fileBytes = 0;
    const tell = (bytes: number): void => {
      fileBytes = bytes;
      options.progress?.({
        path,
        file: index + 1,
        files: paths.length,
        bytes: done + bytes,
        bytes_total: total,
        lines_read: linesSince(ingest, before),
      });
    };
    tell(0);
    try {
      const read = await readOnce(path === '-' ? (options.stdin ?? process.stdin) : path, context, {
        signal,
        onBytes: tell,
      });
      result.already_there += read.already_there_lines;
      if (read.problem !== null) result.failed.push({ path, ...read.problem });
      result.files++;
    } catch (error) {
      if (signal?.aborted === true) break;
      goesOn();
      result.failed.push({
        path,
        code: error instanceof VardeError ? error.code : 'import_failed',
        message: messageOf(error),
      });
    }
    done += fileBytes;
  }
  await ingest.drain();
  // Whoever is told that it is stored may delete the file: then the lines must not be in memory alone.
  if (signal?.aborted !== true) await ontoDisk(store);
  ingest.checkStore();
  goesOn();
  for (const [id, was] of before) {
    const is = ingest.books.file(id);
    result.events_stored += is.events_stored - was.events_stored;
    result.lines_quarantined += is.lines_quarantined - was.lines_quarantined;
  }
  result.lines_read = result.events_stored + result.lines_quarantined + result.already_there;
  result.bytes = done;
  result.took_ms = Date.now() - began;
  if (signal?.aborted === true) {
    throw new VardeError(
      'interrupted',
      `Stopped; ${result.events_stored} events are stored and will not be read again.`,
      {
        details: {
          lines_read: result.lines_read,
          events_stored: result.events_stored,
          lines_quarantined: result.lines_quarantined,
          already_there: result.already_there,
        },
      },
    );
  }
  return result;
}

/** Throws once a commit failed or the ingest was started over: what an import handed over may be forgotten then, and it must not go on behind it. */
function sameGeneration(ingest: Ingest): () => void {
  const { generation } = ingest;
  return () => {
    if (ingest.broken !== null) throw ingest.broken;
    if (generation === ingest.generation) return;
    throw new VardeError(
      'store_failed',
      'The store started over while this import ran. Import the same files again: what is stored is not read twice.',
    );
  };
}

async function ontoDisk(store: Store): Promise<void> {
  try {
    await store.flush();
  } catch (error) {
    throw new VardeError(
      'store_failed',
      `All lines are read, but they are not on the disk yet: ${messageOf(error)}. Keep the files, and import them again when it has room.`,
      { cause: error },
    );
  }
}

/** Notes, for each file that is read, where its books stood before; `admit` is asked before anything is taken, or waited for. */
function watchContext(
  context: SourceContext,
  ingest: Ingest,
  before: Map<string, Accounting>,
  admit: () => void,
): SourceContext {
  const note = (id: string): void => {
    if (!before.has(id)) before.set(id, ingest.books.settled(id));
  };
  return {
    ...context,
    committed(id) {
      admit();
      return ingest.books.committedPosition(id);
    },
    chunk(chunk) {
      note(chunk.file.id);
      return ingest.chunk(chunk, admit);
    },
    oversize(line) {
      note(line.file.id);
      return ingest.oversize(line, admit);
    },
  };
}

function linesSince(ingest: Ingest, before: ReadonlyMap<string, Accounting>): number {
  let lines = 0;
  for (const [id, was] of before) lines += ingest.books.file(id).lines_read - was.lines_read;
  return lines;
}

/** Size on disk; null for standard input. A file that is not there is wrong usage: nothing has been read yet. */
async function sizeOf(path: string): Promise<number | null> {
  if (path === '-') return null;
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw new VardeError('usage', `${path} is a folder; name files, such as ${path}/*.json`);
    return info.isFile() ? info.size : null;
  } catch (error) {
    if (error instanceof VardeError) throw error;
    const reason = systemCode(error) === 'ENOENT' ? 'no such file' : messageOf(error);
    throw new VardeError('usage', `${path}: ${reason}`, { cause: error });
  }
}
