import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { socketPath } from '../base/socket-path.ts';
import type { SentProbe } from '../probe/sent-probe.ts';
import { StationReporter } from './station-reporter.ts';

const probe = (seq: number): SentProbe => ({
  path: 'lan',
  kind: 'icmp',
  seq,
  sent: 1,
  source_ip: null,
  source_port: null,
  destination_ip: '192.0.2.1',
  destination_port: null,
  error: null,
  answered_ms: null,
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'varde-report-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A station's socket that takes reports. */
async function station(data: string): Promise<{ taken: number[]; server: Server }> {
  const taken: number[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      expect([request.method, request.url]).toEqual(['POST', '/api/probes/sent']);
      const body = JSON.parse(Buffer.concat(parts).toString()) as { probes: SentProbe[]; reported_at: number };
      expect(Math.abs(Date.now() - body.reported_at)).toBeLessThan(60_000);
      const { probes } = body;
      taken.push(...probes.map(({ seq }) => seq));
      response.setHeader('content-type', 'application/json').end('{"taken":1,"refused":0}');
    });
  });
  server.listen(socketPath(data));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { taken, server };
}

it('tells a station that answers, in order', async () => {
  const data = folder();
  const { taken } = await station(data);
  const reporter = new StationReporter(data, () => undefined);
  for (const seq of [1, 2, 3]) reporter.add(probe(seq));
  await vi.waitFor(() => expect(taken).toEqual([1, 2, 3]), { timeout: 20_000 });
  reporter.add(probe(4));
  await reporter.close();
  expect(taken).toEqual([1, 2, 3, 4]);
});

it('tells what nobody took as soon as a station answers, without a further probe', async () => {
  const data = folder();
  const reporter = new StationReporter(data, () => undefined);
  reporter.add(probe(1));
  await vi.waitFor(() => expect(reporter.told).toBe(false), { timeout: 20_000 });
  const { taken } = await station(data);
  await vi.waitFor(() => expect(taken).toEqual([1]), { timeout: 20_000 });
  await reporter.close();
});

it('ends although the station never finishes its answer', async () => {
  const data = folder();
  const { server } = await station(data);
  server.removeAllListeners('request');
  let asked = 0;
  server.on('request', (_, response) => {
    asked++;
    response.writeHead(200, { 'content-type': 'application/json' }).write('{');
  });
  const reporter = new StationReporter(data, () => undefined);
  reporter.add(probe(1));
  await vi.waitFor(() => expect(asked).toBe(1), { timeout: 20_000 });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  // The limit of the request that runs is a real timer already; the one of the last try is not.
  server.closeAllConnections();
  const closed = reporter.close();
  await vi.waitFor(() => expect(asked).toBe(2), { timeout: 20_000, interval: 10 });
  vi.advanceTimersByTime(60_000);
  await closed;
  expect(reporter.told).toBe(false);
  server.closeAllConnections();
});

it('keeps a bounded number of reports while no station answers, and never fails', async () => {
  const data = folder();
  const reporter = new StationReporter(data, () => undefined);
  for (let seq = 1; seq <= 2100; seq++) reporter.add(probe(seq));
  await vi.waitFor(() => expect(reporter.told).toBe(false), { timeout: 20_000 });
  const { taken } = await station(data);
  reporter.add(probe(2101));
  await reporter.close();
  expect(taken).toHaveLength(2000);
  expect([taken[0], taken.at(-1)]).toEqual([102, 2101]);
  await new StationReporter(folder(), () => undefined).close();
});
