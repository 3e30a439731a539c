import type { AskOptions, TimeRange } from '../../store.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import { type Groups, groupsOf, sumOf } from './groups.ts';
import { isInside, rowsOf } from './relation.ts';
import { askSegments, fetchRows } from './run.ts';
import { type Sql, sql } from './sql-text.ts';

/** More groups are not brought into the program's memory. */
const MAX_GROUPS = 20_000;
/** Memory for all sums: a group takes about 150 bytes. */
const MAX_KEPT_GROUPS = 100_000;
/** Sums of one question over different stretches of time (a day, a week) that are kept side by side. */
const MAX_PER_KEY = 4;

interface Entry {
  key: string;
  segments: ReadonlySet<Segment>;
  groups: Groups;
}

/**
 * Sums over segments that were counted before. Segments on disk never change, so a page that asks the same every second only has what is new
 * counted: the fresh segments, and those at the ends of the range.
 */
export class GroupCache {
  /** Least recently used first. */
  private entries: Entry[] = [];
  /** Questions that gave too many groups, with the number of segments that did: not tried again over as many. */
  private readonly refused = new Map<string, number>();

  /** The largest sum that lies wholly within these segments. */
  find(key: string, segments: ReadonlySet<Segment>): Entry | null {
    let best: Entry | null = null;
    for (const entry of this.entries) {
      if (entry.key !== key || entry.segments.size <= (best?.segments.size ?? 0)) continue;
      if ([...entry.segments].every((segment) => segments.has(segment))) best = entry;
    }
    if (best !== null) this.entries = [...this.entries.filter((entry) => entry !== best), best];
    return best;
  }

  keep(entry: Entry): void {
    const same = this.entries.filter(({ key }) => key === entry.key);
    // A sum that the new one holds is of no more use; of the others the oldest go.
    const old = same.filter(({ segments }) => [...segments].every((segment) => entry.segments.has(segment)));
    const crowd = same
      .filter((one) => !old.includes(one))
      .slice(0, Math.max(0, same.length - old.length - MAX_PER_KEY + 1));
    this.entries = [...this.entries.filter((one) => !old.includes(one) && !crowd.includes(one)), entry];
    let total = this.entries.reduce((sum, { groups }) => sum + groups.size + 10, 0);
    while (total > MAX_KEPT_GROUPS) total -= this.entries.shift()!.groups.size + 10;
  }

  refuse(key: string, segments: number): void {
    if (this.refused.size > 1000) this.refused.clear();
    this.refused.set(key, segments);
  }

  isRefused(key: string, segments: number): boolean {
    return segments * 2 > (this.refused.get(key) ?? Infinity);
  }
}

/** What the questions that count share. */
export interface CountingContext extends QuestionContext {
  sums: GroupCache;
}

/**
 * Counts rows in groups, from kept sums where there are any. `select` makes of a relation the columns value, bin, count, bytes; `key` says
 * everything that it depends on. Null where there are too many groups: then SQL alone must answer.
 */
export async function countGroups(
  context: CountingContext,
  key: string,
  segments: readonly Segment[],
  range: TimeRange,
  ask: AskOptions | undefined,
  select: (rows: Sql) => Sql,
): Promise<Groups | null> {
  if (context.sums.isRefused(key, segments.length)) return null;
  const lasting = new Set(segments.filter((segment) => segment.level === 'disk' && isInside(segment, range)));
  const known = context.sums.find(key, lasting);
  const grown = [...lasting].filter((segment) => known?.segments.has(segment) !== true);
  let base = known?.groups ?? new Map();
  if (grown.length > 0) {
    let whole = true;
    const watched = { ...ask, incomplete: () => ((whole = false), ask?.incomplete?.()) };
    const part = await read(context, key, grown, range, watched, select);
    if (part === null) return null;
    base = known === null ? part : sumOf(base, part);
    if (whole) context.sums.keep({ key, segments: lasting, groups: base });
  }
  const rest = segments.filter((segment) => !lasting.has(segment));
  if (rest.length === 0) return base;
  const part = await read(context, key, rest, range, ask, select);
  return part === null ? null : sumOf(base, part);
}

async function read(
  context: CountingContext,
  key: string,
  segments: readonly Segment[],
  range: TimeRange,
  ask: AskOptions | undefined,
  select: (rows: Sql) => Sql,
): Promise<Groups | null> {
  const rows = await askSegments(context, segments, ask, (connection, left) =>
    fetchRows(connection, sql`${select(rowsOf(left, range))} LIMIT ${String(MAX_GROUPS + 1)}::BIGINT`),
  );
  if (rows.length <= MAX_GROUPS) return groupsOf(rows);
  context.sums.refuse(key, segments.length);
  return null;
}
