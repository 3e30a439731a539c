import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Matches a file name against one pattern segment: `*`, `?`, `[abc]`, `[a-z]`, `[!a-z]`, and a backslash before a literal character. As in
 * the shell, `*`, `?` and sets do not match a leading dot. At most `pattern × name` steps: no regular expression is made from config.
 */
export function matchSegment(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let p = 0;
  let n = 0;
  let starAt = -1;
  let starName = 0;
  while (n < name.length) {
    const step = p < pattern.length ? one(pattern, p, name[n]!) : null;
    if (step === 'star') {
      starAt = p++;
      starName = n;
    } else if (typeof step === 'number') {
      p = step;
      n++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      n = ++starName;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** The place behind the token at `p` where it matches the character; null where it does not. */
function one(pattern: string, p: number, char: string): number | 'star' | null {
  const token = pattern[p]!;
  if (token === '*') return 'star';
  if (token === '?') return p + 1;
  if (token === '\\' && p + 1 < pattern.length) return pattern[p + 1] === char ? p + 2 : null;
  if (token !== '[') return token === char ? p + 1 : null;
  const end = setEnd(pattern, p);
  if (end === -1) return char === '[' ? p + 1 : null;
  return inSet(pattern.slice(p + 1, end), char) ? end + 1 : null;
}

/** The closing bracket of a set; a bracket that stands first belongs to the set. -1 where there is none: then `[` is a literal. */
function setEnd(pattern: string, p: number): number {
  const first = pattern[p + 1] === '!' || pattern[p + 1] === '^' ? p + 2 : p + 1;
  return pattern.indexOf(']', first + 1);
}

function inSet(set: string, char: string): boolean {
  const negated = set.startsWith('!') || set.startsWith('^');
  let i = negated ? 1 : 0;
  let found = false;
  while (i < set.length) {
    if (set[i + 1] === '-' && i + 2 < set.length) {
      if (set[i]! <= char && char <= set[i + 2]!) found = true;
      i += 3;
    } else {
      if (set[i] === char) found = true;
      i++;
    }
  }
  return found !== negated;
}

export function hasWildcard(segment: string): boolean {
  return /[*?[\\]/.test(segment);
}

/** A place where files may match: a folder that exists, and the pattern for the names in it. */
export interface GlobPlace {
  folder: string;
  names: string;
}

/** What could not be listed, with the system's code. */
export type ListingFailed = (folder: string, error: unknown) => void;

/** The folders of a pattern, walked segment by segment. Folders that are missing are no error: they may appear later. */
export function globPlaces(
  pattern: string,
  failed: ListingFailed,
  listed: (folder: string) => void = () => undefined,
): GlobPlace[] {
  const segments = pattern.split('/').filter((segment, index) => segment !== '' || index === 0);
  const names = segments.pop() ?? '';
  let folders = [segments[0] === '' ? '/' : '.'];
  for (const segment of segments[0] === '' ? segments.slice(1) : segments) {
    folders = hasWildcard(segment)
      ? folders.flatMap((folder) => {
          listed(folder);
          return listNames(folder, failed)
            .filter((name) => matchSegment(segment, name))
            .map((name) => join(folder, name));
        })
      : folders.map((folder) => join(folder, segment));
  }
  return folders.map((folder) => ({ folder, names }));
}

/** Names in a folder; empty where it does not exist or is no folder. */
export function listNames(folder: string, failed: ListingFailed): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') failed(folder, error);
    return [];
  }
}
