import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
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

function made(emitted: string[] = []): HeartbeatService {
  const telemetry = createTelemetry({ stream: { write: () => undefined }, level: 'error', tty: false });
  const { emit } = telemetry;
  telemetry.emit = (event, ...more) => {
    emitted.push(event.name);
    emit.call(telemetry, event, ...more);
  };
  return new HeartbeatService({
    telemetry,
    sources: () => [],
    store: () => ({ waiting: null }) as never,
    reading: () => ({ state: 'ok', reasons: [] }) as never,
    now: Date.now,
  });
}

it('starts without a key that it cannot use, says so everywhere, and goes on when it is mended', async () => {
  const first = made();
  await first.start(config('lan'));
  await first.stop();
  const key = join(folder, 'probe.key');
  chmodSync(key, 0o640);
  const emitted: string[] = [];
  const service = made(emitted);
  await service.start(config('lan'));
  expect(emitted).toContain('probe_key_refused');
  expect(service.verdict()).toMatchObject({ state: 'blind', reason: expect.stringContaining('mode 640') });
  const chain = () => service.sensors()[0]!.chains[0]!;
  expect(chain()).toMatchObject({ path: 'lan', state: 'blind', hop: 'sent', cause: 'key_unusable' });
  expect(chain().remedy).toContain('600');
  // Another reload changes nothing and is no error.
  await service.reload(config('lan'));
  expect(chain().cause).toBe('key_unusable');
  chmodSync(key, 0o600);
  await service.reload(config('lan'));
  expect(chain()).toMatchObject({ path: 'lan', state: 'unknown', cause: expect.not.stringContaining('key') });
  // Taken away again it does not hinder what runs: the reload is refused.
  chmodSync(key, 0o640);
  await expect(service.reload(config('wan'))).rejects.toMatchObject({ code: 'probe_key' });
  expect(chain().path).toBe('lan');
  await service.stop();
});

it.each(['stop', 'start'] as const)('stays with its config where a reload fails halfway: %s', async (step) => {
  const service = made();
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
