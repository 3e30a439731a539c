import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileRecord } from '../../event/position.ts';
import type { QuarantinedLine, TimeRange } from '../store.ts';
import { readQuarantineNewestFirst } from './quarantine-newest.ts';
import type { StampedRecord } from './segment-meta.ts';
import type { Catalogue, Segment } from './segments.ts';
import { moveAside, type SetAside } from './set-aside.ts';

/** A segment as the writing side knows it. */
export interface Entry extends Segment {
  stem: string;
  /** The folder it lies in; `path` may be a descriptor (read-only). */
  folder: string;
  from: number;
  after: number;
  durable: number;
  max_ingested: number;
  quarantine_bytes: number;
  keys_bytes: number;
  /** Monotonic milliseconds of its commit (or of the start), for the age of fresh ones. */
  born: number;
  /** Records it brought, while it is fresh: what to fall back to when memory is lost. */
  records: StampedRecord[];
}

/** Newest event first; of equal ones the newer commit. */
function newestFirst(a: Entry, b: Entry): number {
  return (b.max_ts ?? 0) - (a.max_ts ?? 0) || b.seq - a.seq;
}

/** The living segments and the committed records, in memory. Changes are made by the store's serial queue; questions only read and pin. */
export class LiveCatalogue implements Catalogue {
  private readonly entries = new Map<string, Entry>();
  private sorted: Entry[] | null = null;
  private readonly pins = new Map<Entry, number>();
  private readonly doomed = new Set<Entry>();
  /** Whose files are being removed at this moment. */
  private readonly leaving = new Set<Entry>();
  private readonly removals = new Set<Promise<void>>();
  private readonly truth = new Map<string, StampedRecord>();
  private readonly plain = new Map<string, FileRecord>();
  readonly setAsideList: SetAside[] = [];
  private readonly options: {
    folder: string;
    readOnly: boolean;
    log: (event: string, fields: Record<string, unknown>) => void;
    /** A fresh segment is gone: the store decides what becomes of the positions behind it. `vanished`: not even its file is there. */
    lost: (entry: Entry, vanished: boolean) => void;
  };

  constructor(options: LiveCatalogue['options']) {
    this.options = options;
  }

  segments(range: TimeRange): Segment[] {
    this.sorted ??= [...this.entries.values()].filter((e) => e.rows > 0).toSorted(newestFirst);
    const { from, to } = range;
    return this.sorted.filter(
      (e) => (from === null || (e.max_ts ?? 0) >= from) && (to === null || (e.min_ts ?? 0) < to),
    );
  }

  segmentsOfLine(fileId: string, offset: number): Segment[] {
    return this.segments({ from: null, to: null }).filter((segment) => {
      const file = segment.files.get(fileId);
      return file !== undefined && offset >= file.min_offset && offset <= file.max_offset;
    });
  }

  pin(segments: readonly Segment[]): void {
    for (const segment of segments) this.pins.set(segment as Entry, (this.pins.get(segment as Entry) ?? 0) + 1);
  }

  unpin(segments: readonly Segment[]): void {
    for (const segment of segments) {
      const entry = segment as Entry;
      const left = (this.pins.get(entry) ?? 1) - 1;
      if (left > 0) {
        this.pins.set(entry, left);
        continue;
      }
      this.pins.delete(entry);
      if (this.doomed.delete(entry)) this.later(this.unlink(entry));
    }
  }

  /** `tell`: false where the caller itself looks after the positions. */
  async setAside(segment: Segment, reason: string, tell = true): Promise<void> {
    const entry = segment as Entry;
    if (this.entries.get(entry.stem) !== entry) return;
    this.forget(entry);
    const name = basename(entry.path);
    this.options.log('segment_set_aside', { segment: name, reason });
    if (this.options.readOnly) {
      this.setAsideList.push({ name, reason });
      return;
    }
    // At once, before anything else is committed or merged.
    if (tell && entry.level === 'fresh') this.options.lost(entry, !existsSync(entry.path));
    this.setAsideList.push(await moveAside(this.options.folder, entry, reason));
  }

  records(): ReadonlyMap<string, FileRecord> {
    return this.plain;
  }

