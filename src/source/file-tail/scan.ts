import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ListingFailed, globPlaces, hasWildcard, listNames, matchSegment } from './glob.ts';
import { nameBefore } from './kin.ts';

/** A name that leads to a regular file. */
export interface Sighting {
  path: string;
  /** Not named by a glob, but the rotated sibling of a name that is. */
  kin: boolean;
  stats: BigIntStats;
}

export interface Scan {
  sightings: Sighting[];
  /** Folders with names that matter: to be watched. */
  folders: Set<string>;
}

/** Looks at every name that the patterns (and rotation) lead to. Names that vanish meanwhile are left out. */
export function scan(
  patterns: readonly string[],
  failed: ListingFailed,
  listed: (folder: string) => void = () => undefined,
): Scan {
  const named = new Map<string, boolean>();
  const folders = new Set<string>();
  for (const pattern of patterns) {
    for (const { folder, names } of globPlaces(pattern, failed, listed)) {
      folders.add(folder);
      listed(folder);
      for (const name of listNames(folder, failed)) {
        const path = join(folder, name);
        if (matchSegment(names, name)) named.set(path, false);
        else if (!named.has(path) && isKin(names, name)) named.set(path, true);
      }
      // A folder that may be passed but not listed still gives a file that is named in full.
      if (!hasWildcard(names)) named.set(join(folder, names), false);
    }
  }
  const sightings: Sighting[] = [];
  for (const path of [...named.keys()].sort()) {
    const stats = look(path, failed);
    if (stats?.isFile() === true) sightings.push({ path, kin: named.get(path)!, stats });
  }
  // A file that is both named and kin (by a link) counts as named.
  sightings.sort((a, b) => Number(a.kin) - Number(b.kin));
  return { sightings, folders };
}

function isKin(names: string, name: string): boolean {
  const before = nameBefore(name);
  return before !== null && matchSegment(names, before);
}

function look(path: string, failed: ListingFailed): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTDIR' && code !== 'ELOOP') failed(path, error);
    return null;
  }
}

/** However quiet folders seem, all names are looked at this often: some file systems do not keep the times of folders. */
const FULL_MS = 10_000;
/** File times are coarse: a folder that changed just now may change again without a new time. */
const YOUNG_MS = 2000;

/**
 * Scans again and again at little cost: while no folder has changed its time and no link leads elsewhere, the last scan still holds.
 */
export class Scanner {
  private readonly patterns: readonly string[];
  private last: Scan | null = null;
  private fullAt = 0;
  /** Time of each folder that was listed, before it was listed; null where it did not exist, NaN where it was young. */
  private stamps = new Map<string, number | null>();
  private links: Sighting[] = [];

  constructor(patterns: readonly string[]) {
    this.patterns = patterns;
  }

  /** The same object as the last time where nothing changed. `now` is monotonic. */
  scan(now: number, failed: ListingFailed): Scan {
    if (this.last !== null && now - this.fullAt < FULL_MS && this.isQuiet()) return this.last;
    let clean = true;
    const stamps = new Map<string, number | null>();
    this.last = scan(
      this.patterns,
      (path, error) => {
        clean = false;
        failed(path, error);
      },
      (folder) => {
        if (!stamps.has(folder)) stamps.set(folder, stampOf(folder, true));
      },
    );
    const found = this.last;
    this.links = found.sightings.filter(
      ({ path }) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== false,
    );
    this.stamps = stamps;
    this.fullAt = now;
    if (!clean) this.last = null;
    return found;
  }

  /** Makes the next scan a full one: something that it led to could not be opened. */
  forget(): void {
    this.last = null;
  }

  private isQuiet(): boolean {
    for (const [folder, stamp] of this.stamps) if (stampOf(folder, false) !== stamp) return false;
    return this.links.every(({ path, stats }) => {
      const now = look(path, () => undefined);
      return now !== null && now.ino === stats.ino && now.dev === stats.dev;
    });
  }
}

function stampOf(folder: string, refuseYoung: boolean): number | null {
  try {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    // Not equal to anything, itself included.
    return refuseYoung && Date.now() - stats.mtimeMs < YOUNG_MS ? Number.NaN : stats.mtimeMs;
  } catch {
    return Number.NaN;
  }
}
