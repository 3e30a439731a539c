import { expect, it } from 'vitest';
import type { TzspReport } from '../packet/tzsp/report.ts';
import { METRICS } from '../telemetry/metric-list.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { observeTzsp } from './tzsp-metrics.ts';

const REPORT = {
  sockets: [{ address: '0.0.0.0:37008', kernelDrops: 2 }],
  routers: [
    { address: '192.0.2.1', datagrams: 9, frames: 7, keepalives: 2, longestGapMs: 1500, lastSeen: 3000, rejected: {} },
  ],
  refused: { datagrams: 1, senders: [] },
  outputs: [
    { name: 'inject dummy0', state: 'open', frames: 6, bytes: 600, dropped: { too_large: 1 }, mtuNeeded: 1518 },
    { name: 'pcap /a', state: 'open', frames: 7, bytes: 700, dropped: {}, mtuNeeded: null },
  ],
} as unknown as TzspReport;

it('tells silences, keep-alives and the MTU that would do, and nothing of a receiver that has gone', () => {
  const metrics = createMetrics(Object.values(METRICS));
  let report: TzspReport | null = { ...REPORT, reassemblyFailures: 4 } as TzspReport;
  observeTzsp(metrics, () => report);
  const lines = (): string[] => metrics.render().split('\n');
  expect(lines()).toEqual(
    expect.arrayContaining([
      'varde_tzsp_router_keepalive_datagrams_total{router="192.0.2.1"} 2',
      'varde_tzsp_router_longest_silence_seconds{router="192.0.2.1"} 1.5',
      'varde_tzsp_output_needed_mtu_bytes{output="inject dummy0"} 1518',
      'varde_tzsp_output_dropped_frames_total{output="inject dummy0",reason="too_large"} 1',
      'varde_tzsp_reassembly_failed_datagrams_total 4',
    ]),
  );
  expect(lines().filter((line) => line.startsWith('varde_tzsp_output_needed_mtu_bytes'))).toHaveLength(1);
  report = null;
  expect(lines().filter((line) => line.startsWith('varde_tzsp_router_'))).toEqual([]);
});
