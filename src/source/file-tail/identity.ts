import { fstatSync } from 'node:fs';
import type { SourceContext } from '../source.ts';
import { type Book, type Entry, seenAt } from './book.ts';
import { type Survey, headOf, readAt, survey, toldLength } from './content.ts';
import { Evidence } from './evidence.ts';
import { MARK_BYTES, Trail, isMarked, ownCopy } from './marks.ts';
import type { OpenFile } from './open-file.ts';
import { packingOf } from './packing.ts';

/** Who a file is. */
export type Verdict =
  /** It continues a known content; `finished` where nothing is left to read in it. */
  | { kind: 'continue'; entry: Entry; trail: Trail; finished: boolean }
  /** It holds nothing that was not read, or is not being read, elsewhere. */
  | { kind: 'copy'; of: Entry }
  /** Nobody knows it; its lines up to `from` are proven to be read already. */
  | { kind: 'new'; from: number }
  | { kind: 'wait' };

/** Positions below this are cheap enough to prove by reading; above, a packed file's own length is taken as proof. */
const CHEAP_BYTES = 1024 * 1024;

/** Finds out who a file is, by content; names never decide, and inodes only where the content agrees. */
export class Identity {
  private readonly book: Book;
  private readonly evidence: Evidence;

  constructor(book: Book, context: SourceContext) {
    this.book = book;
    this.evidence = new Evidence(context, book);
  }

  /** Reads what identification needs; false while the file is too short to tell anything. `final`: it can grow no more. */
  async prepare(file: OpenFile, final = file.nlink === 0): Promise<boolean> {
    file.packing = packingOf(readAt(file.fd, 0, 8));
    // A file that begins like a packed one, and ends there, could still become one.
    if (file.packing === null && file.size > 0 && final) file.packing = 'plain';
    if (file.packing === null || (file.packing !== 'plain' && !file.still)) return false;
    file.head = await headOf(file.fd, file.packing);
    return file.head.length > 0;
  }

  /** Rule 1: the same inode with the same content goes on. Asked for all files before {@link anyone} is asked for any. */
  async sameInode(file: OpenFile): Promise<Verdict | null> {
    const entries = [...this.book.matching(file.head)]
      .filter((entry) => isInode(entry, file) && entry.holder === null && entry.record.id !== file.replaced)
      .sort(furthestFirst);
    for (const entry of entries) {
      const verdict = await this.continues(file, entry);
      if (verdict !== null) return verdict;
    }
    return null;
  }

  /** Rules 2 to 4: a renamed, copied, packed or unpacked content goes on where it was left; all else is new. */
  async anyone(file: OpenFile): Promise<Verdict> {
    const matching = new Set([...this.book.matching(file.head)].sort(furthestFirst));
    for (const entry of await this.evidence.shorterThanRead(file)) matching.add(entry);
    for (const entry of matching) {
      if (entry.holder === file) continue;
      const verdict = this.heldElsewhere(entry)
        ? await this.besideHolder(file, entry, entry.holder!)
        : await this.withoutHolder(file, entry);
      if (verdict !== null) return verdict;
    }
    return { kind: 'new', from: 0 };
  }

  /** A packed file that was read to its end will not grow: its content may move on to another file. */
  private heldElsewhere(entry: Entry): boolean {
    const { holder } = entry;
    return holder !== null && !(holder.packed !== null && holder.packed.state !== 'reading');
  }

  /** The content is alive in another file: this one is a copy of it (finished or in the making), or another content with the same head. */
  private async besideHolder(file: OpenFile, entry: Entry, holder: OpenFile): Promise<Verdict | null> {
    if (this.tooWeak(file, entry)) return null;
    if (holder.plain === null) return { kind: 'wait' };
    const whole = fstatSync(holder.fd).size;
    const seen = await survey(file.fd, file.packing!, [whole]);
    const common = Math.min(seen.length, whole);
    const mine = seen.length <= whole ? lastOf(seen.end) : seen.before.get(whole);
    const theirs = readAt(holder.fd, common - Math.min(common, MARK_BYTES), Math.min(common, MARK_BYTES));
    const same = mine !== undefined && mine.equals(theirs) && sameHead(file.head, holder, common);
    if (!holder.plain.intact()) {
      // It was truncated just now: its own turn will find out, then this file may hold the rest.
      holder.plain.seen = '';
      return { kind: 'wait' };
    }
    if (!same) return null;
    if (seen.length <= whole) return file.still ? { kind: 'copy', of: entry } : { kind: 'wait' };
    // It holds more than the other one. A deleted one will be let go, then this one goes on; otherwise they parted after the same head.
    return holder.nlink === 0 ? { kind: 'wait' } : null;
  }

