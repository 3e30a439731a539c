import { type BigIntStats, statSync } from 'node:fs';
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
export function scan(patterns: readonly string[], failed: ListingFailed): Scan {
  const named = new Map<string, boolean>();
  const folders = new Set<string>();
  for (const pattern of patterns) {
    for (const { folder, names } of globPlaces(pattern, failed)) {
      folders.add(folder);
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
