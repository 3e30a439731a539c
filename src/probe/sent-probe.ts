/** The ways a heartbeat can be sent. ICMP is echo request, v4 or v6 by the target's address. */
export const PROBE_KINDS = ['icmp', 'udp', 'dns', 'http', 'tls'] as const;

export type ProbeKind = (typeof PROBE_KINDS)[number];

/** One probe as its sender knows it: identity, and what a log always shows of it. Sent to the station as JSON. */
export interface SentProbe {
  /** Name of the configured path (`probes.paths[].name`). */
  path: string;
  kind: ProbeKind;
  /** Counts up by one per path and kind, from 1; kept over restarts. */
  seq: number;
  /** Wall clock at the sender when it was handed to the kernel, milliseconds since the epoch. */
  sent: number;
  /** Null until it is known (ICMP and UDP know it from the route). */
  source_ip: string | null;
  source_port: number | null;
  destination_ip: string;
  destination_port: number | null;
  /**
   * Null while nothing speaks against it having reached the wire. Else why it did not: a system code (`ENETUNREACH`, `EHOSTUNREACH`,
   * `EPERM`, `ENETDOWN` …) or `arp_unanswered` (the neighbour did not answer, so nothing was sent).
   */
  error: string | null;
  /** Round trip, milliseconds; null while no answer came. An answer is welcome, not needed: an IDS sees the question too. */
  answered_ms: number | null;
}
