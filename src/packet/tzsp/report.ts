/**
 * What a receiver of TZSP tells about itself: counters since its start, one entry per router and output. Served as `tzsp` of GET /api/sensors,
 * shown by `varde tzsp --json`, judged by doctor, check and heartbeat. Times are milliseconds since the epoch.
 */
export interface TzspReport {
  time: number;
  started: number;
  /** `kernel`: eBPF redirects what it may, the rest takes the user path; `dgram`: koffi could not be loaded. */
  path: 'kernel' | 'user' | 'dgram';
  /** Why the kernel path is not taken, in plain words; null while it is. */
  noKernelPath: string | null;
  sockets: SocketReport[];
  /** Packets that this machine could not put together from IP fragments since the start, streams and all else: each may have held a frame. */
  reassemblyFailures: number;
  routers: RouterReport[];
  /** Datagrams of senders that are not believed. */
  refused: { datagrams: number; senders: { address: string; datagrams: number; lastSeen: number }[] };
  /** Believed senders that were forgotten, because no frame of theirs ever came. */
  forgotten: number;
  outputs: OutputReport[];
}

export interface SocketReport {
  address: string;
  /** As the kernel reports it: twice what was asked (socket(7), SO_RCVBUF). */
  receiveBufferBytes: number;
  wantedBytes: number;
  /** Datagrams dropped because the buffer was full (SO_RXQ_OVFL). */
  kernelDrops: number;
}

export interface RouterReport {
  address: string;
  /** Places in the report's `outputs` of those that are given its frames. */
  outputs: number[];
  firstSeen: number;
  /** Any datagram. */
  lastSeen: number;
  /** A datagram with a frame; null before the first. */
  lastFrame: number | null;
  datagrams: number;
  frames: number;
  /** Of frames. */
  bytes: number;
  /** Of these, taken by the kernel path. */
  kernelFrames: number;
  keepalives: number;
  /** The longest time without any datagram, keep-alive or not, since the start. */
  longestGapMs: number;
  /** Frames that came with an original length above what was sent along. */
  sliced: number;
  loops: number;
  duplicates: number;
  /** Datagrams without a usable frame, by reason; only reasons that occurred. */
  rejected: Partial<Record<RejectReason, number>>;
}

/** Order is the code that the parser returns: add at the end only. */
export const REJECT_REASONS = [
  'short_header',
  'version',
  'type',
  'tag_cut',
  'no_end_tag',
  'too_many_tags',
  'empty_frame',
  'truncated_datagram',
  'configuration',
  'reserved',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

export interface OutputReport {
  /** As configured: `inject dummy0`, `pcap /var/…`, `stream -`. */
  name: string;
  type: 'inject' | 'pcap' | 'pcapng' | 'stream';
  /** `waiting`: interface absent or down, no reader, no room on the disk; what comes meanwhile is counted as dropped. */
  state: 'open' | 'waiting';
  /** Why it waits, in plain words. */
  reason: string | null;
  frames: number;
  bytes: number;
  /** Only reasons that occurred. */
  dropped: Partial<Record<DropReason, number>>;
  /** Of an interface. */
  mtu: number | null;
  /** The MTU that would have let the largest frame through; null while none was too large. */
  mtuNeeded: number | null;
  /** Of a file: where it writes now. */
  file: string | null;
  lastFrame: number | null;
}

export const DROP_REASONS = [
  'too_large',
  'too_short',
  'not_ethernet',
  'interface_down',
  'interface_absent',
  'no_buffer',
  'no_reader',
  'blocked',
  'disk_full',
  'write_failed',
  'other_link_type',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];
