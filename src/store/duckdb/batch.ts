import type { FileRecord } from '../../event/position.ts';
import type { Row } from '../../event/row.ts';
import type { Parser } from '../../parse/parser.ts';
import type { Batch, QuarantinedLine } from '../store.ts';
import { RowEncoder } from './row-encoder.ts';
import { decodeRow } from './row-cells.ts';
import type { SegmentFile } from './segments.ts';

/** What is equal for all rows of one file in a batch; a staged row only carries its index. */
export interface Origin {
  file: FileRecord;
  source: string;
  parser: string;
  dataset: string;
  version: number;
}

/**
 * What a line costs in memory beside its bytes until it is committed: a refused one is an object of its own, with a buffer and words on what is
 * wrong (measured: 250 to 500 bytes by Node's version, and twice that while the collector is behind), a stored one has columns. Without it a run of
 * blank lines would never fill a batch.
 */
const REFUSED_COST = 1000;
const STORED_COST = 64;

/** A batch in the form in which it is staged for the engine. */
export class DuckdbBatch implements Batch {
  bytes = 0;
  /** Bytes of the raw lines alone. */
  rawBytes = 0;
  readonly encoder: RowEncoder;
  readonly origins: Origin[] = [];
  /** Offsets per file id, of the rows. */
  readonly files = new Map<string, SegmentFile>();
  readonly quarantine: QuarantinedLine[] = [];
  /** Lines per file id that the store refused although the parser took them. */
  readonly refused = new Map<string, number>();
  /** Rows that the engine refused after they were encoded. */
  readonly refusedRows = new Set<number>();
  readonly records = new Map<string, FileRecord>();
  /** Commits counted when it was begun; see the store's `generation`. */
  readonly generation: number;
  /** Quarantined lines that rows of this batch replace (retry), by file id. */
  readonly resolves = new Map<string, number[]>();
  minTs: number | null = null;
  maxTs: number | null = null;
  private readonly indexes = new Map<string, number>();
  private lastFile: FileRecord | null = null;
  private lastParser: Parser | null = null;
  private lastIndex = 0;
  private lastTally: SegmentFile | null = null;

  constructor(buffer: Buffer, generation: number) {
    this.encoder = new RowEncoder(buffer);
    this.generation = generation;
  }

  get rows(): number {
    return this.encoder.rows;
  }

  get rejects(): number {
    return this.quarantine.length;
  }

  add(file: FileRecord, parser: Parser, row: Row, bytes: Buffer, start: number, end: number, offset: number): void {
    const line = bytes.subarray(start, end);
    const refusal = this.encode(file, parser, row, line, offset);
    if (refusal !== null) {
      this.weigh(line.length, REFUSED_COST);
      this.refuse(file, offset, refusal, Buffer.from(line));
    }
  }

  /** Like `add`, but a row that does not fit its columns leaves no trace; false then. */
  addIfTaken(file: FileRecord, parser: Parser, row: Row, line: Buffer, offset: number): boolean {
    return this.encode(file, parser, row, line, offset) === null;
  }

  private encode(file: FileRecord, parser: Parser, row: Row, line: Buffer, offset: number): string | null {
    const refusal = this.encoder.add(row, this.originOf(file, parser), offset, line);
    if (refusal !== null) return refusal;
    this.weigh(line.length, STORED_COST);
    this.tally(file.id, offset);
    const ts = Number(row[0]);
    if (this.minTs === null || ts < this.minTs) this.minTs = ts;
    if (this.maxTs === null || ts > this.maxTs) this.maxTs = ts;
    return null;
  }

  reject(line: QuarantinedLine): void {
    this.weigh(line.line?.length ?? 0, REFUSED_COST);
    this.quarantine.push(line);
  }

  advance(record: FileRecord): void {
    this.records.set(record.id, { ...record });
  }

  /** Bytes of a staged row. */
  span(row: number): { start: number; end: number } {
    const { starts, length, rows } = this.encoder;
    return { start: starts[row] as number, end: row + 1 < rows ? (starts[row + 1] as number) : length };
  }

  /** Rows that are to be stored; null for all of them. */
  acceptedRows(): number[] | null {
    if (this.refusedRows.size === 0) return null;
    return Array.from({ length: this.rows }, (_, i) => i).filter((i) => !this.refusedRows.has(i));
  }

  /** Takes a row that the engine refused out of the accounts and into the quarantine, with the line that was handed in. */
  refuseRow(row: number, detail: string): void {
    const { start, end } = this.span(row);
    const fields = decodeRow(this.encoder.buffer, start, end - 1);
    const [file, offset, original, hex] = fields.slice(-4);
    const origin = this.origins[Number(file?.toString('latin1'))] as Origin;
    const line = original ?? Buffer.from(hex?.toString('latin1') ?? '', 'hex');
    this.refusedRows.add(row);
    const tally = this.files.get(origin.file.id);
    if (tally !== undefined) tally.rows--;
    this.refuse(origin.file, Number(offset?.toString('latin1')), detail, line);
  }

  private refuse(file: FileRecord, offset: number, detail: string, line: Buffer): void {
    const { source, parser, path, id } = file;
    this.quarantine.push({
      source,
      parser,
      path,
      file_id: id,
      offset,
      length: line.length,
      code: 'store_refused',
      detail: detail.slice(0, 500),
      time: Date.now(),
      line,
    });
    this.refused.set(id, (this.refused.get(id) ?? 0) + 1);
  }

  private weigh(bytes: number, cost: number): void {
    this.rawBytes += bytes;
    this.bytes += bytes + cost;
  }

  private tally(fileId: string, offset: number): void {
    let tally = this.lastTally;
    if (tally === null || tally.file_id !== fileId) {
      tally = this.files.get(fileId) ?? { file_id: fileId, min_offset: offset, max_offset: offset, rows: 0 };
      this.files.set(fileId, tally);
      this.lastTally = tally;
    }
    tally.rows++;
    if (offset < tally.min_offset) tally.min_offset = offset;
    if (offset > tally.max_offset) tally.max_offset = offset;
  }

  private originOf(file: FileRecord, parser: Parser): number {
    if (file === this.lastFile && parser === this.lastParser) return this.lastIndex;
    const key = JSON.stringify([file.id, file.source, parser.id, parser.dataset, parser.version]);
    let index = this.indexes.get(key);
    if (index === undefined) {
      index = this.origins.length;
      this.indexes.set(key, index);
      const { dataset, version, id } = parser;
      this.origins.push({ file, source: file.source, parser: id, dataset, version });
    }
    this.lastFile = file;
    this.lastParser = parser;
    this.lastIndex = index;
    return index;
  }
}
