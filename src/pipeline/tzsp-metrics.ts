import type { TzspReport } from '../packet/tzsp/report.ts';
import { METRICS } from '../telemetry/metric-list.ts';
import type { Metrics } from '../telemetry/metrics.ts';

const ALL = [
  METRICS.tzsp_datagrams,
  METRICS.tzsp_frames,
  METRICS.tzsp_bytes,
  METRICS.tzsp_kernel_frames,
  METRICS.tzsp_seen,
  METRICS.tzsp_keepalives,
  METRICS.tzsp_silence,
  METRICS.tzsp_rejected,
  METRICS.tzsp_refused,
  METRICS.tzsp_kernel_drops,
  METRICS.tzsp_reassembly,
  METRICS.tzsp_written,
  METRICS.tzsp_written_bytes,
  METRICS.tzsp_dropped,
  METRICS.tzsp_mtu_needed,
  METRICS.tzsp_open,
];

/** Sets the metrics of the TZSP receiver before each scrape; without one there are none. */
export function observeTzsp(metrics: Metrics, report: () => TzspReport | null): void {
  metrics.collect(() => {
    for (const metric of ALL) metrics.clear(metric);
    const found = report();
    if (found === null) return;
    for (const it of found.routers) {
      const router = { router: it.address };
      metrics.set(METRICS.tzsp_datagrams, it.datagrams, router);
      metrics.set(METRICS.tzsp_frames, it.frames, router);
      metrics.set(METRICS.tzsp_bytes, it.bytes, router);
      metrics.set(METRICS.tzsp_kernel_frames, it.kernelFrames, router);
      metrics.set(METRICS.tzsp_seen, it.lastSeen / 1000, router);
      metrics.set(METRICS.tzsp_keepalives, it.keepalives, router);
      metrics.set(METRICS.tzsp_silence, it.longestGapMs / 1000, router);
      const rejected = { ...it.rejected, loop: it.loops, duplicate: it.duplicates };
      for (const [reason, count] of Object.entries(rejected))
        if (count > 0) metrics.set(METRICS.tzsp_rejected, count, { ...router, reason });
    }
    metrics.set(METRICS.tzsp_refused, found.refused.datagrams);
    for (const { address, kernelDrops } of found.sockets)
      metrics.set(METRICS.tzsp_kernel_drops, kernelDrops, { socket: address });
    const { reassemblyFailures }: Partial<Record<'time' | 'reassemblyFailures', number>> = found;
    if (reassemblyFailures !== undefined) metrics.set(METRICS.tzsp_reassembly, reassemblyFailures);
    for (const it of found.outputs) {
      const output = { output: it.name };
      metrics.set(METRICS.tzsp_written, it.frames, output);
      metrics.set(METRICS.tzsp_written_bytes, it.bytes, output);
      metrics.set(METRICS.tzsp_open, it.state === 'open' ? 1 : 0, output);
      if (it.mtuNeeded !== null) metrics.set(METRICS.tzsp_mtu_needed, it.mtuNeeded, output);
      for (const [reason, count] of Object.entries(it.dropped))
        metrics.set(METRICS.tzsp_dropped, count, { ...output, reason });
    }
  });
}
