import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SensorsAnswer } from '../../src/view/api.ts';
import { makeWire } from '../lab/netns.ts';
import { missingPackages } from '../lab/packages.ts';
import type { LabRule } from '../lab/rules.ts';
import { type LiveSuricata, startSuricata, SURICATA_7 } from '../lab/suricata.ts';
import type { Bench, Context } from './bench.ts';
import { runMeasured } from './child.ts';
import { Fleet } from './fleet.ts';
import { type Driver, sentElsewhere } from './fleet-driver.ts';
import { limitRow, median, show } from './report.ts';
import { RunningStation, stationFiles, VARDE } from './station.ts';

const INTERVAL_SECS = 10;
const KINDS = ['icmp', 'dns'];
/** Kills are spread over the interval, so that the best and the worst moment are among them. */
const PARTS = 5;

/** What is killed, and brought to life again. */
interface Victim {
  words: string;
  revive(): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** `delay`: from the death of a sensor to the verdict, and to the message that a webhook has got. */
export const delay: Bench = {
  name: 'delay',
  async run(context) {
    const hook = await Webhook.open();
    const { victim, station } = await prepare(context, hook.url);
    const [verdicts, messages]: [number[], number[]] = [[], []];
    const times = context.quick ? 1 : PARTS * context.runs;
    try {
      for (let i = 0; i < times; i++) {
        context.tell(`delay: ${i + 1} of ${times}`);
        await victim.revive();
        await untilState(station, 'alive', 60_000);
        // What came and went is told again only after this; and each kill meets another moment of the interval.
        await pause(3000 + ((i % PARTS) * INTERVAL_SECS * 1000) / PARTS);
        const told = hook.problems;
        const began = performance.now();
        await victim.kill();
        await untilState(station, 'blind', 60_000);
        verdicts.push(performance.now() - began);
        while (hook.problems === told && performance.now() - began < 90_000) await pause(20);
        messages.push(performance.now() - began);
      }
    } finally {
      await station.stop();
      await victim.close();
      await hook.close();
    }
    const secs = (millis: number): string => show.secs(millis / 1000);
    const row = (measure: string, took: number[], limit: number) => ({
      ...limitRow(`${measure}: the longest of ${times}`, Math.max(...took), limit, secs),
      baseline: `median ${secs(median(took))}`,
    });
    return {
      name: 'delay',
      title: 'A sensor dies',
      about: `${victim.words}, probes (${KINDS.join(', ')}) each ${INTERVAL_SECS} s, \`varde up\` with its default settings but for \`flap_secs\` and \`grace_secs\`, which are 0 so that it can die ${times} times in a row. Killed at different moments of the interval.`,
      rows: [row('killed → verdict', verdicts, 25_000), row('killed → message received', messages, 30_000)],
    };
  },
};

async function prepare(context: Context, url: string): Promise<{ victim: Victim; station: RunningStation }> {
  const notify = { flap_secs: 0, grace_secs: 0, channels: [{ type: 'webhook', name: 'here', url }] };
  const wanted = ['suricata', 'iproute2', 'ethtool'];
  const real = process.getuid?.() === 0 && !missingPackages().some(({ name }) => wanted.includes(name));
  return real ? realSensor(context, notify) : logThatStops(context, notify);
}

/** Suricata at one end of a cable, `varde probe` at the other; the station reads the log. */
async function realSensor(context: Context, notify: object): Promise<{ victim: Victim; station: RunningStation }> {
  const wire = makeWire();
  const files = stationFiles(context.place, 'delay');
  const config = JSON.parse(readFileSync(files.config, 'utf8')) as object;
  const folder = context.place.folder('delay-suricata');
  const path = { name: 'lan', target: wire.homeIp, kinds: KINDS, interval_secs: INTERVAL_SECS, send: 'elsewhere' };
  const log = join(folder, 'log', 'eve.json');
  const sources = [{ type: 'file_tail', parser: 'suricata-eve', paths: [`${log}*`] }];
  writeFileSync(files.config, JSON.stringify({ ...config, sources, probes: { paths: [path] }, notify }));
  const printed = await runMeasured(context.place, [process.execPath, VARDE, 'probe', 'rules', '-c', files.config]);
  const listen = { prefix: wire.prefix('home'), interface: wire.interface, statsSeconds: 8 };
  const run = { program: SURICATA_7, folder, ...listen, rules: rulesOf(printed.stdout) };
  let running: LiveSuricata | null = null;
  const station = await RunningStation.start(context.place, files);
  wire.start('attacker', [process.execPath, VARDE, 'probe', '-c', files.config]);
  return {
    station,
    victim: {
      words: 'A real Suricata 7 is killed (SIGKILL), `varde probe` at the other end of its cable',
      async revive() {
        running = await startSuricata(run);
      },
      async kill() {
        // What is asked for may be a launcher; its process id is that of Suricata, for `ip netns exec` becomes it.
        process.kill(running!.pid, 'SIGKILL');
        await running!.stop();
      },
      async close() {
        await running?.stop();
        await wire.close();
      },
    },
  };
}

/** Printed rules, taken apart as the lab writes them. */
function rulesOf(text: string): LabRule[] {
  return [...text.matchAll(/^(alert .*?) \(msg:"(.*?)"; (.*) sid:(\d+); rev:1;\)$/gm)].map(
    ([, head = '', message = '', options = '', sid]) => ({ sid: Number(sid), message, head, options }),
  );
}

/** Without Suricata: the lines of a sensor cease. */
async function logThatStops(context: Context, notify: object): Promise<{ victim: Victim; station: RunningStation }> {
  const fleet = new Fleet(context.place, 'delay', 1, 'elsewhere');
  const config = JSON.parse(readFileSync(fleet.files.config, 'utf8')) as object;
  writeFileSync(fleet.files.config, JSON.stringify({ ...config, notify }));
  const station = await RunningStation.start(context.place, fleet.files);
  let isAlive = true;
  const driver: Driver = sentElsewhere(fleet, 1, true, () => isAlive);
  return {
    station,
    victim: {
      words: 'A log that real probes are reported for ceases (no Suricata here)',
      revive: () => Promise.resolve(void (isAlive = true)),
      kill: () => Promise.resolve(void (isAlive = false)),
      close: () => driver.stop(),
    },
  };
}

async function untilState(station: RunningStation, wanted: string, deadline: number): Promise<void> {
  const began = performance.now();
  for (;;) {
    const { sensors } = JSON.parse((await station.ask('/api/sensors', { brief: '1' })).text) as SensorsAnswer;
    const { state, message } = sensors[0]!;
    if (state === wanted) return;
    if (performance.now() - began > deadline) throw new Error(`not ${wanted} but ${state}: ${message}`);
    await pause(50);
  }
}

/** Takes what the station posts. */
class Webhook {
  problems = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      let text = '';
      request.on('data', (data: Buffer) => (text += data.toString()));
      request.on('end', () => {
        if ((JSON.parse(text) as { kind?: string }).kind === 'problem') this.problems++;
        response.end();
      });
    });
  }

  static async open(): Promise<Webhook> {
    const hook = new Webhook();
    await new Promise<void>((done) => hook.server.listen(0, '127.0.0.1', done));
    return hook;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }
}
