import { counter, gauge, histogram } from './metric.ts';

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Every metric of Varde: the one list; `docs/reference/telemetry.md` is generated from it. */
export const METRICS = {
  // Per source. They come from the committed accounting, so they survive a restart: read = stored + quarantined + in flight.
  source_read: counter('source_read', 'lines', 'Lines read from the files of a source.', ['source']),
  source_stored: counter('source_stored', 'events', 'Events committed to the store.', ['source']),
  source_quarantined: counter('source_quarantined', 'lines', 'Lines kept in the quarantine.', ['source']),
  source_in_flight: gauge('source_in_flight', 'lines', 'Lines read but not yet committed.', ['source']),
  source_lag: gauge('source_lag', 'bytes', 'Bytes on disk that wait to be read.', ['source']),
  source_last_line: gauge('source_last_line_timestamp', 'seconds', 'When the last line was read, seconds since 1970.', [
    'source',
  ]),
  source_files: gauge('source_watched', 'files', 'Files of a source by state.', ['source', 'state']),

  store_events: gauge('store', 'events', 'Events in the store.'),
  store_quarantine: gauge('store_quarantine', 'lines', 'Lines in the quarantine.'),
  store_segments: gauge('store', 'segments', 'Segments of the store by level (fresh: in memory, disk: merged).', [
    'level',
  ]),
  store_set_aside: gauge('store_set_aside', 'segments', 'Damaged segments that were set aside.'),
  store_size: gauge('store_size', 'bytes', 'Size of the store by part.', ['part']),
  store_raw: gauge('store_raw', 'bytes', 'Bytes of the raw lines that the store holds.'),
  store_oldest: gauge('store_oldest_event_timestamp', 'seconds', 'Time of the oldest event, seconds since 1970.'),
  store_newest: gauge('store_newest_event_timestamp', 'seconds', 'Time of the newest event, seconds since 1970.'),
  store_disk_free: gauge('store_disk_free', 'bytes', 'Free bytes on the disk of the store.'),
  store_disk: gauge('store_disk', 'bytes', 'Size of the disk of the store.'),
  store_removed: counter('store_removed', 'events', 'Events that retention removed.'),
  store_waiting: gauge(
    'store_commit_waiting',
    'seconds',
    'How long commits have been waiting (disk full, read-only folder); 0 while they do not.',
  ),
  store_written: counter('store_written', 'bytes', 'Bytes written by commits and merges, by level.', ['level']),
  store_commits: counter('store', 'commits', 'Commits by level.', ['level']),
  store_commit_duration: histogram(
    'store_commit_duration',
    'seconds',
    'Time from handing over a batch to its visibility.',
    SECONDS,
  ),

  question_duration: histogram(
    'question_duration',
    'seconds',
    'Time until a question was answered, by kind.',
    SECONDS,
    ['question'],
  ),
  http: counter('http', 'requests', 'Requests answered, by route and status.', ['route', 'status']),
  http_refused: counter('http_refused', 'requests', 'Requests refused because of where they came from, by reason.', [
    'reason',
  ]),
  live: gauge('live', 'clients', 'Open live streams.'),

  // Of the heartbeat. Per chain (path and kind) they are left out where there are more than 500.
  heartbeat_sensor: gauge('heartbeat_sensor', 'state', '1 for the state of a sensor, 0 for the others.', [
    'sensor',
    'state',
  ]),
  heartbeat_alive: gauge(
    'heartbeat_alive',
    'state',
    '1 while the heartbeat of a path and kind comes in time, else 0.',
    ['sensor', 'path', 'kind'],
  ),
  heartbeat_loss: gauge(
    'heartbeat_loss',
    'ratio',
    'Part of the probes of the last five minutes that never came, 0 to 1.',
    ['sensor', 'path', 'kind'],
  ),
  heartbeat_latency: gauge(
    'heartbeat_latency_p95',
    'seconds',
    'From sending to a hop, 95th percentile of the last five minutes.',
    ['sensor', 'path', 'kind', 'hop'],
  ),
  heartbeat_seen: gauge(
    'heartbeat_last_seen_timestamp',
    'seconds',
    'When the newest heartbeat was seen, seconds since 1970.',
    ['sensor', 'path', 'kind'],
  ),
  sensor_packets: counter('sensor_captured', 'packets', 'Packets that Suricata captured, by its own word.', ['sensor']),
  sensor_drops: counter('sensor_dropped', 'packets', 'Packets that Suricata dropped, by its own word.', ['sensor']),
  sensor_uptime: gauge('sensor_uptime', 'seconds', 'Uptime of Suricata, by its own word.', ['sensor']),
  notify_pending: gauge('notify_pending', 'messages', 'Messages that wait to be delivered.'),

  tzsp_datagrams: counter('tzsp_router', 'datagrams', 'Datagrams of a router that streams TZSP.', ['router']),
  tzsp_frames: counter('tzsp_router', 'frames', 'Frames of a router that streams TZSP.', ['router']),
  tzsp_bytes: counter('tzsp_router', 'bytes', 'Bytes of the frames of a router.', ['router']),
  tzsp_kernel_frames: counter('tzsp_router_kernel', 'frames', 'Frames of a router that the kernel passed on.', [
    'router',
  ]),
  tzsp_seen: gauge('tzsp_router_last_seen_timestamp', 'seconds', 'When a router last sent, seconds since 1970.', [
    'router',
  ]),
  tzsp_keepalives: counter('tzsp_router_keepalive', 'datagrams', 'Keep-alives and port openers of a router.', [
    'router',
  ]),
  tzsp_silence: gauge(
    'tzsp_router_longest_silence',
    'seconds',
    'Longest time without any datagram of a router, keep-alive or not, since the receiver started.',
    ['router'],
  ),
  tzsp_rejected: counter(
    'tzsp_router_rejected',
    'datagrams',
    'Datagrams without a usable frame by reason; loop and duplicate are frames that were dropped on purpose.',
    ['router', 'reason'],
  ),
  tzsp_refused: counter('tzsp_refused', 'datagrams', 'Datagrams of senders that are not believed.'),
  tzsp_kernel_drops: counter('tzsp_kernel_dropped', 'datagrams', 'Datagrams lost because a receive buffer was full.', [
    'socket',
  ]),
  tzsp_reassembly: counter(
    'tzsp_reassembly_failed',
    'datagrams',
    'Packets that this machine could not put together from IP fragments, of streams and all else.',
  ),
  tzsp_written: counter('tzsp_output', 'frames', 'Frames that an output took.', ['output']),
  tzsp_written_bytes: counter('tzsp_output', 'bytes', 'Bytes of the frames that an output took.', ['output']),
  tzsp_dropped: counter('tzsp_output_dropped', 'frames', 'Frames that an output could not take, by reason.', [
    'output',
    'reason',
  ]),
  tzsp_mtu_needed: gauge(
    'tzsp_output_needed_mtu',
    'bytes',
    'MTU that would have let the largest frame through; absent while none was too large.',
    ['output'],
  ),
  tzsp_open: gauge('tzsp_output_open', 'state', '1 while an output takes frames, 0 while it waits.', ['output']),

  lamp: gauge('station_lamp', 'state', '1 for the state that the health lamp shows, 0 for the others.', ['state']),
  build: gauge('build', 'info', 'Always 1; the label names the version.', ['version']),
  memory: gauge('process_resident_memory', 'bytes', 'Resident memory of the station.'),
  cpu: counter('process_cpu', 'seconds', 'CPU time of the station, user and system.'),
  started: gauge('process_start_timestamp', 'seconds', 'When the station started, seconds since 1970.'),

  /** Counts every named event; `emit` does it. */
  telemetry: counter('telemetry', 'events', 'Named events that happened, by name and error code (empty without one).', [
    'event',
    'code',
  ]),
} as const;