  /** The content's file is gone (truncated, deleted, rotated while nothing ran). */
  private async withoutHolder(file: OpenFile, entry: Entry): Promise<Verdict | null> {
    // A packed file is no truncated plain one: it only got the number of a deleted inode, and may well hold the beginning of that content.
    const same = file.packing === 'plain' && isInode(entry, file);
    if (entry.record.id === file.replaced || (!same && this.tooWeak(file, entry))) return null;
    const goesOn = await this.continues(file, entry);
    if (goesOn !== null) return goesOn;
    const { position } = entry.record;
    const seen = await survey(file.fd, file.packing!, []);
    if (seen.length >= position) return null;
    if (same) return this.lostItsEnd(file, entry, seen);
    if (!file.still) return { kind: 'wait' };
    const proof = await this.evidence.isPrefix(file, entry, seen);
    if (proof === 'pending') return { kind: 'wait' };
    return proof === 'same' ? { kind: 'copy', of: entry } : null;
  }

  /** Rule 3: everything that was read stands in this file, and what follows it is the rest. */
  private async continues(file: OpenFile, entry: Entry): Promise<Verdict | null> {
    const { position, tail, fingerprint } = entry.record;
    if (!isMarked(fingerprint, file.head.subarray(0, fingerprint.length))) return null;
    const told = toldLength(file.fd, file.packing!, file.size);
    if (told !== null && fingerprint.length === MARK_BYTES && position > CHEAP_BYTES && told === position % 2 ** 32) {
      return { kind: 'continue', entry, trail: new Trail(position, file.head), finished: true };
    }
    const seen = await survey(file.fd, file.packing!, [position]);
    const before = seen.before.get(position);
    if (before === undefined) return null;
    const proof = before.subarray(before.length - Math.min(tail.length, before.length));
    if (!isMarked(tail, proof)) return null;
    const trail = new Trail(position, ownCopy(seen.head.subarray(0, position)), ownCopy(before));
    return { kind: 'continue', entry, trail, finished: file.packing !== 'plain' && seen.length === position };
  }

  /**
   * The same file, shorter than what was read of it, with the same lines in it: not truncated and written anew, but the machine lost power
   * before the writer's last lines reached the disk. They are stored; what follows is new. Only long proof counts: a file that was
   * truncated may begin with the same first line.
   */
  private async lostItsEnd(file: OpenFile, entry: Entry, seen: Survey): Promise<Verdict | null> {
    if (entry.trail !== null || seen.length < MARK_BYTES || file.packing !== 'plain') return null;
    if ((await this.evidence.isPrefix(file, entry, seen)) !== 'same') return null;
    const newline = seen.end.lastIndexOf(10);
    return newline === -1 ? null : { kind: 'new', from: seen.length - seen.end.length + newline + 1 };
  }

  /**
   * A short head proves little: many logs begin with the same line. It is enough for a file that turned up under another name (rotation),
   * not for one that stands where the known one stood: that is a new file of the same writer.
   */
  private tooWeak(file: OpenFile, entry: Entry): boolean {
    const compared = Math.min(file.head.length, Math.max(entry.record.fingerprint.length, entry.probe.length));
    return compared < MARK_BYTES && (file.replaced !== null || (seenAt(entry, file.path) ?? file.key) !== file.key);
  }
}

function isInode(entry: Entry, file: OpenFile): boolean {
  return entry.record.dev === file.dev && entry.record.ino === file.ino;
}

function furthestFirst(a: Entry, b: Entry): number {
  return b.record.position - a.record.position;
}

function lastOf(end: Buffer): Buffer {
  return end.subarray(Math.max(0, end.length - MARK_BYTES));
}

function sameHead(head: Buffer, holder: OpenFile, common: number): boolean {
  const length = Math.min(head.length, common);
  return readAt(holder.fd, 0, length).equals(head.subarray(0, length));
}
