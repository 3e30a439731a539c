import type { JsonObject } from '../event/json.ts';
import type { FileRecord } from '../event/position.ts';
import type { Row } from '../event/row.ts';
import type { Parser, RejectCode } from '../parse/parser.ts';

/** A refused line in the quarantine. `line` is null where only the position was kept (over-long lines). */
export interface QuarantinedLine {
  source: string;
  parser: string;
  path: string;
  file_id: string;
  offset: number;
  length: number;
  code: RejectCode;
  detail: string;
  /** Milliseconds since the epoch. */
  time: number;
  line: Buffer | null;
}

/** Collects lines until they are committed together with the positions behind them. Not reusable after `commit`. */
export interface Batch {
  /** What it weighs so far: bytes of raw lines, and what each line costs beside them. */
  readonly bytes: number;
  readonly rows: number;
  readonly rejects: number;
  /** Copies the row and the line `[start, end)`; both may be reused by the caller afterwards. */
  add(file: FileRecord, parser: Parser, row: Row, bytes: Buffer, start: number, end: number, offset: number): void;
  reject(line: QuarantinedLine): void;
  /** The file's record as it shall be once this batch is committed (with the counters). The last call per file id counts. */
  advance(record: FileRecord): void;
}

/** What a commit came to. Rows that the store itself refused were moved to the quarantine, and the counters corrected, before it. */
export interface Commit {
  rows: number;
  quarantined: number;
  bytes_written: number;
  level: 'fresh' | 'disk';
  /** The files' records as they are now. The store counts the counters itself, from the rows and rejects of its commits. */
  records: FileRecord[];
}

/** Size and health of the store, for doctor, page and metrics. */
export interface StoreStatus {
  folder: string;
  fresh_folder: string;
  events: number;
  quarantined: number;
  segments: { fresh: number; disk: number };
  bytes: { fresh: number; disk: number; quarantine: number };
  raw_bytes: number;
  oldest: number | null;
  newest: number | null;
  disk: { free: number; total: number };
  retention: {
    max_age_secs: number | null;
    max_bytes: number | null;
    min_free_bytes: number;
    would_remove_next: string | null;
    removed_events: number;
  };
  set_aside: { name: string; reason: string }[];
  /** Non-null while commits wait, with the reason (disk full, read-only folder). */
  waiting: { code: string; message: string; since: number } | null;
  schema_version: number;
}

/** What can be changed while the store is open. */
export interface StoreLimits {
  /** Fresh segments are merged to disk after this time at the latest. */
  flush_to_disk_secs: number;
  max_age_secs: number | null;
  max_bytes: number | null;
  /** Below zero: 5 % of the disk, at most so much. */
  min_free_bytes: number;
}

export interface StoreOptions extends StoreLimits {
  folder: string;
  /** Memory-backed folder for fresh segments; default: one below /dev/shm named after the data folder and the user. */
  fresh_folder?: string;
  /** Memory limits of the two engines, bytes. */
  ingest_memory_bytes: number;
  question_memory_bytes: number;
  /** Opens for questions only: no lock is taken, nothing is written. Used when no station runs and only a question is asked. */
  read_only?: boolean;
  log?: (event: string, fields: Record<string, unknown>) => void;
}

/** The store's writing side. One process owns the folder. */
export interface Store {
  open(): Promise<void>;
  /** Merges what is fresh onto the disk and lets go of the folder. */
  close(): Promise<void>;
  /** Committed records of all files, by id. */
  records(): ReadonlyMap<string, FileRecord>;
  /** Raised when the records fell back (events in memory were lost): whoever read them before must read them again before the next batch. */
  readonly epoch: number;
  batch(): Batch;
  /** Resolves when the batch is visible to questions. Waits (and says so in `status().waiting`) while the disk is full, until it succeeds or `signal` aborts. */
  commit(batch: Batch, signal?: AbortSignal): Promise<Commit>;
  /** Writes everything fresh to disk now. */
  flush(): Promise<void>;
  retain(): Promise<void>;
  /** Puts other limits into force; what they ask to remove or to merge goes soon after. */
  limit(limits: StoreLimits): void;
  status(): StoreStatus;
  questions(): Questions;
  /** Re-parses quarantined lines; those that parse now become events in one commit with their removal. */
  retryQuarantine(parsers: ReadonlyMap<string, Parser>): Promise<{ tried: number; stored: number }>;
}

/** A half-open time range [from, to), microseconds since the epoch; null is open. */
export interface TimeRange {
  from: number | null;
  to: number | null;
}

