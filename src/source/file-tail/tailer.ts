import { messageOf } from '../../base/errors.ts';
import type { SourceContext } from '../source.ts';
import { Book } from './book.ts';
import { claimsOf } from './claims.ts';
import { OpenFiles } from './open-files.ts';
import { Identity, type Verdict } from './identity.ts';
import { pathBefore } from './kin.ts';
import { leftOf, whereIs } from './left.ts';
import type { OpenFile } from './open-file.ts';
import { Follower } from './follow.ts';
import type { TailerOptions } from './options.ts';
import { Damage } from './unpack.ts';

/** A deleted file that cannot be told from another one is kept this long at most. */
const UNDECIDED_MS = 60_000;
/** Coarseness of file times. */
const FILE_TIME_MS = 20;
/** Work without a pause of its own lets the event loop turn after this time. */
const BREATH_MS = 10;
/** While the last files are read, names are looked at this often. */
const DRAIN_SCAN_MS = 1000;

/**
 * Follows files: `poll` looks at them (cheap, synchronous, also while reading waits for room), `work` identifies and reads until nothing is
 * left. Only `work` changes who a file is and how far it is read, so the two may interleave.
 */
export class Tailer {
  readonly files: OpenFiles;
  readonly book: Book;
  private readonly options: TailerOptions;
  private readonly context: SourceContext;
  private readonly follower: Follower;
  private identity: Identity;
  /** Keys of the files that were there at the very first start; null where this was not the first one. */
  private firstFiles: Set<string> | null = null;
  private stopping = false;
  private began = 0;
  private turnOf = 0;

  constructor(options: TailerOptions, context: SourceContext) {
    this.options = options;
    this.context = context;
    this.files = new OpenFiles(options.patterns, options.log, claimsOf(context));
    this.book = new Book(context);
    this.identity = new Identity(this.book, context);
    this.follower = new Follower(context, options);
  }

  /** The first look. */
  begin(now: number): void {
    this.stopping = false;
    const first = ![...this.context.known()].some((record) => record.source === this.context.id);
    this.began = this.context.now() - FILE_TIME_MS;
    this.files.rescan(now);
    this.firstFiles = first ? new Set(this.files.keys()) : new Set();
  }

  /** Forgets what was read since the last commit and goes on from there; open files stay open, so that deleted ones are not lost. */
  rewind(): void {
    this.stopping = false;
    for (const file of this.files.all()) file.release();
    this.book.clear();
    this.follower.refused = null;
    this.identity = new Identity(this.book, this.context);
    this.firstFiles ??= new Set();
  }

  /** True once a chunk was refused. */
  get refused(): boolean {
    return this.follower.refused !== null;
  }

  get lastLine(): number | null {
    return this.follower.lastLine;
  }

  /** Looks at all open files, and at all names where a rescan is due. `now` is monotonic, in milliseconds. */
  poll(now: number, rescan: boolean): void {
    // A clock that was set back gives new files times before our beginning.
    this.began = Math.min(this.began, this.context.now() - FILE_TIME_MS);
    if (rescan) this.files.rescan(now);
    this.files.refresh(now);
  }

  /** True where {@link work} would find nothing to do: most looks, so it is not begun for them. */
  idle(now: number): boolean {
    return !this.files.all().some((file) => this.isPending(file)) && this.readyPlace(now) === -1;
  }

