import { spawn } from 'node:child_process';
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
import { TARGET, TzspStage } from './stage.ts';

const BIN = join(PACKAGE_ROOT, 'bin', 'varde');
const obstacle = labObstacle([]);

describe.skipIf(obstacle !== null)(`a station that receives${obstacle === null ? '' : ` (${obstacle})`}`, () => {
  test('answers at once under load, tells what came, and reads a new config without losing the stream', async () => {
    const stage = new TzspStage();
    onTestFinished(() => stage.close());
    const data = join(stage.root, 'data');
    const config = join(stage.root, 'varde.yaml');
    mkdirSync(data);
    const write = (extra: string): void =>
      writeFileSync(
        config,
        `data: ${data}\nweb:\n  enabled: false\ntzsp:\n  outputs:\n    - type: inject\n      interface: ${TARGET}\n${extra}`,
      );
    write('');
    const words = [...stage.wire.prefix('home'), process.execPath, BIN, 'up', '-c', config];
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
        write('log:\n  level: debug\n');
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
});
