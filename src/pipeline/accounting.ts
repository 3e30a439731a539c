import type { FileRecord } from '../event/position.ts';
import type { Accounting } from '../view/api.ts';

/**
 * The books: what was taken in (`live`) beside what the store has committed. `lines_read = events_stored + lines_quarantined + in_flight`
 * holds by construction, since everything read and not committed is in flight.
 */
export class Books {
  private readonly live = new Map<string, FileRecord>();
  private readonly committed = new Map<string, FileRecord>();

  /** Starts from what the store knows; what was in flight is forgotten (it will be read again). */
  reset(records: Iterable<FileRecord>): void {
    this.live.clear();
    this.committed.clear();
    for (const record of records) {
      this.live.set(record.id, record);
      this.committed.set(record.id, record);
    }
  }

  /** The file as far as it was taken in. */
  taken(id: string): FileRecord | undefined {
    return this.live.get(id);
  }

  /** How far a file is committed; 0 where nothing of it is. */
  committedPosition(id: string): number {
    return this.committed.get(id)?.position ?? 0;
  }

  records(): Iterable<FileRecord> {
    return this.live.values();
  }

  take(record: FileRecord): void {
    this.live.set(record.id, record);
  }

  /** What a commit made true. Lines that the store refused moved from stored to quarantined: the live record follows. */
  settle(planned: ReadonlyMap<string, FileRecord>, records: readonly FileRecord[]): void {
    for (const record of records) {
      this.committed.set(record.id, record);
      const plan = planned.get(record.id);
      const live = this.live.get(record.id);
      const refused = plan === undefined ? 0 : record.lines_quarantined - plan.lines_quarantined;
      if (live !== undefined && refused !== 0) {
        this.live.set(record.id, {
          ...live,
          events_stored: live.events_stored - refused,
          lines_quarantined: live.lines_quarantined + refused,
        });
      }
    }
  }

  /** Takes over committed counters that changed without a batch (quarantine retry). Nothing may be in flight. */
  correct(records: Iterable<FileRecord>): void {
    for (const record of records) {
      this.committed.set(record.id, record);
      const live = this.live.get(record.id);
      const { events_stored, lines_quarantined } = record;
      if (live !== undefined) this.live.set(record.id, { ...live, events_stored, lines_quarantined });
    }
  }

  file(id: string): Accounting {
    const taken = this.live.get(id)?.lines_read ?? 0;
    const done = this.committed.get(id);
    const stored = done?.events_stored ?? 0;
    const quarantined = done?.lines_quarantined ?? 0;
    return {
      lines_read: taken,
      events_stored: stored,
      lines_quarantined: quarantined,
      in_flight: taken - stored - quarantined,
    };
  }

  /** A file's books as if nothing were in flight: what is read counts as far as it is committed. Where an import of it starts from. */
  settled(id: string): Accounting {
    const live = this.live.get(id);
    if (live === undefined) return emptyAccounting();
    const { lines_read, events_stored, lines_quarantined } = live;
    return { lines_read, events_stored, lines_quarantined, in_flight: 0 };
  }

  /** Per source, and within it per file. */
  bySource(): Map<string, { accounting: Accounting; by_file: Record<string, Accounting> }> {
    const sources = new Map<string, { accounting: Accounting; by_file: Record<string, Accounting> }>();
    for (const record of this.live.values()) {
      let entry = sources.get(record.source);
      if (entry === undefined) {
        entry = { accounting: emptyAccounting(), by_file: {} };
        sources.set(record.source, entry);
      }
      const file = this.file(record.id);
      entry.by_file[record.id] = file;
      add(entry.accounting, file);
    }
    return sources;
  }

  total(): Accounting {
    const sum = emptyAccounting();
    for (const id of this.live.keys()) add(sum, this.file(id));
    return sum;
  }
}

export function emptyAccounting(): Accounting {
  return { lines_read: 0, events_stored: 0, lines_quarantined: 0, in_flight: 0 };
}

function add(sum: Accounting, part: Accounting): void {
  sum.lines_read += part.lines_read;
  sum.events_stored += part.events_stored;
  sum.lines_quarantined += part.lines_quarantined;
  sum.in_flight += part.in_flight;
}
