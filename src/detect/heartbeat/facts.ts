import type { ProbeKind } from '../../probe/sent-probe.ts';
import type { SensorHealth } from './report.ts';

/** A path that is probed, as the config names it (`probes.paths[]`). */
export interface PathOptions {
  name: string;
  /** Name of the sensor that must see it. */
  sensor: string;
  target: string;
  kinds: readonly ProbeKind[];
  interval_secs: number;
  jitter_percent: number;
}

/** A sensor, as the config names it (`sensors[]`). */
export interface SensorOptions {
  name: string;
  /** Ids of the sources that carry its events; null: every source does. */
  sources: readonly string[] | null;
  command_socket: string | null;
  interface: string | null;
}

/** The log of a sensor as the reader sees it. Times are milliseconds since the epoch. */
export interface SourceFacts {
  path: string;
  state: 'readable' | 'unreadable' | 'missing';
  /** Since when that state lasts; null where it is not known. */
  since: number | null;
  /** What the system said where it may not be read. */
  problem: string | null;
  /** Unread bytes, and since when there have been some without a break; null while there are none. */
  lag_bytes: number;
  lag_since: number | null;
  /** What is unread is the beginning of a line whose end has not been written: nothing that a reader could hurry with. */
  partial: boolean;
  /** When the newest line was read. */
  last_line: number | null;
  /** When the file last grew. Its mtime alone will not do: a write that fails for want of room moves it too. */
  last_growth: number | null;
  /** Room on the log's file system; null where it is not known. */
  free_bytes: number | null;
  /** Other sensors are read from it too: that it grows says nothing of this one. */
  shared?: true;
}

/** An interface of this machine (see host/interface.ts); null values are not known. */
export interface InterfaceFacts {
  name: string;
  exists: boolean;
  up: boolean | null;
  /** Packets received and sent: a mirror port receives, a dummy interface may only send. */
  packets: number | null;
  drops: number | null;
}

/** A look at Suricata's command socket (see host/suricata-socket.ts); null values were not answered. */
export interface SocketFacts {
  state: SensorHealth['command_socket'];
  /** What the system or Suricata said where the state is none of `answers` and `not_configured`. */
  problem: string | null;
  version: string | null;
  uptime_secs: number | null;
  rules: { loaded: number; failed: number; skipped: number | null } | null;
  last_reload: number | null;
  /** Sums over its interfaces. */
  capture: { packets: number; drops: number; invalid_checksums: number } | null;
  /** Answer of `dump-counters`: the same tree as in a stats event. */
  counters: unknown;
  /** When it was asked. */
  asked: number;
}

/** What the station knows of a sensor from outside of its events. */
export interface SensorFacts {
  source: SourceFacts | null;
  interface: InterfaceFacts | null;
  socket: SocketFacts | null;
  /** Of the TZSP streams that are injected into this interface; absent where none are. */
  stream?: StreamFacts;
}

/** Milliseconds since the epoch. */
export interface StreamFacts {
  /** When the newest frame came; null: none yet. */
  last: number | null;
  /** Since when the receiver listens. */
  since: number;
}

export interface StoreFacts {
  /** A commit waits: why, and since when. */
  waiting: { code: string; message: string; since: number } | null;
}

/** Handed over every second or two: the time between two of them also tells that the station itself stood still. */
export interface StationFacts {
  store: StoreFacts;
  /** By name of the sensor; one that is not named keeps what was last said of it. */
  sensors: Readonly<Record<string, SensorFacts>>;
}
