import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seeded } from '../lab/pcap/random.ts';
import { until } from '../lab/wait.ts';
import { Daemon, DEADLINE_MS, untilCommitted, varde } from './daemon.ts';
import { Ledger, NOTHING_DIFFERS } from './ledger.ts';
import { missing, needs } from './obstacles.ts';
import { eveSource, makePlace } from './place.ts';

it('drains and ends on SIGTERM while lines pour in', async () => {
  const place = makePlace({ store: { flush_to_disk_secs: 3600 } });
  const ledger = new Ledger(seeded('drain'));
  appendFileSync(place.eve, ledger.some(20_000));
  const daemon = await Daemon.ready(place);
  await until('it has begun to store', async () => (await daemon.status()).store.events > 0, DEADLINE_MS);
  const { code, stderr } = await daemon.signal('SIGTERM');
  expect(code, stderr).toBe(0);
  // Its own word for it: five seconds are promised. What the disk takes for the rest, which closing writes, is the machine's share.
  const took = (event: string): number => {
    const line = stderr.split('\n').find((one) => one.includes(`"${event}"`));
    return (JSON.parse(line ?? '{}') as { took_ms: number }).took_ms;
  };
  expect(took('station_stopped') - took('store_closed')).toBeLessThan(5000);
  expect(took('station_stopped')).toBeLessThan(15_000);
  const second = await Daemon.ready(place);
  await untilCommitted(place, ledger.lines);
  await second.stop();
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});

it('takes a new source in on SIGHUP, and keeps the old config where the new one is broken', async () => {
  const place = makePlace();
  const ledger = new Ledger(seeded('reload'));
  const daemon = await Daemon.ready(place);
  appendFileSync(place.eve, ledger.some(100));
  await untilCommitted(place, ledger.lines);

  const other = join(place.root, 'other');
  mkdirSync(other);
  appendFileSync(join(other, 'eve.json'), ledger.some(100));
  place.configure({ sources: [eveSource(place.logs), eveSource(other)] });
  daemon.child.kill('SIGHUP');
  await untilCommitted(place, ledger.lines);
  expect((await daemon.status()).sources.map((source) => source.id)).toEqual(['file_tail:0', 'file_tail:1']);
  expect((await daemon.status()).config_error).toBeNull();

  writeFileSync(place.config, `${readFileSync(place.config, 'utf8').trimEnd().slice(0, -1)}, "sorces": []}`);
  daemon.child.kill('SIGHUP');
  const reason = await until('it says what is wrong', async () => (await daemon.status()).config_error, DEADLINE_MS);
  expect(reason).toContain('sorces');
  appendFileSync(join(other, 'eve.json'), ledger.some(100));
  appendFileSync(place.eve, ledger.some(100));
  await untilCommitted(place, ledger.lines);

  place.configure();
  daemon.child.kill('SIGHUP');
  await until('the mended config is in force', async () => (await daemon.status()).config_error === null, DEADLINE_MS);
  await daemon.stop();
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});

it('leaves a data folder to its owner, and names it', async () => {
  const place = makePlace();
  const owner = await Daemon.ready(place);
  const second = await new Daemon(place).ended;
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('[data_locked]');
  expect(second.stderr).toContain(`process ${owner.child.pid}`);
  // The owner never noticed.
  expect((await owner.status()).pid).toBe(owner.child.pid);
  await owner.stop();
  const heir = await Daemon.ready(place);
  await heir.kill();
  // A killed owner leaves no lock behind.
  await (await Daemon.ready(place)).stop();
});

it('refuses to listen on anything but loopback', async () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
    const place = makePlace({ web: { enabled: true, host, port: 0 } });
    for (const args of [[], ['--check']]) {
      const { code, stderr } = await new Daemon(place, { args }).ended;
      expect(code).toBe(2);
      expect(stderr).toMatch(/varde\.yaml:\d+:\d+: web\.host: .*loopback/);
      expect(stderr).toContain('[config_invalid]');
    }
  }
});

it('reports a port that is taken', async () => {
  const place = makePlace({ web: { enabled: true, host: '127.0.0.1', port: 0 } });
  const first = await Daemon.ready(place);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(first.stdout)![1]);
  const { code, stderr } = await new Daemon(makePlace({ web: { enabled: true, host: '127.0.0.1', port } })).ended;
  expect(code).toBe(1);
  expect(stderr).toContain('[port_taken]');
  await first.stop();
});

it('ends with code 2 on a config with an error, naming line and column', async () => {
  const place = makePlace();
  writeFileSync(
    place.config,
    'data: /nonexistent\nsources:\n  - type: file_tail\n    parser: suricata-eve\n    path: [x]\n',
  );
  const { code, stderr } = await new Daemon(place).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(/:5:5/);
});

it('tells systemd when it is ready, alive and stopping', async ({ skip }) => {
  needs(skip, missing('perl'));
  const place = makePlace();
  const socket = join(place.root, 'notify');
  // Node cannot listen on Unix datagram sockets.
  const script =
    '$|=1; socket(S,AF_UNIX,SOCK_DGRAM,0); bind(S,pack_sockaddr_un($ARGV[0])) or die; print "up\\n"; while (1) { recv(S,$b,4096,0); print "$b\\n" }';
  const receiver = spawn('perl', ['-MSocket', '-e', script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  receiver.stdout.on('data', (data: Buffer) => (said += data.toString()));
  try {
    await until('the receiver listens', () => said.includes('up'), DEADLINE_MS);
    const daemon = await Daemon.ready(place, {
      env: { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '200000' },
    });
    await until('READY=1 arrives', () => said.includes('READY=1'), DEADLINE_MS);
    await until('the watchdog is fed', () => said.split('WATCHDOG=1').length > 3, DEADLINE_MS);
    await daemon.stop();
    await until('STOPPING=1 arrives', () => said.includes('STOPPING=1'), DEADLINE_MS);
  } finally {
    receiver.kill();
  }
});

it('answers queries beside a running station and without one alike', async () => {
  const place = makePlace();
  const ledger = new Ledger(seeded('beside'));
  appendFileSync(place.eve, ledger.some(500));
  const daemon = await Daemon.ready(place);
  await untilCommitted(place, ledger.lines);
  const ask = async (): Promise<string> =>
    (await varde(['query', 'event_type:alert', '--json', '--limit', '0', '--data', place.data])).stdout.toString();
  const beside = await ask();
  expect(beside.split('\n').length).toBeGreaterThan(50);
  await daemon.stop();
  expect(await ask()).toBe(beside);
  for (const [order, ...flags] of [['newest'], ['oldest', '--oldest-first']]) {
    const { stderr } = await varde(['query', '*', '--limit', '5', ...flags, '--data', place.data]);
    expect(stderr).toBe(`The ${order} 5 are shown; --limit 0 shows all.\n`);
  }
});
