import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCounters } from '../../src/detect/sensor-health/counters.ts';
import { lookAtSuricata } from '../../src/host/suricata-socket.ts';
import { needs, rootWith } from '../pipeline/obstacles.ts';
import { makeWire, type Wire } from './netns.ts';
import { startSuricata, SURICATA_7, type LiveSuricata } from './suricata.ts';
import { until } from './wait.ts';

/** The command socket of a real Suricata 7: what it answers, and how its silence is told apart. */

const OBSTACLE = rootWith('suricata', 'suricatasc', 'ip', 'ping', 'ethtool');
let wire: Wire;
let suricata: LiveSuricata;
let folder: string;
let socket: string;

beforeAll(async () => {
  if (OBSTACLE !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'varde-command-'));
  socket = join(folder, 'command.socket');
  wire = makeWire();
  suricata = await startSuricata({
    program: SURICATA_7,
    folder,
    interface: wire.interface,
    prefix: wire.prefix('home'),
    statsSeconds: 1,
    extra: ['--set', 'unix-command.enabled=yes', '--set', `unix-command.filename=${socket}`],
  });
});

afterAll(async () => {
  if (OBSTACLE !== null) return;
  await suricata?.stop();
  await wire?.close();
  rmSync(folder, { recursive: true, force: true });
});

function sc(command: string): unknown {
  const answer = execFileSync('suricatasc', ['-c', command, socket], { encoding: 'utf8' });
  return (JSON.parse(answer) as { message: unknown }).message;
}

it('answers everything, as its own client does', async ({ skip }) => {
  needs(skip, OBSTACLE);
  wire.run('attacker', ['ping', '-c', '3', '-i', '0.2', '192.168.40.11']);
  const look = await until(
    'the counters show the pings',
    async () => {
      const found = await lookAtSuricata(socket);
      expect(found.state, found.problem ?? '').toBe('answers');
      return (found.capture?.packets ?? 0) >= 3 && (readCounters(found.counters)?.icmp ?? 0) >= 3 ? found : null;
    },
    20_000,
  );
  expect(look.problem).toBeNull();
  expect(look.version).toMatch(/^7\.\d+\.\d+/);
  expect(sc('version')).toContain(look.version);
  expect(look.uptime_secs).toBeLessThanOrEqual(sc('uptime') as number);
  const [rules] = sc('ruleset-stats') as { rules_loaded: number; rules_failed: number; rules_skipped: number }[];
  expect(look.rules).toEqual({
    loaded: rules!.rules_loaded,
    failed: rules!.rules_failed,
    skipped: rules!.rules_skipped,
  });
  expect(look.rules!.loaded).toBeGreaterThan(20);
  expect(Math.abs(Date.now() - look.last_reload!)).toBeLessThan(120_000);
  expect(look.capture!.packets).toBeLessThanOrEqual((sc(`iface-stat ${wire.interface}`) as { pkts: number }).pkts);
  expect(readCounters(look.counters)).toMatchObject({ rules: look.rules, drops: 0 });
});

it('is unreadable for a user without the right', async ({ skip }) => {
  needs(skip, OBSTACLE);
  const reached = existsSync(socket);
  process.seteuid!(65_534);
  try {
    expect(await lookAtSuricata(socket)).toMatchObject({ state: 'unreadable', problem: 'EACCES' });
  } finally {
    process.seteuid!(0);
  }
  expect(reached).toBe(true);
});

it('is silent while the process stands still, and the time limit holds', async ({ skip }) => {
  needs(skip, OBSTACLE);
  const pid = suricataPid(suricata.pid);
  process.kill(pid, 'SIGSTOP');
  try {
    const begin = performance.now();
    expect(await lookAtSuricata(socket, 700)).toMatchObject({ state: 'silent', problem: 'no answer within 700 ms' });
    expect(performance.now() - begin).toBeLessThan(3000);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await until('it answers again', async () => (await lookAtSuricata(socket)).state === 'answers', 20_000);
});

it('is refused after the process was killed', async ({ skip }) => {
  needs(skip, OBSTACLE);
  process.kill(suricataPid(suricata.pid), 'SIGKILL');
  await until('nobody listens', async () => (await lookAtSuricata(socket)).state === 'refused', 20_000);
});

/** `ip netns exec` replaces itself by the program, so its pid is Suricata's. */
function suricataPid(pid: number): number {
  expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toMatch(/^suricata/i);
  return pid;
}
