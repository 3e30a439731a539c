import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { Notifier } from '../notify/notifier.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { HeartbeatService } from './heartbeat-service.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'varde-service-'))));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const config = (path: string) =>
  configSchema.parse({
    data: folder,
    sources: [{ type: 'file_tail', parser: 'suricata-eve', paths: ['/a/eve.json'] }],
    probes: { paths: [{ name: path, target: '192.0.2.2', kinds: ['icmp'], send: 'elsewhere' }] },
  });

it.each(['stop', 'start'] as const)('stays with its config where a reload fails halfway: %s', async (step) => {
  const service = new HeartbeatService({
    telemetry: createTelemetry({ stream: { write: () => undefined }, level: 'error', tty: false }),
    sources: () => [],
    store: () => ({ waiting: null }) as never,
    reading: () => ({ state: 'ok', reasons: [] }) as never,
    now: Date.now,
  });
  const paths = (): string[] => service.sensors().flatMap(({ chains }) => chains.map((chain) => chain.path));
  await service.start(config('old'));
  const started = vi.spyOn(Notifier.prototype, 'start');
  vi.spyOn(Notifier.prototype, step).mockRejectedValueOnce(new Error('no room'));
  await expect(service.reload(config('new'))).rejects.toThrow('no room');
  expect(paths()).toEqual(['old']);
  // It runs, and another attempt is free to succeed.
  expect(started).toHaveBeenCalled();
  await service.reload(config('new'));
  expect(paths()).toEqual(['new']);
  await service.stop();
});
