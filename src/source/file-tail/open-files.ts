import { messageOf, systemCode } from '../../base/errors.ts';
import { type OpenFile, openRegular } from './open-file.ts';
import { type Scan, Scanner, type Sighting } from './scan.ts';
import type { SourceLog } from './options.ts';
import { unreadableBecause } from './unreadable.ts';

export interface Unreadable {
  path: string;
  message: string;
  size: number;
  modified: number;
}

/** Takes a file (device:inode) for this source; false where another one has it. */
export interface Claims {
  claim(key: string): boolean;
  release(key: string): void;
}

/** The files that are held open, and those that cannot be. */
export class OpenFiles {
  /** Counts polls and scans. */
  round = 0;
  scans = 0;
  /** Milliseconds that the last scan took. */
  scanTook = 0;
  folders: ReadonlySet<string> = new Set();
  readonly unreadable = new Map<string, Unreadable>();
  private readonly scanner: Scanner;
  private lastScan: Scan | null = null;
  private readonly log: SourceLog;
  private readonly byKey = new Map<string, OpenFile>();
  private readonly claims: Claims;
  private list: OpenFile[] = [];

  constructor(patterns: readonly string[], log: SourceLog, claims: Claims) {
    this.claims = claims;
    this.scanner = new Scanner(patterns);
    this.log = log;
  }

  all(): readonly OpenFile[] {
    return this.list;
  }

  keys(): Iterable<string> {
    return this.byKey.keys();
  }

  /** Looks at all names; opens what is new. */
  rescan(now: number): void {
    this.scans++;
    const began = performance.now();
    const failed = new Set<string>();
    const fail = (path: string, error: unknown, sighting?: Sighting): void => {
      failed.add(path);
      if (!this.unreadable.has(path))
        this.log('file_unreadable', { path, error: systemCode(error) || messageOf(error) });
      const message = unreadableBecause(path, error, sighting?.stats);
      this.unreadable.set(path, {
        path,
        message,
        size: Number(sighting?.stats.size ?? 0),
        modified: Number(sighting?.stats.mtimeMs ?? 0),
      });
    };
    const found = this.scanner.scan(now, fail);
    if (found === this.lastScan) {
      for (const file of this.list) if (file.seenScan === this.scans - 1) file.seenScan = this.scans;
      this.scanTook = performance.now() - began;
      return;
    }
    this.lastScan = found;
    const { sightings, folders } = found;
    this.folders = folders;
    const seen = new Map<OpenFile, Sighting[]>();
    for (const sighting of sightings) {
      const file = this.byKey.get(`${sighting.stats.dev}:${sighting.stats.ino}`) ?? this.open(sighting, now, fail);
      if (file === null) {
        this.scanner.forget();
        continue;
      }
      const names = seen.get(file);
      if (names === undefined) seen.set(file, [sighting]);
      else names.push(sighting);
    }
    for (const [file, names] of seen) this.name(file, names);
    for (const path of this.unreadable.keys()) if (!failed.has(path)) this.unreadable.delete(path);
    this.scanTook = performance.now() - began;
  }

  /** Looks at every open file. */
  refresh(now: number): void {
    this.round++;
    for (const file of this.list) {
      try {
        file.refresh(now);
      } catch (error) {
        // A stale network file: the next poll tries again.
        file.problem = { code: 'source_unreadable', message: messageOf(error) };
      }
    }
  }

  close(file: OpenFile): void {
    this.byKey.delete(file.key);
    this.claims.release(file.key);
    this.list = this.list.filter((other) => other !== file);
    file.close();
  }

  private open(
    sighting: Sighting,
    now: number,
    fail: (path: string, error: unknown, sighting: Sighting) => void,
  ): OpenFile | null {
    try {
      const file = openRegular(sighting.path, sighting.kin, now);
      if (file === null) return null;
      // Between the look and the opening the name may have come to lead to another file.
      const known = this.byKey.get(file.key);
      if (known !== undefined || !this.claims.claim(file.key)) {
        file.close();
        return known ?? null;
      }
      file.firstScan = this.scans;
      this.byKey.set(file.key, file);
      this.list = [...this.list, file];
      return file;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' && !sighting.kin) fail(sighting.path, error, sighting);
      return null;
    }
  }

  private name(file: OpenFile, names: Sighting[]): void {
    file.seenScan = this.scans;
    // Once followed, always followed: it is rotated when its name is no longer that of a glob.
    file.kin &&= names.every((name) => name.kin);
    if (!names.some((name) => name.path === file.path)) {
      const to = names[0]!.path;
      if (file.entry !== null) this.log('file_rotated', { path: file.path, to });
      file.path = to;
    }
    for (const { path } of names) file.entry?.places?.set(path, file.key);
  }
}
