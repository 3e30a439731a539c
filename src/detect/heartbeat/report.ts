import type { ProbeKind } from '../../probe/sent-probe.ts';

/** The hops of a heartbeat, in the order of the way. `shipped` is there only where a back end is configured. */
export const HOPS = ['sent', 'answered', 'captured', 'decoded', 'alerted', 'read', 'stored', 'shipped'] as const;

export type Hop = (typeof HOPS)[number];

/** `alive`: seen in time. `late`: seen, but slowly, or overdue within the grace. `blind`: not seen. `unknown`: nothing can be said (yet). */
export type HeartbeatState = 'alive' | 'late' | 'blind' | 'unknown';

/** How a sighting was told to be ours: the signed token, or only what every log shows. */
export type Identity = 'token' | 'ports' | 'window';

/** Stable codes of causes; each has a sentence and a remedy in `causes.ts`, from which docs/reference/causes.md is made. */
export type CauseCode =
  | 'key_unusable' // the station cannot use its key: it sends no probe, and can tell none
  | 'sender_stopped' // no probe has been sent for longer than two intervals
  | 'no_route' // ENETUNREACH, EHOSTUNREACH from the routing table
  | 'send_refused' // EPERM, ENETDOWN, EACCES …
  | 'target_absent' // ARP or neighbour discovery unanswered: nothing goes onto the wire
  | 'mirror_down' // the capture interface has no link
  | 'router_stopped' // the TZSP stream that feeds the capture interface has ceased
  | 'mirror_silent' // link up, but the interface's and Suricata's packet counters stand still
  | 'suricata_stopped' // no process behind the command socket, stats have ceased
  | 'suricata_hung' // the process is there, but neither stats nor command socket answer
  | 'suricata_idle' // packets arrive at the interface, Suricata's counters stand still
  | 'capture_drops' // Suricata drops packets
  | 'invalid_checksums' // tcp.invalid_checksum rises, TCP probes alone are blind (offload)
  | 'rule_missing' // decoded, but no rule for the probe is loaded (or none alerts)
  | 'rules_broken' // rules_failed rises or rules_loaded fell at the last reload
  | 'rule_mismatch' // the rule is loaded, packets are decoded, yet no alert: HOME_NET, ports, direction
  | 'payload_missing' // the rule fires, but the log shows no payload any more, so that the probe cannot be told
  | 'eve_off' // Suricata works but writes no event at all
  | 'eve_buffered' // events come, but in lumps, with a delay
  | 'log_full' // the log's file system has no room
  | 'log_unreadable' // the log may not be read
  | 'log_missing' // the log file is not there
  | 'reader_late' // unread bytes are waiting
  | 'store_waiting' // commits wait: disk full, read-only
  | 'clock_skew' // packet time and arrival differ by more than the limit
  | 'kind_blind' // this kind alone is blind while others are alive, for no reason that is known
  | 'not_seen_yet' // just started, or within the grace after a reload
  | 'not_seen'; // blind, and nothing tells why

export interface HopReport {
  hop: Hop;
  state: HeartbeatState;
  /** What the state rests on: counters and lines, in plain words, most telling first. */
  evidence: string[];
  /** Last time at which this hop is proven, milliseconds since the epoch, or null. */
  last: number | null;
}

/** Loss and latency over one window. Latency of a hop is from `sent` to the hop, milliseconds. */
export interface WindowReport {
  window: '5m' | '1h' | '24h';
  sent: number;
  lost: number;
  /** Of those that are due; null where none is. */
  loss_percent: number | null;
  latency: Partial<Record<'answered' | 'alerted' | 'read' | 'stored', { p50: number; p95: number; p99: number }>>;
}

/** One path and kind: a chain of hops. */
export interface ChainReport {
  path: string;
  kind: ProbeKind;
  target: string;
  interval_secs: number;
  state: HeartbeatState;
  /** Where it broke, or null while alive. */
  hop: Hop | null;
  cause: CauseCode | null;
  /** One sentence for people. */
  message: string;
  remedy: string;
  identity: Identity | null;
  hops: HopReport[];
  windows: WindowReport[];
  /** Newest sighting of all, milliseconds since the epoch. */
  last_seen: number | null;
  last_seq: { sent: number | null; seen: number | null };
  /** Sequence numbers that never came, newest last, at most 20. */
  gaps: { from: number; to: number }[];
  /** Heartbeat lines that did not count, by reason: forged, unsigned, replayed, old, future, doubled. */
  refused: Record<string, number>;
  /** For the plot: per bin of the last 24 h `[start ms, sent, lost, p95 ms or null]`, oldest first, at most 288. */
  history: [number, number, number, number | null][];
}

/** What Suricata says of itself, from its stats events and its command socket; null where it does not say. */
export interface SensorHealth {
  version: string | null;
  uptime_secs: number | null;
  /** Newest stats event, milliseconds since the epoch (its own time, and when it arrived). */
  stats_time: number | null;
  stats_arrived: number | null;
  packets: number | null;
  drops: number | null;
  /** Since the stats event before: drops / packets, and drops / (packets + drops), percent. AF_PACKET counts drops in packets, others do not. */
  drop_percent: { of_packets: number | null; of_both: number | null };
  decoded: number | null;
  invalid_checksums: number | null;
  alerts: number | null;
  memcap_drops: number | null;
  memuse_percent: number | null;
  rules: { loaded: number; failed: number; skipped: number | null } | null;
  last_reload: number | null;
  /** Arrival minus packet time, milliseconds, median of the last lines. */
  skew_ms: number | null;
  command_socket: 'answers' | 'silent' | 'refused' | 'unreadable' | 'absent' | 'not_configured';
  interface: { name: string; up: boolean | null; packets: number | null } | null;
  problems: { code: string; message: string; remedy: string }[];
  /** `[ms, packets per second, drops per second]`, oldest first, at most 288. */
  history: [number, number | null, number | null][];
}

export interface SensorReport {
  name: string;
  /** The worst of its chains and of its health. */
  state: HeartbeatState;
  message: string;
  chains: ChainReport[];
  health: SensorHealth;
}

/** The answer of GET /api/sensors. */
export interface SensorsReport {
  now: number;
  sensors: SensorReport[];
  notify: {
    channels: string[];
    pending: number;
    last: { time: number; channel: string; ok: boolean; message: string } | null;
  };
}
