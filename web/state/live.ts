import { computed, signal } from '@preact/signals';
import type { EventRow, LiveStatus, StationStatus } from '../../src/view/api.ts';
import { apiPath, ask, type Params } from './api.ts';

/** What the station says each second. */
export const liveStatus = signal<LiveStatus | null>(null);
/** The whole report, asked when it is shown. */
export const station = signal<StationStatus | null>(null);
/** Milliseconds since the epoch since when nothing comes; null while all is well. */
export const silentSince = signal<number | null>(null);
/** Station's clock minus ours, milliseconds: "last 5 minutes" is meant by the station's clock. */
export const clockOffset = signal(0);

/** Microseconds since the epoch by the station's clock. */
export function nowMicros(): number {
  return (Date.now() + clockOffset.peek()) * 1000;
}

export async function refreshStation(signal?: AbortSignal): Promise<StationStatus> {
  const value = await ask<StationStatus>('status', {}, signal);
  // Half a second is the way there and back; only a real difference counts.
  const offset = value.now - Date.now();
  clockOffset.value = Math.abs(offset) > 1500 ? offset : 0;
  station.value = value;
  return value;
}

/** The lamp as shown: an unreachable station makes everything unknown, whatever it said last. */
export const lamp = computed((): StationStatus['lamp'] => {
  if (silentSince.value !== null)
    return { state: 'unknown', reason: 'The station does not answer, so nothing is known.' };
  return (
    liveStatus.value?.lamp ??
    station.value?.lamp ?? { state: 'unknown', reason: 'Waiting for the first word of the station.' }
  );
});

/** A status comes at least every five seconds; this long without one is an outage even where the connection seems open. */
const SILENCE_MILLIS = 20_000;

/**
 * Opens the page's one event stream. A hidden page lets go of it after a while: a browser has six connections to one place, and
 * forgotten tabs would block the next one. `rows` gets the newest; `cut` says that older ones were left out behind them. `missed` says
 * that the stream was broken for a while, so that anything may have come.
 */
export function openLive(
  params: Params,
  rows: (rows: EventRow[], cut: boolean) => void,
  missed: () => void,
): () => void {
  let source: EventSource | null = null;
  let closing: ReturnType<typeof setTimeout> | undefined;
  let watching: ReturnType<typeof setTimeout> | undefined;
  let broken = false;
  /** The next rows are only the newest ones of those that came: the station says so just before them. */
  let cut = false;

  const heard = (): void => {
    silentSince.value = null;
    clearTimeout(watching);
    watching = setTimeout(() => (silentSince.value ??= Date.now()), SILENCE_MILLIS);
  };
  const open = (): void => {
    if (source) return;
    source = new EventSource(apiPath('live', params));
    source.addEventListener('open', () => {
      if (broken) missed();
      broken = false;
      heard();
    });
    source.addEventListener('status', (event) => {
      heard();
      liveStatus.value = JSON.parse((event as MessageEvent<string>).data) as LiveStatus;
    });
    source.addEventListener('rows', (event) => {
      heard();
      rows(JSON.parse((event as MessageEvent<string>).data) as EventRow[], cut);
      cut = false;
    });
    source.addEventListener('gap', () => (cut = true));
    source.addEventListener('problem', missed);
    source.addEventListener('error', () => {
      broken = true;
      silentSince.value ??= Date.now();
      // A refused stream is not tried again by the browser itself.
      if (source?.readyState === EventSource.CLOSED) {
        close();
        closing = setTimeout(open, 3000);
      }
    });
    clearTimeout(watching);
    watching = setTimeout(() => (silentSince.value ??= Date.now()), SILENCE_MILLIS);
  };
  const close = (): void => {
    source?.close();
    source = null;
    clearTimeout(watching);
  };
  const seen = (): void => {
    clearTimeout(closing);
    if (document.visibilityState === 'visible') open();
    else
      closing = setTimeout(() => {
        broken = true;
        close();
      }, 30_000);
  };
  document.addEventListener('visibilitychange', seen);
  seen();
  return () => {
    document.removeEventListener('visibilitychange', seen);
    clearTimeout(closing);
    close();
  };
}
