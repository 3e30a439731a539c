import type { ChainReport, SensorsReport } from '../detect/heartbeat/report.ts';
import { METRICS } from '../telemetry/metric-list.ts';
import type { Metrics } from '../telemetry/metrics.ts';

const STATES = ['alive', 'late', 'blind', 'unknown'] as const;
/** A metric has room for 500 series; more chains than that are told per sensor only. */
const MAX_CHAINS = 500;

/** Sets the heartbeat's metrics before each scrape. */
export function observeHeartbeat(metrics: Metrics, report: () => SensorsReport): void {
  metrics.collect(() => {
    const { sensors: all, notify } = report();
    for (const metric of [METRICS.heartbeat_sensor, METRICS.heartbeat_alive, METRICS.heartbeat_loss])
      metrics.clear(metric);
    for (const metric of [METRICS.heartbeat_latency, METRICS.heartbeat_seen, METRICS.sensor_uptime])
      metrics.clear(metric);
    for (const metric of [METRICS.sensor_packets, METRICS.sensor_drops]) metrics.clear(metric);
    const few = all.reduce((count, { chains }) => count + chains.length, 0) <= MAX_CHAINS;
    for (const { name: sensor, state, chains, health } of all) {
      for (const one of STATES) metrics.set(METRICS.heartbeat_sensor, one === state ? 1 : 0, { sensor, state: one });
      if (few) for (const chain of chains) observeChain(metrics, sensor, chain);
      if (health.packets !== null) metrics.set(METRICS.sensor_packets, health.packets, { sensor });
      if (health.drops !== null) metrics.set(METRICS.sensor_drops, health.drops, { sensor });
      if (health.uptime_secs !== null) metrics.set(METRICS.sensor_uptime, health.uptime_secs, { sensor });
    }
    metrics.set(METRICS.notify_pending, notify.pending);
  });
}

function observeChain(metrics: Metrics, sensor: string, chain: ChainReport): void {
  const labels = { sensor, path: chain.path, kind: chain.kind };
  metrics.set(METRICS.heartbeat_alive, chain.state === 'alive' ? 1 : 0, labels);
  if (chain.last_seen !== null) metrics.set(METRICS.heartbeat_seen, chain.last_seen / 1000, labels);
  const window = chain.windows.find((one) => one.window === '5m');
  if (window === undefined) return;
  if (window.loss_percent !== null) metrics.set(METRICS.heartbeat_loss, window.loss_percent / 100, labels);
  for (const [hop, { p95 }] of Object.entries(window.latency))
    metrics.set(METRICS.heartbeat_latency, p95 / 1000, { ...labels, hop });
}
