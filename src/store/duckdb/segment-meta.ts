import { promisify } from 'node:util';
import { deflate, inflateSync } from 'node:zlib';
import type { FileRecord } from '../../event/position.ts';
import type { SegmentFile } from './segments.ts';

const deflateAsync = promisify(deflate);

/** A committed record and the number of the commit that made it: of two, the one with the larger number is the truth. */
export interface StampedRecord {
  commit: number;
  record: FileRecord;
}

/**
 * What a segment says about itself, in the Parquet file's key-value metadata (key `varde`): thereby the events and the positions behind them
 * are one file, one rename, one commit.
 *
 * Commits are numbered. A segment holds the commits `from` to `to`; a merge holds those of its inputs, so an input that survived a crash is
 * known by its range lying inside a wider one. A fresh segment names the commit before it (`after`): a hole in the chain (memory was lost)
 * is noticed. A disk segment carries the records as of `durable`, the newest commit whose rows are on disk.
 */
export interface SegmentMeta {
  schema_version: number;
  from: number;
  to: number;
  after: number;
  durable: number;
  rows: number;
  raw_bytes: number;
  /** Microseconds. */
  min_ts: number | null;
  max_ts: number | null;
  /** Newest moment a line in it was taken in, microseconds. */
  max_ingested: number;
  files: SegmentFile[];
  /** Lines in the quarantine file when it was written. */
  quarantined: number;
  /** All known records on disk, only the touched ones in a fresh segment. */
  records: StampedRecord[];
  /** Quarantined lines that this segment's commits made events: file id and offsets. */
  resolves: [string, number[]][];
  /** Events that retention removed so far. */
  removed_events: number;
}

/** Key in the Parquet metadata. */
export const META_KEY = 'varde';

/** And the one of its records, which are read of one segment on disk only: of all of them at once a start would run out of memory. */
export const RECORDS_KEY = 'varde_records';

/** What stands in the Parquet metadata, under {@link META_KEY} and {@link RECORDS_KEY}. */
export async function encodeMeta(meta: SegmentMeta): Promise<{ meta: string; records: string }> {
  const { records, ...rest } = meta;
  return { meta: await pack(rest), records: await pack(toColumns(records)) };
}

/** Without the records, except where an earlier Varde put them there. @throws Error where the text is no metadata of ours. */
export function decodeMeta(text: string): Omit<SegmentMeta, 'records'> & Partial<Pick<SegmentMeta, 'records'>> {
  const meta = unpack(text) as SegmentMeta;
  const whole = [meta.schema_version, meta.from, meta.to, meta.after, meta.durable, meta.rows, meta.raw_bytes];
  if (!whole.every((n) => Number.isSafeInteger(n)) || !Array.isArray(meta.files)) {
    throw new Error('its metadata is incomplete');
  }
  return meta;
}

/** @throws Error where the text holds no records. */
export function decodeRecords(text: string): StampedRecord[] {
  const { commit, record } = unpack(text) as Columns;
  const columns = Object.entries(record);
  if (!Array.isArray(commit) || columns.some(([, values]) => values.length !== commit.length))
    throw new Error('its records are incomplete');
  return commit.map((number, i) => {
    const cells = columns.flatMap(([name, values]) => (values[i] === null ? [] : [[name, values[i]] as const]));
    return { commit: number, record: Object.fromEntries(cells) as unknown as FileRecord };
  });
}

/** Values by column: half the text, and a fifth less of it deflated. */
interface Columns {
  commit: number[];
  /** By field of the record; null where it is absent. */
  record: Record<string, unknown[]>;
}

function toColumns(records: readonly StampedRecord[]): Columns {
  const names = new Set<keyof FileRecord>();
  for (const { record } of records) for (const name of Object.keys(record)) names.add(name as keyof FileRecord);
  const column = (name: keyof FileRecord) => records.map(({ record }) => record[name] ?? null);
  return {
    commit: records.map((r) => r.commit),
    record: Object.fromEntries([...names].map((name) => [name, column(name)])),
  };
}

/** Deflated and in Base64: Parquet wants text. */
async function pack(value: unknown): Promise<string> {
  return (await deflateAsync(Buffer.from(JSON.stringify(value), 'utf8'))).toString('base64');
}

function unpack(text: string): unknown {
  return JSON.parse(inflateSync(Buffer.from(text, 'base64')).toString('utf8'));
}

type Statistics = Pick<
  SegmentMeta,
  'from' | 'to' | 'after' | 'rows' | 'raw_bytes' | 'min_ts' | 'max_ts' | 'max_ingested' | 'files'
>;

/** The sum of several segments' statistics, for their merge. */
export function mergeMeta(parts: readonly Statistics[]): Statistics {
  const ordered = parts.toSorted((a, b) => a.from - b.from);
  const first = ordered[0] as Statistics;
  const files = new Map<string, SegmentFile>();
  let minTs: number | null = null;
  let maxTs: number | null = null;
  for (const part of ordered) {
    if (part.min_ts !== null) minTs = Math.min(minTs ?? part.min_ts, part.min_ts);
    if (part.max_ts !== null) maxTs = Math.max(maxTs ?? part.max_ts, part.max_ts);
    for (const file of part.files) addFile(files, file);
  }
  return {
    from: first.from,
    to: Math.max(...ordered.map((p) => p.to)),
    after: first.after,
    rows: ordered.reduce((n, p) => n + p.rows, 0),
    raw_bytes: ordered.reduce((n, p) => n + p.raw_bytes, 0),
    min_ts: minTs,
    max_ts: maxTs,
    max_ingested: Math.max(...ordered.map((p) => p.max_ingested)),
    files: [...files.values()],
  };
}

function addFile(files: Map<string, SegmentFile>, file: SegmentFile): void {
  const known = files.get(file.file_id);
  if (known === undefined) {
    files.set(file.file_id, { ...file });
    return;
  }
  known.min_offset = Math.min(known.min_offset, file.min_offset);
  known.max_offset = Math.max(known.max_offset, file.max_offset);
  known.rows += file.rows;
}