export interface AskOptions {
  signal?: AbortSignal;
  /** Called as segments are done. */
  progress?: (done: number, total: number) => void;
  /** Called when a damaged segment had to be left out (it was set aside): the answer lacks its events. */
  incomplete?: () => void;
}

/** Identity of a stored event: enough to find it fast. */
export interface EventId {
  file_id: string;
  offset: number;
  /** Microseconds; a hint that bounds the look-up. */
  ts: number;
}

/** One row of a list: the asked columns only (never the raw line unless asked), under the names asked. 64-bit integers are strings; `id` is made by event/event-id.ts. */
export type EventRow = { id: string; ts: number } & Record<string, string | number | null>;

export interface TimelineAnswer {
  /** Start of the first bin and bin width, microseconds. */
  from: number;
  bin: number;
  bins: number;
  /** Per series name, the count in each bin. */
  series: { name: string; counts: number[] }[];
  total: number;
}

export interface TopAnswer {
  /** `count` is exact. `bytes` only where asked. */
  values: { value: string | number; count: number; bytes?: number }[];
  /** Events in range that have the field, and distinct values among them (approximate above 10,000). */
  with_field: number;
  distinct: number;
}

export interface ListAnswer {
  rows: EventRow[];
  /** Cursor for the next page, null at the end. */
  next: string | null;
  /** True where the search stopped before all segments were looked at. */
  partial: boolean;
}

/** The questions that people ask; each is one file below `store/duckdb/questions/`. `expression` is the search language ('*' is everything). */
export interface Questions {
  count(expression: string, range: TimeRange, ask?: AskOptions): Promise<number>;
  timeline(expression: string, range: TimeRange, by: string, bins: number, ask?: AskOptions): Promise<TimelineAnswer>;
  top(
    expression: string,
    range: TimeRange,
    field: string,
    limit: number,
    ask?: AskOptions & { bytes?: boolean },
  ): Promise<TopAnswer>;
  /** Newest first. `columns` are field or column names; fields without a column are read from the document. */
  list(
    expression: string,
    range: TimeRange,
    options: { columns: string[]; limit: number; after?: string | null; raw?: boolean },
    ask?: AskOptions & { rows?: (rows: EventRow[]) => void },
  ): Promise<ListAnswer>;
  /** Every matching event, newest first (or oldest first), streamed with back-pressure; for export and `query --limit 0`. */
  scan(
    expression: string,
    range: TimeRange,
    options: { columns: string[]; limit: number; raw?: boolean; document?: boolean; order?: 'newest' | 'oldest' },
    ask?: AskOptions,
  ): AsyncIterable<ScannedEvent[]>;
  event(id: EventId, ask?: AskOptions): Promise<StoredEvent | null>;
  lineAt(fileId: string, offset: number): Promise<Buffer | null>;
  /** Events of the same flow id or the same community id around an event. */
  neighbours(
    id: EventId,
    limit: number,
    ask?: AskOptions & { columns?: string[] },
  ): Promise<{ flow: EventRow[]; community: EventRow[] }>;
  /** Newest event before, and oldest event after a range that match the expression: for empty states. */
  nearest(
    expression: string,
    range: TimeRange,
    ask?: AskOptions,
  ): Promise<{ before: number | null; after: number | null }>;
  /** At most 1000 lines and some megabytes of them; the counts are over all, whatever the limit (0: only the counts). */
  quarantine(
    options: QuarantineFilter & { limit: number; offset: number },
    ask?: AskOptions,
  ): Promise<{ total: number; lines: QuarantinedLine[]; by_code: { code: string; source: string; count: number }[] }>;
  /** All of it in one scan, newest commit first, streamed with back-pressure; `limit` 0 is none. */
  quarantined(options: QuarantineFilter & { limit: number }, ask?: AskOptions): AsyncIterable<QuarantinedLine[]>;
  /** Read-only SQL over the documented views. */
  sql(
    statement: string,
    ask?: AskOptions,
  ): Promise<{ columns: { name: string; type: string }[]; rows: (string | number | boolean | null)[][] }>;
}

/** Which refused lines; absent: any. */
export interface QuarantineFilter {
  source?: string;
  code?: string;
}

export interface ScannedEvent {
  row: EventRow;
  /** Present where `raw` was asked: the exact bytes of the line. */
  line?: Buffer;
  document?: JsonObject;
}

/** An event in full: its document is made again from the line by the parser. */
export interface StoredEvent {
  id: string;
  ts: number;
  line: Buffer;
  document: JsonObject;
  path: string;
}
