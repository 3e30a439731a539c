import { randomBytes } from 'node:crypto';
import type { FileRecord } from '../../event/position.ts';
import type { SourceContext } from '../source.ts';
import { type Trail, markOf } from './marks.ts';
import type { OpenFile } from './open-file.ts';

/** A content that is or was read: its record, and the open file that holds it now. */
export interface Entry {
  /** As handed over: runs ahead of what is committed. */
  record: FileRecord;
  /** Present where it was read in this run. */
  trail: Trail | null;
  holder: OpenFile | null;
  /** Paths under which it was seen, with the key of the file that stood there; null: only where its record says. */
  places: Map<string, string> | null;
  /** Its first bytes, where they are known. */
  probe: Buffer;
  /** Bytes that were seen but not read when its file was truncated or closed; 0 where nothing is missing. */
  missing: number;
}

const NOTHING = Buffer.alloc(0);
/** Contents without a file whose bytes are kept. */
const KEPT = 2000;

/**
 * Who is known: the store's records, overlaid with what this source has read since. What others have read is looked up for each round of
 * identification ({@link refresh} … {@link rest}) and not kept: each of hundreds of sources would keep a book of all the others.
 */
export class Book {
  private readonly context: SourceContext;
  private own = new Map<string, Entry>();
  private foreign = new Map<string, Entry>();
  /** Where contents were seen whose bytes are no longer kept; by id. */
  private readonly placesOf = new Map<string, Map<string, string>>();
  private byMark = new Map<number, Map<string, Entry[]>>();

  constructor(context: SourceContext) {
    this.context = context;
  }

  /** Reads the store's records anew: before files are identified. */
  refresh(): void {
    const foreign = new Map<string, Entry>();
    const known = new Map<string, FileRecord>();
    for (const record of this.context.known()) {
      if (record.parser !== this.context.parser) continue;
      known.set(record.id, record);
      const own = this.own.get(record.id);
      if (own !== undefined) {
        // An import may have read on where this source lost the file.
        if (own.holder !== null || own.record.position >= record.position) continue;
        this.own.delete(record.id);
      }
      foreign.set(record.id, { ...blank(record), places: this.placesOf.get(record.id) ?? null });
    }
    this.foreign = foreign;
    for (const id of this.placesOf.keys()) if (!known.has(id)) this.placesOf.delete(id);
    this.prune(known);
    this.byMark = new Map();
    for (const entry of this.entries()) this.index(entry);
  }

  /** After files were identified: what is only looked at for that is let go. */
  rest(): void {
    this.foreign = new Map();
    this.byMark = new Map();
  }

  *entries(): Generator<Entry> {
    yield* this.own.values();
    yield* this.foreign.values();
  }

  owned(): Iterable<Entry> {
    return this.own.values();
  }

  /** A content that nobody knew. */
  create(file: OpenFile, trail: Trail): Entry {
    const record = newRecord(this.context, file, trail);
    return this.hold({ ...blank(record), places: new Map() }, file, trail);
  }

  /** Gives a content to the file that holds it from now on. */
  hold(entry: Entry, file: OpenFile, trail: Trail): Entry {
    const { id } = entry.record;
    this.foreign.delete(id);
    this.placesOf.delete(id);
    this.own.set(id, entry);
    if (entry.holder !== null && entry.holder !== file) entry.holder.release();
    entry.record = { ...entry.record, source: this.context.id };
    entry.holder = file;
    entry.trail = trail;
    entry.missing = 0;
    entry.places ??= new Map([[entry.record.path, keyOf(entry.record)]]);
    entry.places.set(file.path, file.key);
    entry.probe = file.head.length > trail.head.length ? file.head : trail.head;
    file.entry = entry;
    file.settled = null;
    return entry;
  }

  clear(): void {
    this.own.clear();
    this.placesOf.clear();
    this.rest();
  }

  /** Contents that may be the one that begins with `head`: fingerprint equal, or (read in this run) one begins as the other does. */
  matching(head: Buffer): Set<Entry> {
    const found = new Set<Entry>();
    for (const [length, marks] of this.byMark) {
      if (length > head.length) continue;
      for (const entry of marks.get(markOf(head.subarray(0, length)).hash) ?? []) found.add(entry);
    }
    for (const entry of this.own.values()) {
      const common = Math.min(entry.probe.length, head.length);
      if (common > 0 && entry.probe.compare(head, 0, common, 0, common) === 0) found.add(entry);
    }
    return found;
  }

  /** Of contents without a file, only the newest keep their bytes; of the others the store's record is enough. */
  private prune(known: ReadonlyMap<string, FileRecord>): void {
    let surplus = this.own.size - KEPT;
    for (const [id, { holder, record, places }] of this.own) {
      if (surplus <= 0) return;
      const stored = known.get(id);
      if (holder !== null || stored === undefined || stored.position < record.position) continue;
      this.own.delete(id);
      if (places !== null) this.placesOf.set(id, places);
      this.foreign.set(id, { ...blank(stored), places });
      surplus--;
    }
  }

  private index(entry: Entry): void {
    const { length, hash } = entry.record.fingerprint;
    if (length === 0) return;
    let marks = this.byMark.get(length);
    if (marks === undefined) this.byMark.set(length, (marks = new Map()));
    const same = marks.get(hash);
    if (same === undefined) marks.set(hash, [entry]);
    else same.push(entry);
  }
}

/** The key of the file that stood at a path when the content was seen there; undefined where it was not. */
export function seenAt({ places, record }: Entry, path: string): string | undefined {
  return places?.get(path) ?? (path === record.path ? keyOf(record) : undefined);
}

function keyOf({ dev, ino }: FileRecord): string {
  return `${dev}:${ino}`;
}

/** The record of a content that nobody knew. */
export function newRecord(
  context: SourceContext,
  place: Pick<FileRecord, 'path' | 'dev' | 'ino'>,
  trail: Trail,
): FileRecord {
  const now = context.now();
  return {
    id: randomBytes(8).toString('hex'),
    source: context.id,
    parser: context.parser,
    path: place.path,
    dev: place.dev,
    ino: place.ino,
    ...trail.marks(),
    lines_read: 0,
    events_stored: 0,
    lines_quarantined: 0,
    first_seen: now,
    last_read: now,
  };
}

function blank(record: FileRecord): Omit<Entry, 'places'> {
  return { record, trail: null, holder: null, probe: NOTHING, missing: 0 };
}
