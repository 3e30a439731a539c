import { VardeError } from '../base/errors.ts';
import { EVENTS } from '../telemetry/event-list.ts';
import { METRICS } from '../telemetry/metric-list.ts';
import type { LiveStatus, StationStatus } from './api.ts';
import type { ViewDeps } from './deps.ts';
import { startLiveChannel, type LiveChannel, type Watched } from './live-channel.ts';
import { createLiveClient, type LiveClient } from './live-client.ts';

/** All open live streams. */
export interface LiveHub {
  /** A new stream; null watches the status alone. Throws too_many_clients. */
  open(watched: Watched | null): Response;
  close(): void;
}

export const MAX_CLIENTS = 64;
const STATUS_MS = 1000;
/** Unchanged status is repeated after this many ticks. */
const REPEAT_TICKS = 5;
const BEAT_MS = 15_000;

export interface LiveHubOptions {
  now: () => number;
  /** For tests. */
  beatMs?: number;
}

export function createLiveHub(deps: ViewDeps, { now, beatMs = BEAT_MS }: LiveHubOptions): LiveHub {
  const clients = new Set<LiveClient>();
  const channels = new Map<string, LiveChannel>();
  let shut: (() => void) | null = null;

  function statusText(): string {
    return JSON.stringify(liveStatus(deps.stationStatus()));
  }

  /** Timers and the subscription exist only while somebody watches: a quiet station stays quiet. */
  function start(): () => void {
    let last = '';
    let ticks = 0;
    const tell = setInterval(() => {
      const text = statusText();
      ticks++;
      if (text === last && ticks < REPEAT_TICKS) return;
      [last, ticks] = [text, 0];
      for (const client of clients) client.status(text);
    }, STATUS_MS);
    const beat = setInterval(() => {
      for (const client of clients) client.beat();
    }, beatMs);
    const unsubscribe = deps.subscribe(() => {
      for (const channel of channels.values()) channel.touch();
    });
    return () => {
      clearInterval(tell);
      clearInterval(beat);
      unsubscribe();
    };
  }

  function leave(client: LiveClient, key: string | null): void {
    if (!clients.delete(client)) return;
    deps.telemetry.metrics.set(METRICS.live, clients.size);
    const channel = key === null ? undefined : channels.get(key);
    channel?.clients.delete(client);
    if (channel?.clients.size === 0) {
      channel.stop();
      channels.delete(key!);
    }
    if (clients.size === 0) {
      shut?.();
      shut = null;
    }
  }

  function join(watched: Watched, key: string, client: LiveClient): void {
    let channel = channels.get(key);
    if (channel === undefined) {
      channel = startLiveChannel(deps, watched, now);
      channels.set(key, channel);
    }
    channel.clients.add(client);
  }

  return {
    open: (watched) => {
      if (clients.size >= MAX_CLIENTS) {
        deps.telemetry.emit(EVENTS.live_refused, { open: clients.size });
        throw new VardeError('too_many_clients', `${clients.size} live streams are open already.`);
      }
      const key = watched === null ? null : JSON.stringify([watched.expression, watched.columns]);
      const client = createLiveClient(() => leave(client, key));
      clients.add(client);
      deps.telemetry.metrics.set(METRICS.live, clients.size);
      shut ??= start();
      if (watched !== null) join(watched, key!, client);
      client.status(statusText());
      return new Response(client.stream, {
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
      });
    },
    close: () => {
      for (const channel of channels.values()) channel.stop();
      channels.clear();
      for (const client of clients) client.end();
      clients.clear();
      shut?.();
      shut = null;
    },
  };
}

function liveStatus(station: StationStatus): LiveStatus {
  return {
    lamp: station.lamp,
    events: station.store.events,
    events_per_sec: station.events_per_sec,
    newest: station.store.newest,
    in_flight: station.sources.reduce((sum, source) => sum + source.accounting.in_flight, 0),
    quarantined: station.store.quarantined,
  };
}
