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

/** A new sum; the parts stay as they are, for they may be kept for later answers. */
export function sumOf(...parts: readonly Groups[]): Groups {
  const sum: Groups = new Map();
  for (const part of parts)
    for (const group of part.values()) addGroup(sum, group.value, group.bin, group.count, group.bytes);
  return sum;
}

export function mergeInto(sum: Groups, part: Groups): void {
  for (const group of part.values()) addGroup(sum, group.value, group.bin, group.count, group.bytes);
}
