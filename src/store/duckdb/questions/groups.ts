import type { Cells } from './run.ts';
import { asCount, plainValue } from './event-rows.ts';

/** Events counted by value and, for timelines, by bin. `bytes` is their traffic, where it was asked. */
export interface Group {
  value: string | number | null;
  /** Whole bins since 1970; 0 where time is not asked. */
  bin: number;
  count: number;
  bytes: number;
}

export type Groups = Map<string, Group>;

export function addGroup(
  groups: Groups,
  value: string | number | null,
  bin: number,
  count: number,
  bytes: number,
): void {
  const key = `${bin} ${typeof value === 'number' ? '#' : value === null ? '-' : '"'}${value}`;
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { value, bin, count, bytes });
  else {
    group.count += count;
    group.bytes += bytes;
  }
}

/** Rows of value, bin, count, bytes. */
export function groupsOf(rows: readonly Cells[]): Groups {
  const groups: Groups = new Map();
  for (const [value, bin, count, bytes] of rows)
    addGroup(groups, plainValue(value), asCount(bin), asCount(count), asCount(bytes));
  return groups;
}

/**
 * The groups of several parts taken together. The first may be large and kept for later answers: it stays as it is and is not copied; the
 * others are small.
 */
export function* together(first: Groups, ...others: readonly Groups[]): Iterable<Group> {
  const small: Groups = new Map();
  for (const part of others) mergeInto(small, part);
  for (const [key, group] of first) {
    if (!small.has(key)) yield group;
  }
  for (const [key, group] of small) {
    const more = first.get(key);
    yield more === undefined ? group : { ...group, count: group.count + more.count, bytes: group.bytes + more.bytes };
  }
}

/** Adds the part to the sum; its own groups stay as they are. */
export function mergeInto(sum: Groups, part: Groups): void {
  for (const [key, group] of part) {
    const known = sum.get(key);
    if (known === undefined) {
      const { value, bin, count, bytes } = group;
      sum.set(key, { value, bin, count, bytes });
      continue;
    }
    known.count += group.count;
    known.bytes += group.bytes;
  }
}
