import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeTzsp } from '../../../src/packet/tzsp/encode.ts';
import { labObstacle, LAB_PACKAGES } from '../packages.ts';
import { numbered } from './frames.ts';
import { outputOf, type ReceiverProgram, routerOf } from './receiver-program.ts';
import { PORT, RECEIVER, RECEIVER6, ROUTER, ROUTER6, TARGET, TzspStage } from './stage.ts';

/** The kernel path: what the program redirects and what user space injects make one stream, every frame once, in order, byte for byte. */

const NEEDED = new Set(['ip', 'ethtool', 'tcpdump']);
const obstacle = labObstacle(LAB_PACKAGES.filter((each) => NEEDED.has(each.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

function stage(): TzspStage {
  const made = new TzspStage();
  onTestFinished(() => made.close());
  return made;
}

const plain = (frame: Buffer): Buffer => encodeTzsp({ frame });

/** Numbered, of a family that the program takes. */
function packet(number: number, family: 4 | 6, size: number): Buffer {
  const frame = Buffer.alloc(size, number & 0xff);
  Buffer.from('02000000000a02000000000b', 'hex').copy(frame);
  frame.writeUInt16BE(family === 4 ? 0x0800 : 0x86dd, 12);
  if (family === 4) Buffer.from('450000000000000040060000', 'hex').copy(frame, 14);
  else Buffer.from('60000000000006', 'hex').copy(frame, 14);
  frame.writeUInt32BE(number, size - 4);
  return frame;
}

const smallish = (number: number, family: 4 | 6 = 4): Buffer => packet(number, family, 64 + (number % 17) * 80);

/** Lets the router be known, and its stream change over. @returns how many datagrams that took */
async function warm(on: TzspStage, receiver: ReceiverProgram, frames: Buffer[], to = RECEIVER): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const few = Array.from({ length: 20 }, (_, k) => smallish(1_000_000 + frames.length + k));
    frames.push(...few);
    await on.send(few.map(plain), { to, rate: 1000, port: PORT });
    const report = await receiver.hasTaken(frames.length);
    if (report.routers.some((each) => each.kernelFrames > 0)) return;
  }
  throw new Error(`nothing takes the kernel path: ${JSON.stringify(receiver.reports.at(-1), null, 1)}`);
}

describe.skipIf(obstacle !== null)(title('the kernel path'), () => {
  it.each([
    ['IPv4', RECEIVER, ROUTER, '0.0.0.0'],
    ['IPv6', RECEIVER6, ROUTER6, '[::]'],
  ] as const)('takes a stream over %s', async (_, to, from, listen) => {
    const on = stage();
    const receiver = await on.receive('--listen', `${listen}:${PORT}`, '--router', from, '--inject', TARGET);
    const tap = await on.tap();
    const frames: Buffer[] = [];
    await warm(on, receiver, frames, to);
    const many = Array.from({ length: 20_000 }, (__, i) => smallish(i, i % 3 === 0 ? 6 : 4));
    frames.push(...many);
    await on.send(many.map(plain), { to, rate: 20_000 });

    await receiver.hasTaken(frames.length);
    await tap.expects(frames);
    const { report } = await receiver.stop();
    expect(report).toMatchObject({ path: 'kernel', noKernelPath: null });
    expect(routerOf(report, from)).toMatchObject({ frames: frames.length, datagrams: frames.length, rejected: {} });
    expect(routerOf(report, from).kernelFrames).toBeGreaterThan(15_000);
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    expect(outputOf(report, 'inject')).toMatchObject({ frames: frames.length, bytes, dropped: {} });
  });

  it('keeps the order while it changes over, hundreds of times', async () => {
    const on = stage();
    const receiver = await on.receive('--router', ROUTER, '--inject', TARGET);
    const tap = await on.tap();
    const frames: Buffer[] = [];
    await warm(on, receiver, frames);
    // Some frames are for user space only: another EtherType, or an original length.
    const many = Array.from({ length: 60_000 }, (_, i) =>
      i % 13 === 0 || i % 101 < 3 ? numbered(i, 100) : smallish(i),
    );
    frames.push(...many);
    // With pauses at first, then as fast as it goes.
    await on.send(many.slice(0, 20_000).map(plain), { rate: 5000 });
    await on.send(many.slice(20_000).map(plain), { rate: 50_000 });

    await receiver.hasTaken(frames.length);
    await tap.expects(frames);
    const { kernelFrames, frames: all } = routerOf((await receiver.stop()).report, ROUTER);
    expect(all).toBe(frames.length);
    expect(kernelFrames).toBeGreaterThan(1000);
    expect(kernelFrames).toBeLessThan(all - 5000);
  });

  it('leaves a router to user space once its datagrams come in fragments', async () => {
    const on = stage();
    const receiver = await on.receive('--router', ROUTER, '--inject', TARGET);
    const tap = await on.tap();
    const frames: Buffer[] = [];
    await warm(on, receiver, frames);
    const many = Array.from({ length: 5000 }, (_, i) => packet(i, 4, i % 4 === 0 ? 1514 : 200));
    frames.push(...many);
    await on.send(many.map(plain), { rate: 5000 });

    await receiver.hasTaken(frames.length);
    await tap.expects(frames);
    const report = await receiver.until('it says why', (each) => each.path === 'user');
    expect(report.noKernelPath).toContain('fragments');
    expect(routerOf(report, ROUTER).kernelFrames).toBeLessThan(frames.length - 4990);
  });

  it('believes only routers that user space believes, and stops with the program', async () => {
    const on = stage();
    const receiver = await on.receive('--router', ROUTER, '--inject', TARGET);
    const tap = await on.tap();
    const frames: Buffer[] = [];
    await warm(on, receiver, frames);
    const others = Array.from({ length: 500 }, (_, i) => smallish(i));
    await on.send(others.map(plain), { from: '192.168.40.2' });
    await receiver.until('they are refused', (each) => each.refused.datagrams === 500);
    await tap.expects(frames);
    await receiver.stop();

    const silent = await on.tap();
    await on.send(others.map(plain));
    await silent.expects([]);
  });

  it('goes on with an interface that was made anew', async () => {
    const on = stage();
    const receiver = await on.receive('--router', ROUTER, '--inject', TARGET);
    await warm(on, receiver, []);
    on.ip('home', 'link', 'del', TARGET);
    await receiver.until('it is missed', (each) => outputOf(each, 'inject').state === 'waiting');
    on.makeTarget(TARGET, 'tap2', 9000);
    await receiver.until('it is found', (each) => outputOf(each, 'inject').state === 'open');
    const before = routerOf(receiver.reports.at(-1)!, ROUTER);
    const tap = await on.tap('tap2');
    const frames = Array.from({ length: 2000 }, (_, i) => smallish(i));
    await on.send(frames.map(plain), { rate: 2000 });

    const report = await receiver.hasTaken(before.datagrams + frames.length);
    await tap.expects(frames);
    expect(routerOf(report, ROUTER).kernelFrames).toBeGreaterThan(before.kernelFrames);
  });

  it('is not taken where full-size frames would come in fragments, until the interface has a fitting MTU', async () => {
    const on = stage();
    on.ip('home', 'link', 'set', on.wire.interface, 'mtu', '1500');
    const receiver = await on.receive('--router', ROUTER, '--inject', TARGET);
    const tap = await on.tap();
    const frames = Array.from({ length: 200 }, (_, i) => smallish(i));
    await on.send(frames.map(plain), { rate: 1000 });
    const report = await receiver.hasTaken(frames.length);
    expect(report).toMatchObject({
      path: 'user',
      noKernelPath: expect.stringContaining(`${on.wire.interface} 1500`) as string,
    });
    expect(routerOf(report, ROUTER).kernelFrames).toBe(0);
    on.ip('home', 'link', 'set', on.wire.interface, 'mtu', '1600');
    // Interfaces are looked at each half minute.
    await receiver.until('it is taken', (each) => each.path === 'kernel', 60_000);
    await warm(on, receiver, frames);
    await tap.expects(frames);
  });

  it.each([
    ['switched off', ['--no-kernel']],
    ['duplicates', ['--drop-duplicates-ms', '50']],
    ['only output', ['--pcap', '/dev/null/none.pcap']],
  ])('is not taken, and says so: %s', async (reason, args) => {
    const on = stage();
    const receiver = await on.receive('--router', ROUTER, '--inject', TARGET, ...args);
    expect(receiver.reports.at(-1)).toMatchObject({
      path: 'user',
      noKernelPath: expect.stringContaining(reason) as string,
    });
  });
});
