import { appendFileSync, existsSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { socketPath } from '../../src/base/socket-path.ts';
import { getJson } from '../../src/cli/station-client.ts';
import { alertLine } from '../../src/cli/demo/sensor.ts';
import { formatStamp } from '../../src/cli/demo/recording.ts';
import { loadKey } from '../../src/probe/key.ts';
import { sidsOf } from '../../src/probe/rules.ts';
import type { ProbeKind, SentProbe } from '../../src/probe/sent-probe.ts';
import { formatToken } from '../../src/probe/token.ts';
import type { ChainReport, SensorsAnswer, StationStatus } from '../../src/view/api.ts';
import { until } from '../lab/wait.ts';
import { Daemon, DEADLINE_MS, varde } from './daemon.ts';
import { makePlace, type Place } from './place.ts';

const INTERVAL_SECS = 1;
const SID_BASE = 5_100_001;
const PROBES = {
  sid_base: SID_BASE,
  paths: [
    {
      name: 'lan',
      target: '192.0.2.10',
      kinds: ['icmp', 'dns'],
      interval_secs: INTERVAL_SECS,
      jitter_percent: 0,
      send: 'elsewhere',
    },
  ],
};

/** A sensor and a sender in one: reports each probe to the station and writes the line that Suricata would write. */
class Heart {
  readonly seqs = { icmp: 0, dns: 0 };
  /** Lines of these kinds are left out. */
  readonly silent = new Set<ProbeKind>();
  readonly lines: string[] = [];
  private readonly place: Place;
  private readonly timer: NodeJS.Timeout;
  private readonly sids = new Map([...sidsOf(PROBES.paths as never, SID_BASE)].map(([sid, { kind }]) => [kind, sid]));
  private packets = 0;
  stats = true;

  constructor(place: Place) {
    this.place = place;
    this.timer = setInterval(() => this.beat(), INTERVAL_SECS * 1000);
    onTestFinished(() => this.stop());
  }

  stop(): void {
    clearInterval(this.timer);
  }

  line(kind: 'icmp' | 'dns', seq: number, sent: number, key = this.key()): string {
    return alertLine(
      this.probe(kind, seq, sent),
      this.sids.get(kind)!,
      formatToken(key, { path: 'lan', kind, seq, sent }),
      sent * 1000 + 300,
    );
  }

  key(): Buffer {
    return loadKey(join(this.place.data, 'probe.key'), { create: false });
  }

  private probe(kind: ProbeKind, seq: number, sent: number): SentProbe {
    return {
      path: 'lan',
      kind,
      seq,
      sent,
      source_ip: '192.0.2.1',
      source_port: kind === 'icmp' ? null : 40_000,
      destination_ip: '192.0.2.10',
      destination_port: kind === 'icmp' ? null : 53,
      error: null,
      answered_ms: 0.5,
    };
  }

  private beat(): void {
    if (!existsSync(join(this.place.data, 'probe.key'))) return;
    const sent = Date.now();
    const lines: string[] = [];
    this.packets += 20;
    for (const kind of ['icmp', 'dns'] as const) {
      const seq = ++this.seqs[kind];
      void report(this.place, [this.probe(kind, seq, sent)]);
      const line = this.line(kind, seq, sent);
      if (this.silent.has(kind)) continue;
      this.lines.push(line);
      lines.push(line);
    }
    const { packets } = this;
    const decoder = { pkts: packets, icmpv4: packets, udp: packets, tcp: 0 };
    const stats = { uptime: packets, capture: { kernel_packets: packets, kernel_drops: 0 }, decoder };
    if (this.stats) lines.push(JSON.stringify({ timestamp: formatStamp(sent * 1000), event_type: 'stats', stats }));
    if (lines.length > 0) appendFileSync(this.place.eve, `${lines.join('\n')}\n`);
  }
}

/** As `varde probe` does it on another machine's behalf. Resolves to false while no station answers. */
function report(place: Place, probes: SentProbe[]): Promise<boolean> {
  const body = JSON.stringify({ probes });
  return new Promise((resolve) => {
    const headers = {
      host: 'localhost',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    };
    const outgoing = request(
      { socketPath: socketPath(place.data), method: 'POST', path: '/api/probes/sent', headers, agent: false },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === 200));
      },
    );
    outgoing.on('error', () => resolve(false));
    outgoing.end(body);
  });
}

