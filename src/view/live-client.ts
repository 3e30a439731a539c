import type { EventRow } from '../store/store.ts';

/** At most this many rows wait for a client; a slow one gets the newest, and is told that some are missing. */
export const MAX_WAITING_ROWS = 200;

/** One open event stream (HTML standard, "Server-sent events"): takes what is new, hands it out as fast as its reader takes it. */
export interface LiveClient {
  readonly stream: ReadableStream<Uint8Array>;
  /** Newest first. */
  rows(rows: readonly EventRow[]): void;
  /** More happened than is shown: the page should ask its list again. */
  gap(): void;
  /** JSON of a LiveStatus; only the latest is kept. */
  status(json: string): void;
  /** JSON of an ApiError. */
  problem(json: string): void;
  /** A comment line: keeps the connection alive, and tells us of a reader who has gone. */
  beat(): void;
  end(): void;
}

export function createLiveClient(closed: () => void): LiveClient {
  const encoder = new TextEncoder();
  let rows: EventRow[] = [];
  let gap = false;
  let status: string | null = null;
  let problem: string | null = null;
  let comment = 'retry: 3000\n\n';
  let ended = false;
  let wake: (() => void) | null = null;

  const notify = (): void => {
    wake?.();
    wake = null;
  };

  /** Everything that waits, as text; empty when nothing does. JSON has no line feeds, so one `data` line holds it. */
  function take(): string {
    let text = comment;
    if (gap) text += `event: gap\ndata: {"limit":${MAX_WAITING_ROWS}}\n\n`;
    if (rows.length > 0) text += `event: rows\ndata: ${JSON.stringify(rows)}\n\n`;
    if (status !== null) text += `event: status\ndata: ${status}\n\n`;
    if (problem !== null) text += `event: problem\ndata: ${problem}\n\n`;
    [comment, gap, rows, status, problem] = ['', false, [], null, null];
    return text;
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const text = take();
          if (text !== '') {
            controller.enqueue(encoder.encode(text));
            return;
          }
          if (ended) {
            controller.close();
            return;
          }
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      cancel() {
        ended = true;
        notify();
        closed();
      },
    },
    { highWaterMark: 0 },
  );

  return {
    stream,
    rows: (fresh) => {
      if (rows.length + fresh.length > MAX_WAITING_ROWS) gap = true;
      rows = [...fresh, ...rows].slice(0, MAX_WAITING_ROWS);
      notify();
    },
    gap: () => {
      gap = true;
      notify();
    },
    status: (json) => {
      status = json;
      notify();
    },
    problem: (json) => {
      problem = json;
      notify();
    },
    beat: () => {
      comment ||= ': alive\n\n';
      notify();
    },
    end: () => {
      ended = true;
      notify();
    },
  };
}
