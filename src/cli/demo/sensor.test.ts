import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { loadKey } from '../../probe/key.ts';
import type { SentProbe } from '../../probe/sent-probe.ts';
import { readToken } from '../../probe/token.ts';
import { suricataEve } from '../../parse/suricata-eve/suricata-eve.ts';
import { newRow } from '../../event/row.ts';
import { DEMO_PROBES, DemoSensor } from './sensor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-demo-sensor-'));
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 24) });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

interface Line {
  event_type: string;
  alert?: { signature_id: number };
  stats?: { capture: { kernel_packets: number } };
}

function started() {
  const config = configSchema.parse({ data: folder, probes: DEMO_PROBES });
  const lines: string[] = [];
  const probes: SentProbe[] = [];
  const sensor = new DemoSensor({
    config,
    append: (more) => lines.push(...more),
    report: (probe) => probes.push(probe),
    random: () => 0.5,
  });
  sensor.start();
  const take = (): Line[] => lines.splice(0).map((line) => JSON.parse(line) as Line);
  return { sensor, lines, probes, take, key: loadKey(join(folder, 'probe.key'), { create: false }) };
}

it('writes for each probe a line that carries its true token and that the parser takes', () => {
  const { sensor, lines, probes, key } = started();
  vi.advanceTimersByTime(7000);
  sensor.stop();
  const alerts = lines.filter((line) => line.includes('"event_type":"alert"'));
  const tokens = alerts.map((line) => readToken(key, line));
  expect(new Set(tokens.map((token) => token?.kind))).toEqual(new Set(['icmp', 'dns', 'http', 'tls']));
  const sent = probes.filter(({ answered_ms }) => answered_ms === null);
  expect(tokens.map((token) => `${token?.kind} ${token?.seq}`).sort()).toEqual(
    sent.map(({ kind, seq }) => `${kind} ${seq}`).sort(),
  );
  for (const line of lines) {
    const bytes = Buffer.from(line);
    expect(suricataEve.row(bytes, 0, bytes.length, newRow())).toBeNull();
  }
});

it('breaks one hop after the other, and mends it', () => {
  const { sensor, take } = started();
  const kinds = (all: Line[]): string[] => [...new Set(all.map(({ event_type }) => event_type))].sort();
  const packets = (all: Line[]): number[] => all.flatMap(({ stats }) => stats?.capture.kernel_packets ?? []);
  vi.advanceTimersByTime(6500);
  take();
  sensor.set(true);
  expect(sensor.fault).toBe('mirror');
  vi.advanceTimersByTime(1000);
  take();
  vi.advanceTimersByTime(12_000);
  const cut = take();
  expect(kinds(cut)).toEqual(['stats']);
  expect(new Set(packets(cut)).size).toBe(1);
  sensor.set(false);
  vi.advanceTimersByTime(6500);
  expect(kinds(take())).toEqual(['alert', 'stats']);
  sensor.set(true);
  sensor.set(true);
  expect(sensor.fault).toBe('rule');
  vi.advanceTimersByTime(1000);
  take();
  vi.advanceTimersByTime(9000);
  const lost = take();
  expect(kinds(lost)).toEqual(['stats']);
  expect(new Set(packets(lost)).size).toBeGreaterThan(1);
  sensor.stop();
});
