import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { getJson } from '../../../src/cli/station-client.ts';
import { encodeTzsp } from '../../../src/packet/tzsp/encode.ts';
import type { SensorsAnswer } from '../../../src/view/api.ts';
import { labObstacle } from '../packages.ts';
import { labEnvironment } from '../program.ts';
import { until } from '../wait.ts';
import { ROUTER, TARGET, TzspStage } from './stage.ts';

const BIN = join(PACKAGE_ROOT, 'bin', 'varde');
const obstacle = labObstacle([]);

/** `varde up` beside the receiver's end of the cable, with this besides the usual in its config; ready when it receives. */
async function startStation(stage: TzspStage, config: string): Promise<RunningStation> {
  const data = join(stage.root, 'data');
  const file = join(stage.root, 'varde.yaml');
  mkdirSync(data);
  const write = (text: string): void => writeFileSync(file, `data: ${data}\nweb:\n  enabled: false\n${text}`);
  write(config);
  const words = [...stage.wire.prefix('home'), process.execPath, BIN, 'up', '-c', file];
  const child = spawn(words[0]!, words.slice(1), { env: labEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  onTestFinished(() => void child.kill('SIGKILL'));
  const ask = (): Promise<SensorsAnswer> => getJson<SensorsAnswer>(data, '/api/sensors', { brief: '1' });
  const started = await until(
    'the station tells of its receiver',
    async () => {
      const answer = await ask().catch(() => null);
      return answer?.tzsp?.sockets.length === 1 ? answer.tzsp.started : undefined;
    },
    60_000,
  ).catch((error: unknown) => {
    throw new Error(said, { cause: error });
  });
  return { child, ask, write, started };
}

interface RunningStation {
  child: ChildProcess;
  ask(): Promise<SensorsAnswer>;
  /** Changes the config file. */
  write(config: string): void;
  /** When its receiver started. */
  started: number;
}

/** A router that streams until it is stopped: a frame four times a second. */
function stream(stage: TzspStage, from: string): { stop(): Promise<void> } {
  const frame = Buffer.alloc(80, 1);
  frame.writeUInt16BE(0x88b5, 12);
  const some = Array.from({ length: 4 }, () => encodeTzsp({ frame }));
  const progress = { on: true };
  const work = (async () => {
    while (progress.on) await stage.send(some, { rate: 4, from });
  })();
  return {
    async stop() {
      progress.on = false;
      await work;
    },
  };
}

describe.skipIf(obstacle !== null)(`a station that receives${obstacle === null ? '' : ` (${obstacle})`}`, () => {
  test('answers at once under load, tells what came, and reads a new config without losing the stream', async () => {
    const stage = new TzspStage();
    onTestFinished(() => stage.close());
    const inject = `tzsp:\n  outputs:\n    - type: inject\n      interface: ${TARGET}\n`;
    const { child, ask, write, started } = await startStation(stage, inject);

    const frames = Array.from({ length: 20_000 }, (_, i) => {
      const frame = Buffer.alloc(500, i & 255);
      frame.writeUInt16BE(0x88b5, 12);
      frame.writeUInt32BE(i, 14);
      return encodeTzsp({ frame });
    });
    const progress = { sending: true };
    const sent = stage.send(frames, { rate: 20_000 }).finally(() => (progress.sending = false));
    const took: number[] = [];
    while (progress.sending) {
      const began = performance.now();
      await ask();
      took.push(performance.now() - began);
      if (took.length === 3) {
        write(`${inject}log:\n  level: debug\n`);
        child.kill('SIGHUP');
      }
    }
    await sent;
    const answer = await until(
      'all came',
      async () => {
        const now = await ask();
        return now.tzsp?.outputs[0]?.frames === frames.length ? now : undefined;
      },
      30_000,
    );
    expect(answer.tzsp!.routers.map(({ frames: count }) => count)).toEqual([frames.length]);
    expect(answer.tzsp!.sockets[0]!.kernelDrops).toBe(0);
    expect(took.length).toBeGreaterThan(5);
    // A second is a hang, not a measurement.
    expect(Math.max(...took)).toBeLessThan(1000);
    // The receiver went on through the reload.
    expect(answer.tzsp!.started).toBe(started);

    const began = performance.now();
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('names the router that stopped, to the sensor that it feeds alone, until it streams again', async () => {
    const stage = new TzspStage();
    onTestFinished(() => stage.close());
    stage.makeTarget('dummy1', 'tap1', 9000);
    const routers = [ROUTER, '192.168.40.2'];
    const lists = routers.map((router, i) => ({
      output: { type: 'inject', interface: `dummy${i}`, routers: [router] },
      sensor: { name: `s${i}`, interface: `dummy${i}` },
      path: { name: `p${i}`, sensor: `s${i}`, target: ROUTER, kinds: ['udp'], interval_secs: 2 },
    }));
    // JSON is YAML.
    const { ask } = await startStation(
      stage,
      `tzsp: ${JSON.stringify({ routers, outputs: lists.map(({ output }) => output) })}
sensors: ${JSON.stringify(lists.map(({ sensor }) => sensor))}
probes: ${JSON.stringify({ paths: lists.map(({ path }) => path) })}
`,
    );
    const causes = ({ sensors }: SensorsAnswer): (string | null)[] => sensors.map(({ chains }) => chains[0]!.cause);
    const problems = ({ tzsp_problems: found }: SensorsAnswer): string =>
      found.map(({ code, message }) => `${code} ${message}`).join();
    const reached = (what: string, condition: (answer: SensorsAnswer) => boolean): Promise<SensorsAnswer> =>
      until(
        what,
        async () => {
          const answer = await ask();
          return condition(answer) ? answer : undefined;
        },
        60_000,
      );
    const isWell = (answer: SensorsAnswer): boolean =>
      problems(answer) === '' && !causes(answer).includes('router_stopped');

    let first = stream(stage, ROUTER);
    const second = stream(stage, routers[1]!);
    try {
      await reached(
        'both stream',
        (it) => it.tzsp!.routers.filter(({ frames }) => frames > 0).length === 2 && isWell(it),
      );
      await first.stop();
      const blind = await reached('the verdict names it', (it) => causes(it)[0] === 'router_stopped');
      expect(causes(blind)[1]).not.toBe('router_stopped');
      const told = await reached('the problems name it', (it) => problems(it) !== '');
      expect(problems(told)).toMatch(/^router_stopped The router 192\.168\.40\.1 stopped streaming 3\d s ago\.$/);
      expect(causes(told)).toEqual(['router_stopped', expect.not.stringMatching('router_stopped')]);
      first = stream(stage, ROUTER);
      await reached('all is well again', isWell);
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
  });
});
