/**
 * A file as Varde knows it: who it is, how far it has been committed, and what became of its lines.
 *
 * This record travels inside the store's segments (data and position are one commit). All counters are totals since the file was first
 * seen, and `lines_read = events_stored + lines_quarantined` always holds for a committed record.
 */
export interface FileRecord {
  /** Stable id of the file's content: 16 lower-case hexadecimal digits. Survives rename, copy and compression of the file. */
  id: string;
  /** Id of the configured source that reads it (`file_tail:0`, `import`). */
  source: string;
  /** Parser id, such as `suricata-eve`. */
  parser: string;
  /** The path under which it was last seen. */
  path: string;
  /** Device and inode of the last sighting, as decimal strings (they may exceed 2^53); empty for standard input. */
  dev: string;
  ino: string;
  /** Fingerprint: SHA-256 (first 16 hex digits) over the first `length` bytes (at most 1024) of the decompressed content. */
  fingerprint: { length: number; hash: string };
  /** The same hash over the last `length` bytes (at most 1024) before `position`: proves that a candidate really continues this file. */
  tail: { length: number; hash: string };
  /** Bytes of decompressed content that are committed; the next line starts here. */
  position: number;
  lines_read: number;
  events_stored: number;
  lines_quarantined: number;
  /** Milliseconds since the epoch. */
  first_seen: number;
  last_read: number;
}

/** A run of whole lines of one file, as a source hands it over: `bytes` starts at `offset` of the decompressed content. */
export interface Chunk {
  file: FileRecord;
  offset: number;
  /** Ends behind a newline, or at the end of a file that can grow no more (then the last line may lack its newline). */
  bytes: Buffer;
  /** What the file's record looks like once this chunk is committed (position, tail, path, dev, ino …; the counters are the pipeline's). */
  after: Pick<FileRecord, 'position' | 'tail' | 'fingerprint' | 'path' | 'dev' | 'ino' | 'last_read'>;
}

/** A line beyond the size limit: only its place is kept, never its bytes. */
export interface OversizeLine {
  file: FileRecord;
  offset: number;
  /** Bytes without the newline. */
  length: number;
  after: Chunk['after'];
}
