import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readCapture } from '../../../src/packet/capture.ts';
import type { TzspReport } from '../../../src/packet/tzsp/report.ts';
import { encodeTzsp } from '../../../src/packet/tzsp/encode.ts';
import { installForArm } from '../arm.ts';
import { labEnvironment } from '../program.ts';
import { until } from '../wait.ts';

const asked = process.env['VARDE_ARM'] === '1';
const PORT = 37_099;

/** The layouts of struct mmsghdr, msghdr and iovec are those of 32 bits there: a wrong one would give no frame, or none of the right length. */
test.skipIf(!asked)(
  `varde tzsp receives on 32-bit ARM${asked ? '' : ' (skipped: by flag only, set VARDE_ARM=1; downloads 100 MB once)'}`,
  { timeout: 900_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'varde-arm-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const program = installForArm('arm', join(folder, 'app'));
    const [emulator = '', ...node] = program.node;
    const listen = ['--listen', `127.0.0.1:${PORT}`, '--listen', `[::1]:${PORT}`];
    const child = spawn(
      emulator,
      [...node, program.varde, 'tzsp', '--json', '--pcap', join(folder, 'arm.pcap'), ...listen],
      { cwd: folder, env: labEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    const reports: TzspReport[] = [];
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    let rest = '';
    child.stdout.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString()).split('\n');
      rest = lines.pop()!;
      reports.push(...lines.map((line) => JSON.parse(line) as TzspReport));
    });
    const has = (what: string, is: (report: TzspReport) => boolean): Promise<true> =>
      until(`${what}; ${said}`, () => (reports.some(is) ? true : undefined), 120_000);
    await has('it listens', () => true);
    expect(reports[0]!.path, said).toBe('user');

    const frames = Array.from({ length: 60 }, (_, i) => Buffer.alloc(14 + 23 * i, i + 1));
    for (const [type, host] of [
      ['udp4', '127.0.0.1'],
      ['udp6', '::1'],
    ] as const) {
      const socket = createSocket(type);
      onTestFinished(() => void socket.close());
      for (const frame of frames) await new Promise((sent) => socket.send(encodeTzsp({ frame }), PORT, host, sent));
    }
    await has('all came', ({ outputs }) => outputs[0]!.frames === 2 * frames.length);
    child.kill('SIGTERM');
    await once(child, 'close');
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.pcap'));
    const written: Buffer[] = [];
    for await (const packet of readCapture(createReadStream(join(folder, file!)))) {
      written.push(Buffer.from(packet.data));
      // The kernel's time of arrival, or ours where the emulator leaves that out.
      expect(Math.abs(packet.seconds - Date.now() / 1000)).toBeLessThan(300);
    }
    const order = (list: Buffer[]): string[] => list.map((it) => it.toString('hex')).sort();
    expect(order(written)).toEqual(order([...frames, ...frames]));
  },
);
