import type { AskOptions, TimeRange } from '../../store.ts';
import { holding } from '../key-file.ts';
import type { Key } from '../key-filter.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import type { RowKey } from './event-rows.ts';
import { type Order, type Slice, extent, nextSlice } from './slices.ts';

/** Rows of a slice at most where lines are read: some 200 MB of text, a fraction of a second, so that hits and progress keep coming. */
export const MAX_TEXT_ROWS = 262_144;

/** The next slice is at most so many times as large. */
const MAX_LEAP = 32;

/** What one slice gave: its rows in order, at most `limit` of them; `more` is set where the slice holds more behind the last one. */
export interface Page<T> {
  rows: { key: RowKey; value: T }[];
  /** Rows that were looked at for it. */
  read: number;
  more: RowKey | null;
}

/** Reads one slice behind `after`. */
export type ReadSlice<T> = (slice: Slice, after: RowKey | null, order: Order) => Promise<Page<T>>;

export interface WalkOptions {
  order: Order;
  after: RowKey | null;
  /** Rows that a slice should be estimated to hold: at the start, and at most. */
  firstRows: number;
  mostRows: number;
  /** Rows that are looked at for one page at most; slices grow while it are fewer. */
  pageRows: number;
  /** Every row that is looked for has all of them. */
  keys?: readonly Key[];
}

/**
 * Goes through time in slices, newest or oldest first, and yields the rows of each. Slices do not overlap in time, so what was yielded is
 * final: a list can stop as soon as it is full, and a search shows its hits while it goes on. Slices grow while they give little.
 */
export async function* walk<T>(
  context: QuestionContext,
  range: TimeRange,
  options: WalkOptions,
  read: ReadSlice<T>,
  ask: AskOptions | undefined,
): AsyncGenerator<Page<T>['rows'], void> {
  const segments = holding(context.catalogue.segments(range), options.keys ?? []).filter(
    (segment) => segment.min_ts !== null,
  );
  if (segments.length === 0) return;
  // Pinned for the whole walk: a merge meanwhile must not take away what is still to be read.
  context.catalogue.pin(segments);
  try {
    yield* slices(segments, range, options, read, ask);
  } finally {
    context.catalogue.unpin(segments);
  }
}

async function* slices<T>(
  segments: Segment[],
  range: TimeRange,
  options: WalkOptions,
  read: ReadSlice<T>,
  ask: AskOptions | undefined,
): AsyncGenerator<Page<T>['rows'], void> {
  const { order } = options;
  const whole = extent(segments);
  let from = Math.max(range.from ?? -Infinity, whole.from);
  let to = Math.min(range.to ?? Infinity, whole.to);
  let after = options.after;
  if (after !== null && order === 'newest') to = Math.min(to, after.ts + 1);
  if (after !== null && order === 'oldest') from = Math.max(from, after.ts);
  let wanted = options.firstRows;
  // Estimated rows in the slices so far, and how many of them were looked at.
  let looked = 0;
  let seen = 0;
  while (from < to) {
    const slice = nextSlice(segments, from, to, wanted, order);
    if (slice.segments.length > 0) {
      const page = await read(slice, after, order);
      if (page.rows.length > 0) yield page.rows;
      if (page.more !== null) {
        // Denser than thought: go on behind its last row, in smaller steps.
        after = page.more;
        if (order === 'newest') to = after.ts + 1;
        else from = after.ts;
        wanted = Math.max(options.pageRows, wanted / 2);
        continue;
      }
      looked += wanted;
      seen += page.read;
      wanted = Math.min(options.mostRows, wanted * MAX_LEAP, nextSize(options.pageRows, seen, looked));
    }
    if (order === 'newest') to = slice.from;
    else from = slice.to;
    after = null;
    ask?.progress?.(
      segments.filter((s) => (order === 'newest' ? s.min_ts! >= to : s.max_ts! < from)).length,
      segments.length,
    );
  }
}

/** Rows that the next slice should hold, so that the page gets full with it: each slice costs a question of its own. */
function nextSize(pageRows: number, seen: number, looked: number): number {
  const missing = seen < pageRows ? pageRows - seen : pageRows;
  return (1.1 * missing * looked) / Math.max(1, seen);
}
