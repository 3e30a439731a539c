import type { AskOptions, TimeRange } from '../../store.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import { type Groups, groupsOf, mergeInto } from './groups.ts';
import { isInside, rowsOf } from './relation.ts';
import { OutOfMemory, askOnce, fetchRows } from './run.ts';
import { type Sql, sql } from './sql-text.ts';

/** More groups are not brought into the program's memory; all ports are. */
const MAX_GROUPS = 66_000;
/** Memory for all sums: a group takes about 150 bytes. */
const MAX_KEPT_GROUPS = 100_000;
/** So many segments tell whether a field has too many values, before all are read. */
const PROBE_SEGMENTS = 4;
/** Sums of one question over different stretches of time (a day, a week) that are kept side by side. */
const MAX_PER_KEY = 4;

interface Entry {
  key: string;
  segments: ReadonlySet<Segment>;
  /** The sum is both together: while lines come in, what is new is added to the small one, and the large one need not be copied. */
  groups: Groups;
  recent: Groups;
}

/** The small sum becomes part of the large one when it is this large beside it. */
const FOLD_SHARE = 0.25;

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
    let total = this.entries.reduce((sum, { groups, recent }) => sum + sizeOf({ groups, recent }), 0);
    while (total > MAX_KEPT_GROUPS) total -= sizeOf(this.entries.shift()!);
  }

  refuse(key: string, segments: number): void {
    if (this.refused.size > 1000) {
      this.refused.clear();
      this.parts.clear();
    }
    this.refused.set(key, segments);
  }

  /** Parts into which the values of a refused question had to be split, to fit into memory. */
  readonly parts = new Map<string, number>();

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
 * everything that it depends on. The parts are to be taken {@link together}. Null where there are too many groups: then SQL alone must answer.
 */
export async function countGroups(
  context: CountingContext,
  key: string,
  segments: readonly Segment[],
  range: TimeRange,
  ask: AskOptions | undefined,
  select: (rows: Sql) => Sql,
): Promise<[Groups, ...Groups[]] | null> {
  if (context.sums.isRefused(key, segments.length)) return null;
  const lasting = new Set(segments.filter((segment) => segment.level === 'disk' && isInside(segment, range)));
  const known = context.sums.find(key, lasting);
  const grown = [...lasting].filter((segment) => known?.segments.has(segment) !== true);
  let sum: Pick<Entry, 'groups' | 'recent'> = known ?? { groups: new Map(), recent: new Map() };
  if (grown.length > 0) {
    const added: Groups = new Map();
    let whole = true;
    const watched = { ...ask, incomplete: () => ((whole = false), ask?.incomplete?.()) };
    for (const some of [grown.slice(0, PROBE_SEGMENTS), grown.slice(PROBE_SEGMENTS)]) {
      const part = await read(context, some, range, watched, select);
      if (part !== null) mergeInto(added, part);
      if (part === null || added.size > MAX_GROUPS) return refuse(context, key, segments.length);
    }
    sum = grow(sum, added);
    if (sum.groups.size > MAX_GROUPS) return refuse(context, key, segments.length);
    if (whole) context.sums.keep({ key, segments: lasting, ...sum });
  }
  const rest = await read(
    context,
    segments.filter((segment) => !lasting.has(segment)),
    range,
    ask,
    select,
  );
  return rest === null ? refuse(context, key, segments.length) : [sum.groups, sum.recent, rest];
}

/** What is kept may be in the hands of an answer that is being made: new sums, not larger old ones. */
function grow({ groups, recent }: Pick<Entry, 'groups' | 'recent'>, added: Groups): Pick<Entry, 'groups' | 'recent'> {
  const fresh: Groups = new Map();
  mergeInto(fresh, recent);
  mergeInto(fresh, added);
  if (fresh.size <= groups.size * FOLD_SHARE && groups.size + fresh.size <= MAX_GROUPS)
    return { groups, recent: fresh };
  const all: Groups = new Map();
  mergeInto(all, groups);
  mergeInto(all, fresh);
  return { groups: all, recent: new Map() };
}

function sizeOf({ groups, recent }: Pick<Entry, 'groups' | 'recent'>): number {
  return groups.size + recent.size + 10;
}

function refuse(context: CountingContext, key: string, segments: number): null {
  context.sums.refuse(key, segments);
  return null;
}

async function read(
  context: CountingContext,
  segments: readonly Segment[],
  range: TimeRange,
  ask: AskOptions | undefined,
  select: (rows: Sql) => Sql,
): Promise<Groups | null> {
  if (segments.length === 0) return new Map();
  try {
    const rows = await askOnce(context, segments, ask, (connection, left) =>
      fetchRows(connection, sql`${select(rowsOf(left, range))} LIMIT ${String(MAX_GROUPS + 1)}::BIGINT`),
    );
    return rows.length > MAX_GROUPS ? null : groupsOf(rows);
  } catch (error) {
    if (error instanceof OutOfMemory) return null;
    throw error;
  }
}
