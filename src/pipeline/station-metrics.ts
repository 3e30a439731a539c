import type { Commit } from '../store/store.ts';
import { METRICS } from '../telemetry/metric-list.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { StationStatus } from '../view/api.ts';

/** Counts a commit. */
export function observeCommit(metrics: Metrics, commit: Commit): void {
  metrics.add(METRICS.store_commits, 1, { level: commit.level });
  metrics.add(METRICS.store_written, commit.bytes_written, { level: commit.level });
}

/** Sets the gauges, and the counters whose totals the store keeps, from the status before each scrape. */
export function observeStation(metrics: Metrics, status: () => StationStatus): void {
  metrics.collect(() => {
    const station = status();
    for (const source of station.sources) {
      const label = { source: source.id };
      metrics.set(METRICS.source_read, source.accounting.lines_read, label);
      metrics.set(METRICS.source_stored, source.accounting.events_stored, label);
      metrics.set(METRICS.source_quarantined, source.accounting.lines_quarantined, label);
      metrics.set(METRICS.source_in_flight, source.accounting.in_flight, label);
      metrics.set(METRICS.source_lag, source.lag_bytes, label);
      if (source.last_line !== null) metrics.set(METRICS.source_last_line, source.last_line / 1000, label);
    }
    metrics.clear(METRICS.source_files);
    for (const source of station.sources) {
      for (const file of source.files) metrics.add(METRICS.source_files, 1, { source: source.id, state: file.state });
    }
    observeStore(metrics, station);
    const cpu = process.cpuUsage();
    metrics.set(METRICS.cpu, (cpu.user + cpu.system) / 1e6);
    metrics.set(METRICS.memory, station.memory_bytes);
    metrics.set(METRICS.started, station.started / 1000);
  });
}

function observeStore(metrics: Metrics, station: StationStatus): void {
  const { store } = station;
  metrics.set(METRICS.store_events, store.events);
  metrics.set(METRICS.store_quarantine, store.quarantined);
  metrics.set(METRICS.store_segments, store.segments.fresh, { level: 'fresh' });
  metrics.set(METRICS.store_segments, store.segments.disk, { level: 'disk' });
  metrics.set(METRICS.store_set_aside, store.set_aside.length);
  for (const part of ['fresh', 'disk', 'quarantine'] as const)
    metrics.set(METRICS.store_size, store.bytes[part], { part });
  metrics.set(METRICS.store_raw, store.raw_bytes);
  if (store.oldest !== null) metrics.set(METRICS.store_oldest, store.oldest / 1e6);
  if (store.newest !== null) metrics.set(METRICS.store_newest, store.newest / 1e6);
  metrics.set(METRICS.store_disk_free, store.disk.free);
  metrics.set(METRICS.store_disk, store.disk.total);
  metrics.set(METRICS.store_removed, store.retention.removed_events);
  metrics.set(METRICS.store_waiting, store.waiting === null ? 0 : (station.now - store.waiting.since) / 1000);
}