  /** Identifies and reads until nothing is left to do or `halt` was called. Rejects where a chunk is refused. */
  async work(now: () => number): Promise<void> {
    let breath = now();
    while (!this.stopping) {
      await this.identifyAll();
      const file = this.nextReady(now());
      if (file === null) return;
      await this.turn(file, now());
      if (now() - breath < BREATH_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      breath = now();
    }
  }

  /** Makes `work` return after the piece at hand. */
  halt(): void {
    this.stopping = true;
  }

  /**
   * Before the end: what nobody could find again (deleted files, and those renamed to where no glob leads) is read to its end, as far as time
   * allows. What is left is told in the log.
   */
  async drain(now: () => number, until: () => number): Promise<void> {
    this.stopping = false;
    let scannedAt = now();
    this.poll(scannedAt, true);
    for (let moved = true; now() < until();) {
      // Names are looked at once more when all is read: that may have taken long.
      const again = !moved;
      const scan = again || now() - scannedAt > DRAIN_SCAN_MS;
      if (scan) scannedAt = now();
      this.poll(now(), scan);
      moved = await this.drainRound(now, until);
      if (this.refused || (again && !moved)) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const file of this.lost()) {
      const { path } = file;
      const left = leftOf(file);
      if (left !== null) this.options.log('file_left', { path, now_at: whereIs(file), ...left });
    }
  }

  /** A piece of each such file; false where there was none. What the receiver refuses is left. */
  private async drainRound(now: () => number, until: () => number): Promise<boolean> {
    let moved = false;
    try {
      if (this.lost().some((file) => this.isPending(file))) await this.identifyAll();
      for (const file of this.lost()) {
        if (now() >= until()) return moved;
        if (file.entry === null || file.failedRound === this.files.round) continue;
        await this.guarded(file, async () => {
          moved = (await this.follower.turn(file, file.nlink === 0, now())) || moved;
        });
      }
    } catch (error) {
      if (!this.refused) throw error;
    }
    return moved;
  }

  /** Files that cannot be opened again by their names. */
  private lost(): OpenFile[] {
    return this.files.all().filter((file) => file.nlink === 0 || file.seenScan < this.files.scans);
  }

  /** Lets everything go. */
  end(): void {
    for (const file of this.files.all()) this.files.close(file);
  }

  private async identifyAll(): Promise<void> {
    if (!this.files.all().some((file) => this.isPending(file))) return;
    // First those that were truncated just now: their old content may be one of the others, and one of the others a copy of their new one.
    for (const file of this.files.all()) {
      await this.guarded(file, async () => {
        if (this.follower.noticeChange(file)) this.reconsider(file.replaced);
      });
    }
    this.book.refresh();
    try {
      await this.identifyPending();
    } finally {
      this.book.rest();
    }
  }

  private async identifyPending(): Promise<void> {
    const pending = this.files.all().filter((file) => this.isPending(file));
    const open: OpenFile[] = [];
    for (const file of pending) {
      file.triedRound = this.files.round;
      await this.guarded(file, async () => {
        if (!(await this.identity.prepare(file))) return;
        const verdict = await this.identity.sameInode(file);
        if (verdict === null) open.push(file);
        else await this.follow(file, verdict);
      });
    }
    open.sort(writersFirst);
    for (const file of open) {
      if (this.stopping) return;
      await this.guarded(file, async () => this.follow(file, await this.identity.anyone(file)));
    }
  }

  private isPending(file: OpenFile): boolean {
    if (file.entry !== null || file.size === 0 || file.triedRound === this.files.round) return false;
    return file.settled === null || file.settled.signature !== file.signature;
  }

  private async follow(file: OpenFile, verdict: Verdict): Promise<void> {
    const { log } = this.options;
    if (verdict.kind === 'wait') return;
    if (verdict.kind === 'copy') {
      this.settle(file, verdict.of.record.id);
      return;
    }
    if (verdict.kind === 'continue') {
      const from = verdict.entry.record.path;
      this.book.hold(verdict.entry, file, verdict.trail);
      this.follower.begin(file, verdict.finished);
      if (from === file.path) log('file_found', { path: file.path, from: verdict.trail.position });
      else log('file_rotated', { path: from, to: file.path });
      return;
    }
    if (!this.wanted(file)) {
      this.settle(file, null);
      return;
    }
    const skips = this.startsAtEnd(file);
    if (skips && file.packing !== 'plain') {
      this.settle(file, null);
      return;
    }
    await this.follower.beginNew(this.book, file, skips ? 'end' : verdict.from);
    log('file_found', { path: file.path, from: file.entry!.record.position });
  }

  private settle(file: OpenFile, copyOf: string | null): void {
    file.settled = { signature: file.signature, copyOf };
  }

  /** `start: end` leaves alone what stood there at the very first start; packed files of that time are told by their age later on. */
  private startsAtEnd(file: OpenFile): boolean {
    if (this.options.start !== 'end' || file.replaced !== null) return false;
    if (this.firstFiles!.has(file.key)) {
      this.firstFiles!.delete(file.key);
      return true;
    }
    return file.packing !== 'plain' && file.mtimeMs < this.firstSeen((record) => record.source === this.context.id);
  }

  private wanted(file: OpenFile): boolean {
    const { since_ms } = this.options;
    if (since_ms !== null && file.mtimeMs < since_ms) return false;
    if (!file.kin) return true;
    // A rotated sibling that no glob names: written since we are here, or while nothing ran, or older than our time here.
    if (file.firstScan > 1 && file.mtimeMs >= this.began) return true;
    const base = pathBefore(file.path);
    return file.mtimeMs > this.firstSeen(({ path }) => path === base || pathBefore(path) === base);
  }

  private firstSeen(belongs: (record: { path: string; source: string }) => boolean): number {
    let first = Infinity;
    for (const { record } of this.book.entries()) if (belongs(record)) first = Math.min(first, record.first_seen);
    return first;
  }

  /** Round robin, so that a huge file does not hold up the others. */
  private nextReady(now: number): OpenFile | null {
    const place = this.readyPlace(now);
    if (place === -1) return null;
    const files = this.files.all();
    this.turnOf = (place + 1) % files.length;
    return files[place]!;
  }

  /** Place of the next file with which there is something to do; -1 where there is none. */
  private readyPlace(now: number): number {
    const files = this.files.all();
    for (let i = 0; i < files.length; i++) {
      const place = (this.turnOf + i) % files.length;
      const file = files[place]!;
      if (file.failedRound === this.files.round) continue;
      if (this.follower.ready(file, this.leave(file, now))) return place;
    }
    return -1;
  }

  /** Whether a file may be let go: deleted or renamed away, and at rest long enough that nobody writes to it any more. */
  private leave(file: OpenFile, now: number): 'deleted' | 'away' | null {
    const rest = now - file.changedAt;
    // Nobody knows yet who it is: it may hold lines that stand nowhere else.
    const undecided = file.entry === null && file.settled === null && file.size > 0;
    if (undecided && rest < UNDECIDED_MS) return null;
    if (file.nlink === 0 && file.still && rest >= this.options.linger_ms) return 'deleted';
    const away = file.seenScan < this.files.scans - 1;
    return away && file.still && rest >= (file.entry === null ? 0 : this.options.away_ms) ? 'away' : null;
  }

  private async turn(file: OpenFile, now: number): Promise<void> {
    const leave = this.leave(file, now);
    await this.guarded(file, async () => {
      if (file.entry !== null && (await this.follower.turn(file, leave === 'deleted', now))) {
        if (file.entry === null) this.reconsider(file.replaced);
        return;
      }
      if (leave === null) return;
      const id = file.entry?.record.id ?? null;
      if (file.entry !== null && file.plain !== null)
        file.entry.missing = Math.max(0, file.size - file.entry.record.position);
      this.files.close(file);
      this.reconsider(id);
    });
  }

  /** A content has lost its file: its copies may hold the rest. */
  private reconsider(id: string | null): void {
    for (const file of this.files.all()) {
      if (file.settled !== null && file.settled.copyOf === id && id !== null) file.settled = null;
      if (file.entry === null && file.settled === null) file.triedRound = -1;
    }
  }

  /** What a single file does wrong is its own problem; only a refused chunk ends the work. */
  private async guarded(file: OpenFile, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (file.problem?.code === 'source_unreadable') file.problem = null;
    } catch (error) {
      if (this.follower.refused !== null) throw error;
      if (error instanceof Damage) {
        this.follower.broken(file, error);
        this.settle(file, null);
        return;
      }
      file.problem = { code: 'source_unreadable', message: messageOf(error) };
      file.failedRound = this.files.round;
    }
  }
}

/**
 * The file that its writer truncated before its copies; then the longest, so that a copy finds the file that holds more; packed ones last,
 * since they cost most to compare.
 */
function writersFirst(a: OpenFile, b: OpenFile): number {
  const rank = (file: OpenFile): number => (file.replaced !== null ? 0 : file.packing === 'plain' ? 1 : 2);
  return rank(a) - rank(b) || b.size - a.size;
}
