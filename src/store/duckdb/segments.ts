import type { DuckDBConnection } from '@duckdb/node-api';
import type { FileRecord } from '../../event/position.ts';
import type { QuarantinedLine, TimeRange } from '../store.ts';

/** What a segment holds of one file: proves without opening the segment whether an offset can be in it. */
export interface SegmentFile {
  file_id: string;
  /** Smallest and largest `file_offset` among the rows. */
  min_offset: number;
  max_offset: number;
  rows: number;
}

/**
 * One Parquet file of events, complete and never changed again. `path` is ours alone (nothing of it comes from input), but it is opaque: in
 * a read-only store it is a descriptor path. Give it to DuckDB as a bound value or through `sqlString`.
 */
export interface Segment {
  /** Number of the newest commit in it; unique among the living segments. */
  seq: number;
  level: 'fresh' | 'disk';
  path: string;
  /** May be 0: a batch that held only rejects. */
  rows: number;
  /** Microseconds; null where rows is 0. */
  min_ts: number | null;
  max_ts: number | null;
  /** Size of the Parquet file. */
  bytes: number;
  /** Bytes of the raw lines. */
  raw_bytes: number;
  /** Version of the column set; a column that came later is missing in the file (read with `union_by_name`). */
  schema_version: number;
  files: ReadonlyMap<string, SegmentFile>;
  /** Lines refused in this segment's commits that are not resolved by a retry. */
  quarantined: number;
  quarantine_path?: string;
  /** Where it says which flows are in it; there may be no such file. */
  keys_path?: string;
}

/** The living segments. Everything here is in memory and answers at once. */
export interface Catalogue {
  /** Segments whose rows may fall into the half-open range, newest event first; empty ones are left out. */
  segments(range: TimeRange): Segment[];
  /** Segments that may hold the line at this offset of the file (one, as a rule). */
  segmentsOfLine(fileId: string, offset: number): Segment[];
  /** A pinned segment keeps its file until it is unpinned as often as it was pinned, even when a merge or retention drops it meanwhile. */
  pin(segments: readonly Segment[]): void;
  unpin(segments: readonly Segment[]): void;
  /** Moves a damaged segment to `set-aside/` with its reason; it is gone from `segments()` at once. Idempotent. */
  setAside(segment: Segment, reason: string): Promise<void>;
  /** Committed record of each file (for the path of an event). */
  records(): ReadonlyMap<string, FileRecord>;
  /** The quarantine, newest commit first, without lines resolved by a retry. */
  quarantined(): AsyncIterable<QuarantinedLine>;
}

/** Where questions run: an instance of its own, so that ingest never waits for a question nor the other way round. */
export interface QuestionEngine {
  /**
   * Runs `fn` on a pooled connection that nobody else uses meanwhile (waits while all are busy). When `signal` aborts, the running
   * statement is interrupted and the call rejects with `query_cancelled`; DuckDB's own errors come out as they are.
   */
  withQuestionConnection<T>(
    signal: AbortSignal | undefined,
    fn: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T>;
}

/** What the questions are given: `createQuestions(context)` of `questions/questions.ts` is called once by the store. */
export interface QuestionContext {
  catalogue: Catalogue;
  engine: QuestionEngine;
  log: (event: string, fields: Record<string, unknown>) => void;
}

/** A string as a DuckDB literal, for the places that take no bound value (COPY targets, table function lists inside views). */
export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
