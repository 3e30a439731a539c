import type { EventRow } from '../store/store.ts';
import type { ViewDeps } from './deps.ts';
import { MAX_WAITING_ROWS, type LiveClient } from './live-client.ts';
import { apiError, asVardeError, reportFailure } from './respond.ts';

/** What a live stream shows. */
export interface Watched {
  expression: string;
  columns: string[];
}

/** All clients that watch the same: one question per commit for all of them. */
export interface LiveChannel {
  readonly clients: Set<LiveClient>;
  /** Something was committed. */
  touch(): void;
  stop(): void;
}

/** Commits come several times a second; questions about them need not. */
const PAUSE_MS = 500;
/** Sensors write from several threads, and a flow is written at its end: rows this much older than the newest one are still new. */
const OVERLAP_MICROS = 60e6;
/** A broken clock somewhere shall not fill the newest rows for ever. */
const FUTURE_MICROS = 3600e6;
const LIMIT = MAX_WAITING_ROWS;

/** Starts at once: what is in the store now counts as seen. */
export function startLiveChannel(deps: ViewDeps, watched: Watched, now: () => number): LiveChannel {
  const clients = new Set<LiveClient>();
  const stopped = new AbortController();
  let dirty = false;
  let wake: (() => void) | null = null;
  let seen = new Set<string>();
  let newest: number | null = deps.storeStatus().newest;

  async function ask(): Promise<EventRow[]> {
    const nowMicros = now() * 1000;
    const from = newest === null ? null : Math.min(newest, nowMicros) - OVERLAP_MICROS;
    const range = { from, to: nowMicros + FUTURE_MICROS };
    const { rows } = await deps
      .questions()
      .list(watched.expression, range, { columns: watched.columns, limit: LIMIT }, { signal: stopped.signal });
    const fresh = rows.filter((row) => !seen.has(row.id));
    // Rows that fall out of the window cannot come back: they are older than all that is shown.
    seen = new Set(rows.map((row) => row.id));
    for (const row of rows) newest = Math.max(newest ?? row.ts, row.ts);
    return fresh;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stopped.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      stopped.signal.addEventListener('abort', end, { once: true });
    });
  }

  async function run(): Promise<void> {
    let first = true;
    while (!stopped.signal.aborted) {
      try {
        dirty = false;
        const fresh = await ask();
        if (!first && fresh.length > 0) {
          for (const client of clients) {
            client.rows(fresh);
            if (fresh.length === LIMIT) client.gap();
          }
        }
        first = false;
      } catch (thrown) {
        if (stopped.signal.aborted) return;
        const error = asVardeError(thrown);
        reportFailure(error, '/api/live', deps.telemetry);
        for (const client of clients) client.problem(JSON.stringify(apiError(error)));
      }
      await pause(PAUSE_MS);
      if (!dirty && !stopped.signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  const touch = (): void => {
    dirty = true;
    wake?.();
    wake = null;
  };
  void run();
  return {
    clients,
    touch,
    stop: () => {
      stopped.abort();
      touch();
    },
  };
}
