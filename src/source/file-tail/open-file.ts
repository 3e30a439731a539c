import { type BigIntStats, closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { Entry } from './book.ts';
import type { PackedReader } from './packed-reader.ts';
import { type Packing } from './packing.ts';
import type { PlainReader } from './plain-reader.ts';

/** Polls without a change after which a file counts as at rest. */
export const STILL_POLLS = 2;

/**
 * A file that is held open: whatever is done to its name, its bytes stay reachable. `entry` tells who it is, once that is known.
 */
export class OpenFile {
  /** Device and inode: the same key is the same file, under however many names. */
  readonly key: string;
  readonly dev: string;
  readonly ino: string;
  readonly fd: number;
  path: string;
  /** Found beside a followed path, not named by a glob: read only where it belongs to a known file. */
  kin: boolean;
  size: number;
  mtimeMs: number;
  nlink: number;
  /** Polls since the last change, and when that was (monotonic milliseconds). */
  stillPolls = 0;
  changedAt: number;
  /** Numbers of the first and the last scan that saw it. */
  firstScan = 0;
  seenScan = 0;

  packing: Packing | null = null;
  entry: Entry | null = null;
  plain: PlainReader | null = null;
  packed: PackedReader | null = null;
  /** The first bytes, as of the last attempt to identify it. */
  head: Buffer = Buffer.alloc(0);
  /** Set where it holds nothing to read (a copy, an old one): looked at again when it changes. */
  settled: { signature: string; copyOf: string | null } | null = null;
  /** The poll at which identification was last tried, and for how many it found no proof. */
  triedRound = -1;
  doubts = 0;
  /** The poll at which reading it failed: it is tried again at the next one. */
  failedRound = -1;
  /** Id of the content that this file held before it was truncated under our eyes. */
  replaced: string | null = null;
  problem: { code: 'source_broken' | 'source_unreadable'; message: string } | null = null;

  constructor(fd: number, path: string, kin: boolean, stats: BigIntStats, now: number) {
    this.fd = fd;
    this.path = path;
    this.kin = kin;
    this.dev = String(stats.dev);
    this.ino = String(stats.ino);
    this.key = `${this.dev}:${this.ino}`;
    this.size = Number(stats.size);
    this.mtimeMs = Number(stats.mtimeMs);
    this.nlink = Number(stats.nlink);
    this.changedAt = now;
  }

  get signature(): string {
    return `${this.size}:${this.mtimeMs}`;
  }

  get still(): boolean {
    return this.stillPolls >= STILL_POLLS;
  }

  /** One poll. */
  refresh(now: number): void {
    if (!this.update(now)) this.stillPolls++;
  }

  /** Looks at size, time and links; one system call, since this runs for every file at every poll. True where they changed. */
  update(now: number): boolean {
    const stats = fstatSync(this.fd);
    if (stats.size === this.size && stats.mtimeMs === this.mtimeMs && stats.nlink === this.nlink) return false;
    this.size = stats.size;
    this.mtimeMs = stats.mtimeMs;
    this.nlink = stats.nlink;
    this.stillPolls = 0;
    this.changedAt = now;
    return true;
  }

  /** Forgets who it is; what was read stays with the entry. */
  release(): void {
    this.packed?.close();
    this.plain = null;
    this.packed = null;
    if (this.entry?.holder === this) this.entry.holder = null;
    this.entry = null;
    this.settled = null;
    this.packing = null;
    this.triedRound = -1;
    this.doubts = 0;
  }

  close(): void {
    this.release();
    closeSync(this.fd);
  }
}

/**
 * Opens a regular file for following; null for anything else (a pipe would block, a device has no position).
 *
 * @throws the system's error: EACCES, EMFILE, ENOENT …
 */
export function openRegular(path: string, kin: boolean, now: number): OpenFile | null {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isFile()) return new OpenFile(fd, path, kin, stats, now);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return null;
}
