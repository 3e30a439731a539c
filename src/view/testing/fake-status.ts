import type { StoreStatus } from '../../store/store.ts';
import type { SourceReport, StationStatus } from '../api.ts';

/** 2026-11-24T12:00:00Z, the now of every test. */
export const NOW = Date.UTC(2026, 10, 24, 12);

export function fakeSource(changes: Partial<SourceReport> = {}): SourceReport {
  return {
    id: 'file_tail:0',
    type: 'file_tail',
    parser: 'suricata-eve',
    patterns: ['/var/log/suricata/eve.json'],
    files: [],
    lag_bytes: 0,
    last_line: NOW,
    accounting: { lines_read: 10, events_stored: 7, lines_quarantined: 1, in_flight: 2 },
    by_file: {},
    problems: [],
    ...changes,
  };
}

export function fakeStore(changes: Partial<StoreStatus> = {}): StoreStatus {
  return {
    folder: '/data',
    fresh_folder: '/dev/shm/data',
    events: 7,
    quarantined: 1,
    segments: { fresh: 1, disk: 2 },
    bytes: { fresh: 1, disk: 2, quarantine: 3 },
    raw_bytes: 100,
    oldest: (NOW - 3_600_000) * 1000,
    newest: NOW * 1000,
    disk: { free: 50, total: 100 },
    retention: { max_age_secs: null, max_bytes: null, min_free_bytes: 0, would_remove_next: null, removed_events: 0 },
    set_aside: [],
    waiting: null,
    schema_version: 1,
    ...changes,
  };
}

export function fakeStatus(changes: Partial<StationStatus> = {}): StationStatus {
  return {
    version: '0.0.0',
    started: NOW - 1000,
    now: NOW,
    pid: 1,
    lamp: { state: 'alive', reason: 'All is well.' },
    reading: changes.lamp ?? { state: 'alive', reason: 'All is well.' },
    heartbeat: null,
    sources: [fakeSource()],
    store: fakeStore(),
    events_per_sec: 1,
    memory_bytes: 1,
    config_path: null,
    config_error: null,
    config_restart: [],
    page: 'http://127.0.0.1:8765/',
    demo: false,
    ...changes,
  };
}