function configured(more: object = {}): Place {
  const place = makePlace();
  const config = JSON.parse(readFileSync(place.config, 'utf8')) as object;
  writeFileSync(place.config, JSON.stringify({ ...config, probes: PROBES, ...more }));
  writeFileSync(place.eve, '');
  return place;
}

async function chainOf(place: Place, kind: ProbeKind): Promise<ChainReport> {
  const { sensors } = await getJson<SensorsAnswer>(place.data, '/api/sensors');
  return sensors[0]!.chains.find((chain) => chain.kind === kind)!;
}

function untilState(place: Place, kind: ProbeKind, state: ChainReport['state']): Promise<ChainReport> {
  return until(
    `${kind} is ${state}`,
    async () => {
      try {
        const chain = await chainOf(place, kind);
        return chain.state === state ? chain : null;
      } catch {
        return null; // The station is on its way up.
      }
    },
    DEADLINE_MS,
  );
}

const lampOf = async (place: Place): Promise<StationStatus['lamp']> =>
  (await getJson<StationStatus>(place.data, '/api/status')).lamp;

it('goes alive with the lines, blind without them, and tells page, doctor and metrics the same', async () => {
  const place = configured();
  const daemon = await Daemon.ready(place);
  const heart = new Heart(place);
  await untilState(place, 'dns', 'alive');
  const alive = await untilState(place, 'icmp', 'alive');
  expect(alive.identity).toBe('token');
  expect(alive.hops.find(({ hop }) => hop === 'stored')?.state).toBe('alive');
  await until('the lamp is alive', async () => (await lampOf(place)).state === 'alive', DEADLINE_MS);

  // One kind alone: the other one goes on.
  heart.silent.add('dns');
  const blind = await untilState(place, 'dns', 'blind');
  expect(blind.hop).not.toBeNull();
  expect(blind.message.length).toBeGreaterThan(10);
  expect(blind.remedy.length).toBeGreaterThan(10);
  expect((await chainOf(place, 'icmp')).state).toBe('alive');
  await until('the lamp is blind', async () => (await lampOf(place)).state === 'blind', DEADLINE_MS);
  const status = await daemon.status();
  expect(status.reading.state).toBe('alive');
  expect(status.heartbeat?.state).toBe('blind');
  const doctor = await varde(['doctor', '--json', '-c', place.config]);
  expect(doctor.code).toBe(1);
  const { problems, lamp } = JSON.parse(doctor.stdout.toString()) as {
    problems: { code: string; message: string }[];
    lamp: { state: string };
  };
  expect(lamp.state).toBe('blind');
  expect(problems.map(({ message }) => message).join('\n')).toContain('dns on lan is blind');
  const text = await metrics(place);
  expect(text).toContain('varde_heartbeat_sensor_state{sensor="sensor",state="blind"} 1');
  expect(text).toContain('varde_heartbeat_alive_state{sensor="sensor",path="lan",kind="icmp"} 1');
  expect(text).toContain('varde_heartbeat_alive_state{sensor="sensor",path="lan",kind="dns"} 0');
  expect(text).toContain('varde_station_lamp_state{state="blind"} 1');
  // A dead sensor is no reason to restart the station.
  expect(await getJson(place.data, '/healthz')).toMatchObject({ ok: true });

  heart.silent.clear();
  await untilState(place, 'dns', 'alive');
  await until('the lamp is alive again', async () => (await lampOf(place)).state === 'alive', DEADLINE_MS);
  await daemon.stop();
});

