import type { ChainReport, SensorHealth, SensorReport } from '../../detect/heartbeat/report.ts';
import type { SensorsAnswer, SourceReport, StationStatus } from '../../view/api.ts';
import { fakeSource, fakeStatus, fakeStore } from '../../view/testing/fake-status.ts';

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
  return fakeSource({ last_line: NOW - 2000, ...changes });
}

export function station(
  changes: Partial<StationStatus> = {},
  store: Partial<StationStatus['store']> = {},
): StationStatus {
  const quiet = { quarantined: 0, newest: (NOW - 3000) * 1000, disk: { free: 50e9, total: 100e9 } };
  return fakeStatus({
    started: NOW - 3_600_000,
    now: NOW,
    sources: [source()],
    store: fakeStore({ ...quiet, ...store }),
    ...changes,
  });
}
