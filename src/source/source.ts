import type { Chunk, FileRecord, OversizeLine } from '../event/position.ts';

/** What a source needs from the rest: the pipeline provides it. */
export interface SourceContext {
  /** Id of this source; records made by it carry it. */
  id: string;
  parser: string;
  /** Every file record (of all sources), to resume from: as far as it was taken in, which includes what is committed. */
  known(): Iterable<FileRecord>;
  /** The committed line of a file at an offset, or null: proves whether a shorter copy holds what was read already. */
  lineAt(fileId: string, offset: number): Promise<Buffer | null>;
  /** How far a file is committed; lines before it that `lineAt` does not give are not in the store. Without it they are waited for. */
  committed?(fileId: string): number;
  /** Takes a chunk (one without bytes only makes its position known, for `start: end`); resolves when there is room for the next one (back-pressure), not when it is committed. */
  chunk(chunk: Chunk): Promise<void>;
  oversize(line: OversizeLine): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Files (`device:inode`) that are being read, to the id of the source that reads them; one map shared by all sources of the process, so
   * that overlapping patterns never read a file twice. Without it every source reads all it finds.
   */
  claims?: Map<string, string>;
}

/** One watched file, as `doctor` and the page show it. */
export interface FileStatus {
  path: string;
  /** Null while the file has not been identified (unreadable, still empty). */
  id: string | null;
  state: 'reading' | 'current' | 'waiting_for_newline' | 'finished' | 'gone' | 'unreadable' | 'broken';
  /** Error code and plain words where state is unreadable or broken. */
  problem: { code: string; message: string } | null;
  /** Bytes on disk (compressed where the file is), and bytes of content handed over. */
  size: number;
  position: number;
  /** Milliseconds since the epoch of the file's last change. */
  modified: number;
}

export interface SourceStatus {
  id: string;
  type: string;
  parser: string;
  patterns: string[];
  files: FileStatus[];
  /** Bytes that wait to be read, over all files (uncompressed ones). */
  lag_bytes: number;
  /** Milliseconds since the epoch when the last line was read; null before. */
  last_line: number | null;
}

/** Life cycle: made by a side-effect-free factory, then start, then stop (which resolves after the last chunk was handed over). */
export interface Source {
  start(): Promise<void>;
  /**
   * Reads what nobody could find again afterwards (deleted files and such) for `patience_ms` at most, then lets go. Called again while it
   * does so, the shorter patience counts.
   */
  stop(patience_ms?: number): Promise<void>;
  status(): SourceStatus;
  /**
   * Goes on from the committed records after a failed commit: stops handing over, waits for `between` (in which the receiver forgets what
   * was not committed), and reads that again. Unlike stop and start it keeps files open, so that deleted ones are not lost.
   */
  rewind(between: () => Promise<void>): Promise<void>;
}

/** A kind of source: the one declaration in its folder. */
export interface SourceType<Options> {
  /** As in the config: snake case. */
  type: string;
  title: string;
  /** Makes the source; nothing happens before its `start`. */
  create(options: Options, context: SourceContext): Source;
}

export function defineSource<Options>(type: SourceType<Options>): SourceType<Options> {
  return type;
}