it('knows after kill -9 what it knew before, and no old line makes it alive', async () => {
  const place = configured();
  const daemon = await Daemon.ready(place);
  const heart = new Heart(place);
  await untilState(place, 'icmp', 'alive');
  const before = await until(
    'some probes were seen',
    async () => {
      const chain = await chainOf(place, 'icmp');
      return (chain.last_seq.seen ?? 0) > 4 ? chain : null;
    },
    DEADLINE_MS,
  );
  const state = join(place.data, 'heartbeat.json');
  await until(
    'the state is written with it',
    () => existsSync(state) && (statSync(state).mtimeMs > before.last_seen! ? true : null),
    DEADLINE_MS,
  );
  expect(statSync(state).mode & 0o777).toBe(0o600);
  heart.stop();
  await daemon.kill();
  // Half a state beside it, as a crash while writing leaves it.
  writeFileSync(`${state}.tmp`, readFileSync(state, 'utf8').slice(0, 100));

  const second = await Daemon.ready(place);
  const after = await chainOf(place, 'icmp');
  expect(after.last_seq.seen).toBeGreaterThanOrEqual(before.last_seq.seen!);
  expect(after.windows.find(({ window }) => window === '1h')!.sent).toBeGreaterThanOrEqual(5);
  expect(second.stderr).toContain('heartbeat_restored');

  await untilState(place, 'icmp', 'blind');
  // Replayed, forged and future lines.
  const forger = Buffer.alloc(32, 7);
  appendFileSync(
    place.eve,
    [
      ...heart.lines,
      heart.line('icmp', 9999, Date.now(), forger),
      heart.line('icmp', 10_000, Date.now() + 86_400_000),
      '',
    ].join('\n'),
  );
  const refused = await until(
    'they are refused',
    async () => {
      const chain = await chainOf(place, 'icmp');
      return Object.values(chain.refused).reduce((sum, count) => sum + count, 0) >= 3 ? chain : null;
    },
    DEADLINE_MS,
  );
  expect(refused.state).toBe('blind');
  await second.stop();
});

it('is not disturbed by rotation, and a reload of the config keeps what is known', async () => {
  const place = configured();
  const daemon = await Daemon.ready(place);
  const heart = new Heart(place);
  await untilState(place, 'icmp', 'alive');
  renameSync(place.eve, `${place.eve}.1`);
  writeFileSync(place.eve, '');
  const { seen } = (await chainOf(place, 'icmp')).last_seq;
  const untilSeen = (least: number) =>
    until(
      `probe ${least} is seen`,
      async () => ((await chainOf(place, 'icmp')).last_seq.seen ?? 0) >= least,
      DEADLINE_MS,
    );
  await untilSeen(seen! + 3);
  truncateSync(place.eve);
  await untilSeen(seen! + 6);

  const config = JSON.parse(readFileSync(place.config, 'utf8')) as object;
  const more = { name: 'dmz', target: '192.0.2.20', interval_secs: 60, send: 'elsewhere' };
  writeFileSync(place.config, JSON.stringify({ ...config, probes: { ...PROBES, paths: [...PROBES.paths, more] } }));
  daemon.child.kill('SIGHUP');
  await until(
    'the new path is there',
    async () => (await getJson<SensorsAnswer>(place.data, '/api/sensors')).sensors[0]!.chains.length === 3,
    DEADLINE_MS,
  );
  expect((await chainOf(place, 'icmp')).last_seq.seen).toBeGreaterThanOrEqual(seen! + 6);
  await untilSeen(heart.seqs.icmp + 1);
  await untilState(place, 'icmp', 'alive');
  await daemon.stop();
});

it('has people told when a sensor goes blind and when it lives again', async () => {
  const bodies: string[] = [];
  const server = createServer((incoming, answer) => {
    let body = '';
    incoming.on('data', (part: Buffer) => (body += part.toString()));
    incoming.on('end', () => {
      bodies.push(body);
      answer.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const channels = [{ type: 'webhook', name: 'hook', url: `http://127.0.0.1:${port}/` }];
  const place = configured({ notify: { channels, grace_secs: 0, flap_secs: 0 } });
  const daemon = await Daemon.ready(place);
  const heart = new Heart(place);
  await untilState(place, 'icmp', 'alive');
  expect(bodies).toEqual([]);
  heart.silent.add('icmp').add('dns');
  const problem = await until('a message comes', () => bodies[0], DEADLINE_MS);
  expect(problem).toContain('Sensor sensor is blind');
  heart.silent.clear();
  const recovery = await until(
    'the recovery is told',
    () => bodies.find((body) => body.includes('Sensor sensor is alive')),
    DEADLINE_MS,
  );
  expect(recovery).not.toBe(problem);
  const { notify } = await getJson<SensorsAnswer>(place.data, '/api/sensors');
  expect(notify).toMatchObject({ channels: ['hook'], pending: 0, last: { channel: 'hook', ok: true } });
  await daemon.stop();
});

function metrics(place: Place): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath: socketPath(place.data), path: '/metrics', headers: { host: 'localhost' }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve(text));
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
