import type { ChainReport, SensorHealth, SensorReport } from '../../detect/heartbeat/report.ts';
import type { SensorsAnswer, SourceReport, StationStatus } from '../../view/api.ts';

/** Answers of a station as the checks get them, well unless changed. All times are relative to this one. */
export const NOW = 1_795_500_000_000;

export function chain(changes: Partial<ChainReport> = {}): ChainReport {
  return {
    path: 'lan',
    kind: 'icmp',
    target: '192.0.2.2',
    interval_secs: 60,
    state: 'alive',
    hop: null,
    cause: null,
    message: 'Seen in time.',
    remedy: '',
    identity: 'token',
    hops: [],
    windows: [
      { window: '5m', sent: 5, lost: 0, loss_percent: 0, latency: { stored: { p50: 300, p95: 900, p99: 950 } } },
      { window: '1h', sent: 60, lost: 1, loss_percent: 1.67, latency: {} },
      { window: '24h', sent: 60, lost: 1, loss_percent: 1.67, latency: {} },
    ],
    last_seen: NOW - 12_000,
    last_seq: { sent: 5, seen: 5 },
    gaps: [],
    refused: {},
    history: [],
    ...changes,
  };
}

export function health(changes: Partial<SensorHealth> = {}): SensorHealth {
  return {
    version: '7.0.10',
    uptime_secs: 3600,
    stats_time: NOW - 5000,
    stats_arrived: NOW - 4000,
    packets: 100_000,
    drops: 10,
    drop_percent: { of_packets: 0.01, of_both: 0.0099 },
    decoded: 99_990,
    invalid_checksums: 0,
    alerts: 60,
    memcap_drops: 0,
    memuse_percent: 3,
    rules: { loaded: 5, failed: 0, skipped: 0 },
    last_reload: null,
    skew_ms: 1,
    command_socket: 'answers',
    interface: null,
    problems: [],
    history: [],
    ...changes,
  };
}

export function sensor(changes: Partial<SensorReport> = {}): SensorReport {
  return { name: 'sensor', state: 'alive', message: 'All is seen.', chains: [chain()], health: health(), ...changes };
}

export function sensors(list: SensorReport[] = [sensor()]): Omit<SensorsAnswer, 'demo'> {
  const notify = { channels: [], pending: 0, last: null };
  return { now: NOW, sensors: list, notify, tzsp: null, tzsp_problems: [] };
}

export function source(changes: Partial<SourceReport> = {}): SourceReport {
  return {
    id: 'file_tail:0',
    type: 'file_tail',
    parser: 'suricata-eve',
    patterns: ['/var/log/suricata/eve.json*'],
    files: [],
    lag_bytes: 0,
    last_line: NOW - 2000,
    accounting: { lines_read: 1, events_stored: 1, lines_quarantined: 0, in_flight: 0 },
    by_file: {},
    problems: [],
    ...changes,
  };
}

export function station(
  changes: Partial<StationStatus> = {},
  store: Partial<StationStatus['store']> = {},
): StationStatus {
  return {
    version: '0.1.0',
    started: NOW - 3_600_000,
    now: NOW,
    pid: 1,
    lamp: { state: 'alive', reason: '' },
    reading: { state: 'alive', reason: '' },
    heartbeat: null,
    sources: [source()],
    store: {
      folder: '/var/lib/varde',
      fresh_folder: '/dev/shm/varde',
      events: 100,
      quarantined: 0,
      segments: { fresh: 1, disk: 1 },
      bytes: { fresh: 1, disk: 1, quarantine: 0 },
      raw_bytes: 1,
      oldest: (NOW - 86_400_000) * 1000,
      newest: (NOW - 3000) * 1000,
      disk: { free: 50e9, total: 100e9 },
      retention: { max_age_secs: null, max_bytes: null, min_free_bytes: 1, would_remove_next: null, removed_events: 0 },
      set_aside: [],
      waiting: null,
      schema_version: 1,
      ...store,
    },
    events_per_sec: 1,
    memory_bytes: 1,
    config_path: null,
    config_error: null,
    demo: false,
    ...changes,
  };
}
