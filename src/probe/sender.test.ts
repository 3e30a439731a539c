import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { probes } from '../config/probes.ts';
import type { ProbePath } from '../config/schema.ts';
import { ProbeSender, type ProbeSenderOptions } from './sender.ts';
import type { SentProbe } from './sent-probe.ts';
import { pathTag, readToken } from './token.ts';

const KEY = Buffer.alloc(32, 3);

/** A machine that gives each datagram back, and what it heard. */
async function echo(): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    heard.push(bytes.toString('latin1'));
    socket.send(bytes, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { port: socket.address().port, heard };
}

function pathsOf(...paths: object[]): ProbePath[] {
  return probes.parse({ paths: paths.map((path) => ({ name: 'lan', target: '127.0.0.1', kinds: ['udp'], ...path })) })
    .paths;
}

function stateFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'varde-sender-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'seq.json');
}

function make(
  paths: ProbePath[],
  more: Partial<ProbeSenderOptions> = {},
): { sender: ProbeSender; reports: SentProbe[]; warnings: unknown[] } {
  const reports: SentProbe[] = [];
  const warnings: unknown[] = [];
  const sender = new ProbeSender({
    paths,
    key: KEY,
    state: stateFile(),
    report: (probe) => reports.push(probe),
    warn: (error) => warnings.push(error),
    ...more,
  });
  onTestFinished(() => sender.stop());
  return { sender, reports, warnings };
}

it('reports a probe when it is sent and again when it is answered, and its token says the same', async () => {
  const { port, heard } = await echo();
  const { sender, reports } = make(pathsOf({ udp_port: port }), { now: () => 1_795_561_727_212 });
  const last = await sender.sendOnce('lan', 'udp');
  const sent = {
    path: 'lan',
    kind: 'udp',
    seq: 1,
    sent: 1_795_561_727_212,
    source_ip: '127.0.0.1',
    source_port: expect.any(Number) as number,
    destination_ip: '127.0.0.1',
    destination_port: port,
    error: null,
    answered_ms: null,
  };
  expect(reports).toEqual([sent, { ...sent, answered_ms: expect.any(Number) as number }]);
  expect(last).toEqual(reports[1]);
  expect(readToken(KEY, heard[0] ?? '')).toEqual({ pathTag: pathTag('lan'), kind: 'udp', seq: 1, sent: sent.sent });
});

it('reports once what could not be sent, with its number', async () => {
  const { sender, reports } = make(pathsOf({ interface: 'nowhere0' }, { name: 'gone', target: 'nobody.invalid' }));
  await sender.sendOnce('lan', 'udp');
  await sender.sendOnce('gone', 'udp');
  expect(reports).toMatchObject([
    { seq: 1, error: 'ENODEV', source_ip: null, destination_ip: '127.0.0.1' },
    { seq: 1, error: expect.stringMatching(/^E[A-Z_]+$/) as string, destination_ip: '0.0.0.0' },
  ]);
});

it('sends each chain again and again at its pace, until it is stopped', async () => {
  const { port, heard } = await echo();
  const { sender, reports, warnings } = make(
    pathsOf({ udp_port: port, interval_secs: 1 }, { name: 'dmz', udp_port: port, interval_secs: 1 }),
  );
  sender.start();
  await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(5), { timeout: 60_000, interval: 20 });
  await sender.stop();
  const after = heard.length;
  const numbers = (path: string): number[] =>
    reports.filter((it) => it.path === path && it.answered_ms === null).map(({ seq }) => seq);
  expect(numbers('lan')).toEqual(numbers('lan').map((_, i) => i + 1));
  expect(numbers('dmz').length).toBeGreaterThanOrEqual(2);
  const times = reports.filter((it) => it.path === 'lan' && it.answered_ms === null).map(({ sent }) => sent);
  // Never sooner than the interval less its jitter; a busy machine may be later.
  for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThan(850);
  expect(warnings).toEqual([]);
  expect(heard.length).toBe(after);
});

it('counts on after a restart', async () => {
  const { port } = await echo();
  const state = stateFile();
  for (const seq of [1, 2, 3]) {
    const { sender } = make(pathsOf({ udp_port: port }), { state });
    expect((await sender.sendOnce('lan', 'udp')).seq).toBe(seq);
    await sender.stop();
  }
});

it('says that another sender holds the numbers', async () => {
  const state = stateFile();
  const first = make(pathsOf({}), { state });
  await first.sender.sendOnce('lan', 'udp');
  const second = make(pathsOf({}), { state });
  await expect(second.sender.sendOnce('lan', 'udp')).rejects.toMatchObject({ code: 'probe_locked' });
  second.sender.start();
  await vi.waitFor(() => expect(second.warnings).toMatchObject([{ code: 'probe_locked' }]), { timeout: 20_000 });
  expect(second.reports).toEqual([]);
});

it('refuses targets that are no single machine, and a flood unless it is forced', () => {
  expect(() => make(pathsOf({ target: '224.0.0.1' }))).toThrowError(expect.objectContaining({ code: 'probe_target' }));
  const flood = [...Array(6).keys()].map((i) => ({ name: `p${i}`, interval_secs: 1 }));
  expect(() => make(pathsOf(...flood))).toThrowError(expect.objectContaining({ code: 'probe_rate' }));
  expect(() => make(pathsOf(...flood), { force: true })).not.toThrow();
});