  async *quarantined(): AsyncIterable<QuarantinedLine> {
    const entries = [...this.entries.values()]
      .filter((e) => e.quarantine_path !== undefined)
      .toSorted((a, b) => b.seq - a.seq);
    // All of them at once: a merge meanwhile must not take away what is still to be read.
    this.pin(entries);
    try {
      for (const entry of entries) yield* this.quarantinedIn(entry);
    } finally {
      this.unpin(entries);
    }
  }

  private async *quarantinedIn(entry: Entry): AsyncGenerator<QuarantinedLine> {
    const path = entry.quarantine_path;
    if (path === undefined) return;
    try {
      yield* readQuarantineNewestFirst(path);
    } catch (error) {
      this.options.log('store_noted', { what: 'quarantine_unreadable', segment: entry.stem, reason: String(error) });
    }
  }

  /** All of them, oldest commit first. */
  all(level?: Segment['level']): Entry[] {
    const all = [...this.entries.values()].filter((e) => level === undefined || e.level === level);
    return all.toSorted((a, b) => a.from - b.from);
  }

  has(entry: Entry): boolean {
    return this.entries.get(entry.stem) === entry;
  }

  add(entry: Entry): void {
    this.entries.set(entry.stem, entry);
    this.sorted = null;
  }

  /** Takes entries away for others in one step, so that no question sees a row twice or not at all; files go when nobody reads them. */
  async replace(old: readonly Entry[], by: Entry | null): Promise<void> {
    for (const entry of old) this.forget(entry);
    if (by !== null) this.add(by);
    for (const entry of old) {
      if (this.pins.has(entry)) this.doomed.add(entry);
      else await this.unlink(entry);
    }
  }

  /** Room on disk that comes free by itself: removed segments whose files still wait for their readers. */
  leavingBytes(): number {
    let bytes = 0;
    for (const entry of [...this.doomed, ...this.leaving])
      if (entry.level === 'disk') bytes += entry.bytes + entry.quarantine_bytes + entry.keys_bytes;
    return bytes;
  }

  /** Removes what still waited for its readers. */
  async close(): Promise<void> {
    const left = [...this.doomed];
    this.doomed.clear();
    for (const entry of left) await this.unlink(entry);
    await Promise.all(this.removals);
  }

  private later(removal: Promise<void>): void {
    this.removals.add(removal);
    void removal.finally(() => this.removals.delete(removal));
  }

  stamped(): Iterable<StampedRecord> {
    return this.truth.values();
  }

  setRecords(records: Iterable<StampedRecord>): void {
    for (const stamped of records) {
      const known = this.truth.get(stamped.record.id);
      if (known !== undefined && known.commit > stamped.commit) continue;
      this.truth.set(stamped.record.id, stamped);
      this.plain.set(stamped.record.id, stamped.record);
    }
  }

  /** Starts the records anew (positions fell back). */
  resetRecords(records: Iterable<StampedRecord>): void {
    this.truth.clear();
    this.plain.clear();
    this.setRecords(records);
  }

  dropRecord(id: string): void {
    this.truth.delete(id);
    this.plain.delete(id);
  }

  stampedOf(id: string): StampedRecord | undefined {
    return this.truth.get(id);
  }

  private forget(entry: Entry): void {
    if (this.entries.get(entry.stem) === entry) this.entries.delete(entry.stem);
    this.sorted = null;
  }

  /** The segment first: a quarantine is only valid beside it, so a crash between the two leaves nothing that counts. */
  private async unlink(entry: Entry): Promise<void> {
    this.leaving.add(entry);
    try {
      if (entry.keys_path !== undefined) await rm(entry.keys_path, { force: true });
      await rm(entry.path, { force: true });
      if (entry.quarantine_path !== undefined) await rm(entry.quarantine_path, { force: true });
    } catch (error) {
      // Left behind: the next start sees that its commits are part of another segment, or too old, and removes it.
      this.options.log('store_noted', { what: 'segment_not_removed', segment: entry.stem, reason: String(error) });
    } finally {
      this.leaving.delete(entry);
    }
  }
}
