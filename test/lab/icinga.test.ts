import { readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { Daemon, varde } from '../pipeline/daemon.ts';
import { makePlace, type Place } from '../pipeline/place.ts';
import { Heart, HEART_PROBES } from './heart.ts';
import { freePort, Icinga, LAB_NODE, type ServiceState } from './icinga.ts';
import { labObstacle, LAB_PACKAGES } from './packages.ts';
import { until } from './wait.ts';

const obstacle = labObstacle(LAB_PACKAGES.filter((it) => it.command === 'icinga2'));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

/** Icinga checks each 2 s here, and the station needs a few intervals. */
const DEADLINE_MS = 90_000;

/** A station with one path and a page; the plugin asks the page, for Icinga's user may not open the socket. */
async function stage(): Promise<{ place: Place; station: Daemon; heart: Heart; port: number }> {
  const port = await freePort();
  const place = makePlace({ web: { enabled: true, port } });
  const config = JSON.parse(readFileSync(place.config, 'utf8')) as object;
  writeFileSync(place.config, JSON.stringify({ ...config, probes: HEART_PROBES }));
  writeFileSync(place.eve, '');
  const station = await Daemon.ready(place);
  const heart = new Heart(place.data, place.eve);
  onTestFinished(() => heart.stop());
  return { place, station, heart, port };
}

async function start(objects: (icinga: Icinga) => string): Promise<Icinga> {
  const icinga = await Icinga.start(objects);
  onTestFinished(() => icinga.stop());
  return icinga;
}

/** Waits until Icinga shows a service so, judged by a result that is younger than this call. */
async function untilShown(icinga: Icinga, service: string, state: number): Promise<ServiceState> {
  const asked = Date.now() / 1000;
  let last: ServiceState | null = null;
  return until(
    `Icinga shows ${service} in state ${state}`,
    async () => {
      last = await icinga.service(service);
      return last !== null && last.state === state && last.executed > asked ? last : null;
    },
    DEADLINE_MS,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it shows ${JSON.stringify(last)}`);
  });
}

test.skipIf(obstacle !== null)(
  title('Icinga runs the plugin and shows OK, CRITICAL with the hop, recovery, and a station that is down'),
  async () => {
    const { station, heart, port } = await stage();
    const icinga = await start(
      () => `
object Host "sensor" { check_command = "dummy"; vars.varde = true }
template Service "quick" { check_interval = 2s; retry_interval = 1s; max_check_attempts = 1; vars.varde_port = ${port} }
${['heartbeat', 'source', 'store', 'capture', 'quarantine'].map((name) => `object Service "${name}" { import "varde-service"; import "quick"; host_name = "sensor"; vars.varde_check = "${name}" }`).join('\n')}
object Service "age" { import "varde-service"; import "quick"; host_name = "sensor"; vars.varde_check = "heartbeat"; vars.varde_warning = "~:0.001"; vars.varde_critical = "~:3600" }
`,
    );
    const well = await untilShown(icinga, 'sensor!heartbeat', 0);
    expect(well.active).toBe(true);
    expect(well.output).toMatch(/^HEARTBEAT OK - sensor lan icmp is alive, seen [\d.]+ s ago/);
    expect(well.perf.join(' ')).toMatch(
      /^sensor\/lan\/icmp\/age=[\d.]+s;;;0 sensor\/lan\/icmp\/loss=[\d.]+%;;;0;100 .* alive=1;;;0;1/,
    );
    // Ranges travel through Icinga's arguments.
    expect((await untilShown(icinga, 'sensor!age', 1)).perf[0]).toContain(';~:0.001;~:3600;0');
    for (const name of ['source', 'store', 'capture', 'quarantine']) await untilShown(icinga, `sensor!${name}`, 0);

    heart.blind = true;
    const blind = await untilShown(icinga, 'sensor!heartbeat', 2);
    expect(blind.output).toMatch(/^HEARTBEAT CRITICAL - sensor lan icmp is blind at [a-z]+: /);

    heart.blind = false;
    await untilShown(icinga, 'sensor!heartbeat', 0);

    await station.kill();
    expect((await untilShown(icinga, 'sensor!heartbeat', 2)).output).toContain('no station answers');
    expect((await untilShown(icinga, 'sensor!store', 3)).output).toContain('no station answers');
  },
);

test.skipIf(obstacle !== null)(
  title('Icinga takes passive results: OK, CRITICAL, recovery, and UNKNOWN when none comes in time'),
  async () => {
    const { place, heart, station } = await stage();
    const icinga = await start(() => 'object Host "sensor" { check_command = "dummy"; vars.varde_passive = true }');
    const service = 'sensor!varde-heartbeat-passive';
    const auth = icinga.credentials();
    const args = [
      'check',
      'heartbeat',
      '--data',
      place.data,
      '--icinga',
      icinga.url,
      '--icinga-auth',
      auth,
      '--icinga-name',
      LAB_NODE,
      '--icinga-ca',
      icinga.ca,
    ];
    /** As the timer does it, until Icinga shows the state. */
    const sendUntil = (state: number): Promise<ServiceState> =>
      until(
        `a passive result makes the service ${state}`,
        async () => {
          const sent = await varde([...args, '--icinga-service', service]);
          expect(sent.stderr).toBe('');
          expect(sent.code).toBe(0);
          const shown = await icinga.service(service);
          return shown !== null && shown.state === state && !shown.active ? shown : null;
        },
        DEADLINE_MS,
      );
    const well = await sendUntil(0);
    expect(well.output).toMatch(/^HEARTBEAT OK - sensor lan icmp is alive/);
    expect(well.perf[0]).toMatch(/^sensor\/lan\/icmp\/age=/);
    heart.blind = true;
    expect((await sendUntil(2)).output).toMatch(/^HEARTBEAT CRITICAL - sensor lan icmp is blind at /);
    heart.blind = false;
    await sendUntil(0);
    const stale = await untilShown(icinga, service, 3);
    expect(stale).toMatchObject({ active: true, output: expect.stringContaining('No result from varde') });

    // What Icinga does not take is said, and is no success.
    const foreign = await varde([...args, '--icinga-service', 'sensor!nothing']);
    expect([foreign.code, foreign.stderr]).toEqual([3, expect.stringContaining('404 No objects found')]);
    writeFileSync(auth, 'varde:wrong\n');
    const refused = await varde([...args, '--icinga-service', service]);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('401')]);
    const untrusted = await varde([...args.slice(0, -2), '--icinga-service', service]);
    expect([untrusted.code, untrusted.stderr]).toEqual([3, expect.stringMatching(/certificate/)]);
    await station.stop();
  },
);
