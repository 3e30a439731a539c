import { computed, signal } from '@preact/signals';
import type { EventRow } from '../../src/view/api.ts';
import { Failure, failureOf, isAbort, stream } from './api.ts';

/** What the list of events was asked for. Microseconds; null is open. */
export interface ListQuestion {
  q: string;
  from: number | null;
  to: number | null;
  columns: string[];
  sort: 'newest' | 'oldest';
}

export type Phase = 'idle' | 'searching' | 'done' | 'cancelled' | 'failed';

const FIRST_PAGE = 1000;
const NEXT_PAGE = 5000;
/** With the oldest first the station gives one page and no next one: then the largest that it gives. */
const OLDEST_PAGE = 10_000;
/** A browser's tallest box holds about 600,000 rows of 28 px. */
const MOST_ROWS = 500_000;
/** More new rows than these are not kept waiting: one then asks afresh. */
const MOST_WAITING = 5000;

/** Rows newest first (or oldest first where asked so). They belong to the question before while {@link stale}. */
export const rows = signal<readonly EventRow[]>([]);
export const phase = signal<Phase>('idle');
export const stale = signal(false);
/** Segments looked at so far; null until the station says. */
export const progress = signal<{ done: number; total: number } | null>(null);
/** The station stopped before all segments were looked at. */
export const partial = signal(false);
export const failure = signal<Failure | null>(null);
export const tookMillis = signal<number | null>(null);
/** Events that came after the list was asked for, newest first. */
export const waiting = signal<readonly EventRow[]>([]);
/** New events that are not among the waiting ones: more came than are kept, or the stream was broken for a while. */
export const overflow = signal<'many' | 'missed' | null>(null);

const next = signal<string | null>(null);
export const hasMore = computed(() => next.value !== null && rows.value.length < MOST_ROWS);

let question: ListQuestion | null = null;
let control: AbortController | null = null;
/** Ids of what is on the list or waits, as far as live rows may repeat them. */
let seen = new Set<string>();

/** Asks anew; what is shown stays, stale, until the first answer. */
export function search(asked: ListQuestion): void {
  question = asked;
  stale.value = rows.peek().length > 0;
  waiting.value = [];
  overflow.value = null;
  seen = new Set();
  void run(null);
}

/** The next page, older events. */
export function more(): void {
  if (phase.peek() === 'searching' || !hasMore.peek() || question === null) return;
  void run(next.peek());
}

export function cancel(): void {
  if (phase.peek() !== 'searching') return;
  control?.abort();
  phase.value = 'cancelled';
  partial.value = true;
  if (stale.peek()) {
    // Nothing of the new question has come: an old answer must not stand for it.
    rows.value = [];
    stale.value = false;
  }
}

/** Forgets everything: the page was left. */
export function leave(): void {
  control?.abort();
  rows.value = [];
  waiting.value = [];
  phase.value = 'idle';
}

async function run(after: string | null): Promise<void> {
  control?.abort();
  const mine = new AbortController();
  control = mine;
  phase.value = 'searching';
  failure.value = null;
  progress.value = null;
  if (after === null) {
    partial.value = false;
    next.value = null;
  }
  let fresh = after === null;
  let batch: EventRow[] = [];
  let frame = 0;
  const put = (): void => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (mine.signal.aborted) return;
    for (const row of batch) if (seen.size < 20_000) seen.add(row.id);
    if (fresh) rows.value = batch;
    else if (batch.length > 0) rows.value = rows.peek().concat(batch);
    fresh = false;
    stale.value = false;
    batch = [];
  };
  try {
    const { columns, ...rest } = question!;
    const params = {
      ...rest,
      columns: columns.join(','),
      limit: rest.sort === 'oldest' ? OLDEST_PAGE : after === null ? FIRST_PAGE : NEXT_PAGE,
      after,
    };
    await stream('events', params, mine.signal, (message) => {
      if (mine.signal.aborted) return;
      if ('rows' in message) {
        for (const row of message.rows) batch.push(row);
        // At most once a frame, however finely the stream comes.
        if (batch.length > 0 && frame === 0) frame = requestAnimationFrame(put);
      } else if ('progress' in message) progress.value = message.progress;
      else if ('error' in message) throw new Failure(message.error);
      else {
        put();
        next.value = message.end.next;
        partial.value = message.end.partial;
        tookMillis.value = message.end.took_ms;
        phase.value = 'done';
      }
    });
    if (mine.signal.aborted || phase.peek() !== 'searching') return;
    // The stream broke off without its last message: what is there stays, and is said to be a part.
    put();
    partial.value = true;
    phase.value = 'done';
  } catch (error) {
    if (isAbort(error) || mine.signal.aborted) return;
    put();
    failure.value = failureOf(error);
    phase.value = 'failed';
  }
}

/**
 * New events of the live stream: they wait until {@link admit}. The stream knows nothing of the range, and history that is being read is
 * new to the store but not to the list: what lies outside is dropped. `cut` says that older ones were left out behind those that came.
 */
export function arrive(came: readonly EventRow[], cut: boolean = false): void {
  const { from = null, to = null } = question ?? {};
  const inside = came.filter(({ ts }) => (from === null || ts >= from) && (to === null || ts < to));
  // What was left out is older than all that came: it belongs to the list only where all of these do.
  if (cut && inside.length === came.length) overflow.value = 'many';
  const fresh = inside.filter(({ id }) => !seen.has(id));
  if (fresh.length === 0) return;
  for (const { id } of fresh) seen.add(id);
  if (waiting.peek().length + fresh.length > MOST_WAITING) {
    overflow.value = 'many';
    return;
  }
  waiting.value = newestFirst([...fresh, ...waiting.peek()]);
}

/** Puts the waiting events where their time belongs: mostly on top, late ones further down. Returns how many. */
export function admit(): number {
  const came = waiting.peek();
  if (came.length === 0) return 0;
  const all = rows.peek();
  const oldest = came.at(-1)!.ts;
  let cut = 0;
  while (cut < all.length && all[cut]!.ts >= oldest) cut++;
  rows.value = newestFirst([...came, ...all.slice(0, cut)])
    .concat(all.slice(cut))
    .slice(0, MOST_ROWS);
  waiting.value = [];
  return came.length;
}

/** Stable: events of one microsecond stay in the order they came in. */
function newestFirst(list: EventRow[]): EventRow[] {
  return list.sort((a, b) => b.ts - a.ts);
}
