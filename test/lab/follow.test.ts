import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Daemon, DEADLINE_MS, untilCommitted, varde } from '../pipeline/daemon.ts';
import { makePlace, type Place } from '../pipeline/place.ts';
import { makeWire, type Wire } from './netns.ts';
import { labObstacle, LAB_PACKAGES } from './packages.ts';
import { HEARTBEAT_SID } from './rules.ts';
import { type LiveSuricata, startSuricata, SURICATA_7 } from './suricata.ts';
import { until } from './wait.ts';

const NEEDED = new Set(['suricata', 'ip', 'ethtool', 'hping3', 'nmap', 'curl', 'nginx', 'dnsmasq', 'dig']);
const obstacle = labObstacle(LAB_PACKAGES.filter((it) => NEEDED.has(it.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

/** Sends an identifiable ping: the rule's word, then a token that no other packet has. */
function heartbeat(wire: Wire, place: Place): string {
  const payload = `heartbeat_ping ${randomBytes(8).toString('hex')}`;
  const file = join(place.root, 'payload');
  writeFileSync(file, payload);
  wire.run(
    'attacker',
    ['hping3', '--icmp', '--count', '1', '--file', file, '--data', String(payload.length), wire.homeIp],
    { mayFail: true },
  );
  return payload;
}

interface Found {
  event?: { original?: string };
}

/** Asks `varde query` for the alert of that very packet until it is there. */
async function untilFound(place: Place, payload: string): Promise<string> {
  return until(
    `the alert of "${payload}" is found`,
    async () => {
      const { code, stdout, stderr } = await varde([
        'query',
        `sid:${HEARTBEAT_SID}`,
        '--data',
        place.data,
        '--json',
        '--limit',
        '0',
      ]);
      expect(code, stderr).toBe(0);
      const lines = stdout.toString().split('\n').filter(Boolean);
      return lines
        .map((line) => (JSON.parse(line) as Found).event?.original ?? '')
        .find((original) => original.includes(payload));
    },
    DEADLINE_MS,
  );
}

/** Everything that Suricata wrote, over all its files. */
function written(place: Place): string[] {
  const files = readdirSync(place.logs).filter((name) => name.startsWith('eve.json'));
  return files.flatMap((name) => readFileSync(join(place.logs, name), 'utf8').split('\n').filter(Boolean));
}

async function stage(): Promise<{ wire: Wire; place: Place; sensor: LiveSuricata; station: Daemon }> {
  const place = makePlace();
  const wire = makeWire();
  onTestFinished(() => wire.close());
  const station = await Daemon.ready(place);
  const sensor = await startSuricata({
    program: SURICATA_7,
    folder: place.root,
    interface: wire.interface,
    prefix: wire.prefix('home'),
    statsSeconds: 1,
  });
  onTestFinished(() => sensor.stop());
  return { wire, place, sensor, station };
}

test.skipIf(obstacle !== null)(title('a ping on the wire becomes an alert that a query finds, live'), async () => {
  const { wire, place, sensor, station } = await stage();
  const payload = heartbeat(wire, place);
  const original = await untilFound(place, payload);
  expect(JSON.parse(original)).toMatchObject({
    event_type: 'alert',
    proto: 'ICMP',
    icmp_type: 8,
    src_ip: '192.168.40.1',
    dest_ip: wire.homeIp,
  });
  expect(written(place)).toContain(original);
  await sensor.stop();
  await station.stop();
});

test.skipIf(obstacle !== null)(
  title('everything that Suricata writes about real programs is stored once, over a rotation'),
  async () => {
    const { wire, place, sensor, station } = await stage();
    serve(wire, place);
    const before = heartbeat(wire, place);
    await untilFound(place, before);
    wire.run('attacker', ['curl', '--silent', '--fail', '--interface', wire.attackerIp, `http://${wire.homeIp}/`]);
    wire.run('attacker', [
      'curl',
      '--silent',
      '--interface',
      wire.attackerIp,
      '--path-as-is',
      `http://${wire.homeIp}/../../etc/passwd`,
    ]);
    renameSync(place.eve, `${place.eve}.1`);
    process.kill(sensor.pid, 'SIGHUP'); // opens its files anew, as logrotate makes it do
    await until('Suricata has opened a new eve.json', () => readdirSync(place.logs).includes('eve.json'), DEADLINE_MS);
    const after = heartbeat(wire, place);
    await untilFound(place, after);
    wire.run(
      'attacker',
      [
        'nmap',
        '-n',
        '-Pn',
        '-sS',
        '--max-retries',
        '0',
        '-p',
        '1-200',
        '-S',
        wire.attackerIp,
        '-e',
        wireOf(wire),
        wire.homeIp,
      ],
      { mayFail: true },
    );
    for (const [name, type] of [
      ['www.home.test', 'A'],
      ['gone.home.test', 'AAAA'],
      ['home.test', 'TXT'],
    ] as const) {
      wire.run('attacker', ['dig', '+tries=1', '+time=2', `@${wire.homeIp}`, name, type], { mayFail: true });
    }
    await sensor.stop(); // writes the flows that are still open
    const lines = written(place);
    await untilCommitted(place, lines.length);
    const { stdout } = await varde(['query', '*', '--data', place.data, '--raw', '--limit', '0']);
    expect(stdout.toString().split('\n').filter(Boolean).sort()).toEqual(lines.sort());
    const count = async (expression: string): Promise<number> =>
      Number((await varde(['query', expression, '--data', place.data, '--count', '--limit', '0'])).stdout.toString());
    expect(await count('event_type:http AND dest_ip:192.168.40.0/24')).toBeGreaterThanOrEqual(2);
    expect(await count('event_type:dns')).toBeGreaterThanOrEqual(4);
    expect(await count('sid:5100014')).toBeGreaterThanOrEqual(1);
    expect(await count('event_type:flow')).toBeGreaterThanOrEqual(200);
    await station.stop();
  },
);

/** A web server and a name server on the watched side. */
function serve(wire: Wire, place: Place): void {
  const config = join(place.root, 'nginx.conf');
  const conf = `daemon off; pid ${place.root}/nginx.pid; error_log ${place.root}/nginx.log; events {} http { access_log off; server { listen 80; location / { return 200 "hello from home\\n"; } } }`;
  writeFileSync(config, conf);
  wire.start('home', ['nginx', '-c', config]);
  wire.start('home', [
    'dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--address=/www.home.test/192.168.40.11',
    '--local=/home.test/',
    '--txt-record=home.test,nobody lives here',
    '--pid-file=',
    '--user=root',
  ]);
  for (const probe of [
    [
      'curl',
      '--silent',
      '--retry',
      '40',
      '--retry-connrefused',
      '--retry-delay',
      '0',
      '--retry-max-time',
      '20',
      `http://${wire.homeIp}/`,
    ],
    ['dig', '+tries=10', '+time=1', `@${wire.homeIp}`, 'www.home.test'],
  ]) {
    wire.run('attacker', probe);
  }
}

/** The attacker's end of the cable: nmap needs its name where it is to lie about its address. */
function wireOf(wire: Wire): string {
  const routes = wire.run('attacker', ['ip', '-o', 'route', 'get', wire.homeIp]);
  return /dev (\S+)/.exec(routes)?.[1] ?? '';
}
