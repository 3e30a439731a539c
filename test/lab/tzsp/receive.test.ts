import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { encodeTzsp } from '../../../src/packet/tzsp/encode.ts';
import type { TzspReport } from '../../../src/packet/tzsp/report.ts';
import { labObstacle, LAB_PACKAGES } from '../packages.ts';
import { ipv4, numbered } from './frames.ts';
import { ODD_DATAGRAMS } from './odd-datagrams.ts';
import { datagramsOf, outputOf, type ReceiverProgram, routerOf } from './receiver-program.ts';
import { pcapOf, PORT, RECEIVER, RECEIVER6, ROUTER, ROUTER6, TARGET, TzspStage } from './stage.ts';

/** `varde tzsp` takes what a router sends and puts it into an interface: every frame once, in order, byte for byte. */

const NEEDED = new Set(['ip', 'ethtool', 'tcpdump', 'tcpreplay']);
const obstacle = labObstacle(LAB_PACKAGES.filter((each) => NEEDED.has(each.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

function stage(): TzspStage {
  const made = new TzspStage();
  onTestFinished(() => made.close());
  return made;
}

const plain = (frame: Buffer): Buffer => encodeTzsp({ frame });

/** Sizes over all that an underlay of 1500 bytes carries whole and in two to seven fragments. */
const SIZES = [18, 60, 64, 128, 590, 1400, 1450, 1451, 1467, 1468, 1514, 2962, 4410, 9014];

describe.skipIf(obstacle !== null)(title('a stream'), () => {
  it.each([
    ['IPv4', RECEIVER, ROUTER],
    ['IPv6', RECEIVER6, ROUTER6],
  ])('over %s is seen by the sensor byte for byte, in order, whole and in fragments', async (_, to, from) => {
    const on = stage();
    const receiver = await on.receive(
      '--no-kernel',
      '--listen',
      `0.0.0.0:${PORT}`,
      '--listen',
      `[::]:${PORT}`,
      '--router',
      from,
      '--inject',
      TARGET,
    );
    const tap = await on.tap();
    const frames = Array.from({ length: 5000 }, (__, i) => numbered(i, SIZES[i % SIZES.length]));

    await on.send(frames.map(plain), { to, rate: 5000 });

    const report = await receiver.hasTaken(frames.length);
    expect(await tap.frames()).toEqual(frames);
    expect(routerOf(report, from)).toMatchObject({ datagrams: 5000, frames: 5000, keepalives: 0, rejected: {} });
    expect(outputOf(report, 'inject')).toMatchObject({
      state: 'open',
      frames: 5000,
      dropped: {},
      mtu: 9000,
      mtuNeeded: null,
    });
  });

  it('is split by router', async () => {
    const on = stage();
    on.makeTarget('dummy1', 'tap1', 1600);
    const receiver = await on.receive(
      '--no-kernel',
      '--inject',
      `${TARGET}=${ROUTER}`,
      '--inject',
      'dummy1=192.168.40.2',
    );
    const taps = [await on.tap(), await on.tap('tap1')];
    const ours = [numbered(1), numbered(2)];
    const others = [numbered(3), numbered(4), numbered(5)];

    await on.send(ours.map(plain), { from: ROUTER });
    await on.send(others.map(plain), { from: '192.168.40.2' });

    await receiver.hasTaken(5);
    expect(await taps[0]!.frames()).toEqual(ours);
    expect(await taps[1]!.frames()).toEqual(others);
  });

  it('loses nothing but the frame whose fragments do not fit together', async () => {
    const on = stage();
    const receiver = await on.receive('--no-kernel', '--inject', TARGET);
    const tap = await on.tap();
    const [a, b, missing, overlapping, last] = [1, 2, 3, 4, 5].map((it) => numbered(it, 1514));
    const [a1, a2] = fragments(a!, 1);
    const [b1, b2] = fragments(b!, 2);
    const [c1] = fragments(missing!, 3);
    const [d1] = fragments(overlapping!, 4);
    const d2 = fragments(overlapping!, 4, 640)[1];
    const [e1, e2] = fragments(last!, 5);
    const mac = /link\/ether ([0-9a-f:]+)/.exec(on.wire.run('home', ['ip', 'link', 'show', on.wire.interface]))![1]!;
    const head = Buffer.from(`${mac.replaceAll(':', '')}02000000000c0800`, 'hex');
    const file = join(on.root, 'fragments.pcap');
    writeFileSync(file, pcapOf([a1, b1, a2, b2, c1, d1, d2, e2, e1].map((it) => Buffer.concat([head, it!]))));

    await on.replay(file, '--pps', '1000');

    await receiver.hasTaken(3);
    await on.send([plain(numbered(6))]);
    const report = await receiver.hasTaken(4);
    expect(datagramsOf(report)).toBe(4);
    expect(await tap.frames()).toEqual([a, b, last, numbered(6)]);
  });

  it('has the copies of a packet from a second bridge port taken out, where that is asked for', async () => {
    const on = stage();
    const receiver = await on.receive('--inject', TARGET, '--drop-duplicates-ms', '10000');
    const tap = await on.tap();
    const frames = [1, 2, 1, 3, 2, 3, 4].map((it) => numbered(it));

    await on.send(frames.map(plain));

    const report = await receiver.hasTaken(frames.length);
    expect(routerOf(report, ROUTER)).toMatchObject({ frames: 7, duplicates: 3 });
    expect(await tap.frames()).toEqual([1, 2, 3, 4].map((it) => numbered(it)));
  });
});

describe.skipIf(obstacle !== null)(title('an odd datagram'), () => {
  let on: TzspStage;
  let receiver: ReceiverProgram;
  let tap: Awaited<ReturnType<TzspStage['tap']>>;
  let before: TzspReport;
  const seen: Buffer[] = [];

  beforeAll(async () => {
    on = new TzspStage();
    receiver = await on.receive('--no-kernel', '--inject', TARGET);
    tap = await on.tap();
    await on.send([plain(numbered(0))]);
    seen.push(numbered(0));
    before = await receiver.hasTaken(1);
  });
  afterAll(() => on.close());

  it.each(ODD_DATAGRAMS)('$name', async ({ bytes, counts, seen: frame }) => {
    await on.send([bytes]);

    const after = await receiver.hasTaken(datagramsOf(before) + 1);
    expect(difference(before, after)).toEqual({ datagrams: 1, ...counts });
    before = after;
    if (frame !== null) seen.push(frame);
  });

  it('does not keep the good frames around it from the sensor', async () => {
    await on.send([plain(numbered(1))]);
    seen.push(numbered(1));
    const report = await receiver.hasTaken(datagramsOf(before) + 1);
    expect(await tap.frames()).toEqual(seen);
    // 60,000 bytes less the header, which the MTU does not count.
    expect(outputOf(report, 'inject').mtuNeeded).toBe(59_986);
    expect((await receiver.stop()).code).toBe(0);
  });
});

/** The datagram of a frame in two IPv4 fragments; `at` where the second begins, by default where the first ends. */
function fragments(frame: Buffer, identification: number, at = 800): [Buffer, Buffer] {
  const udp = Buffer.concat([Buffer.alloc(8), plain(frame)]);
  udp.writeUInt16BE(40_000, 0);
  udp.writeUInt16BE(PORT, 2);
  udp.writeUInt16BE(udp.length, 4);
  const part = { from: ROUTER, to: RECEIVER, protocol: 17, identification };
  return [
    ipv4({ ...part, payload: udp.subarray(0, 800), moreFragments: true }),
    ipv4({ ...part, payload: udp.subarray(at), fragmentOffset: at }),
  ];
}

/** Which counters went up, and by how much. */
function difference(before: TzspReport, after: TzspReport): Record<string, number> {
  const [old, now] = [flat(before), flat(after)];
  const changed = Object.entries(now).map(([name, value]) => [name, value - (old[name] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, value]) => value !== 0));
}

function flat(report: TzspReport): Record<string, number> {
  const { datagrams, frames, keepalives, sliced, loops, duplicates, rejected } = routerOf(report, ROUTER);
  const prefixed = (prefix: string, counts: Record<string, number>): [string, number][] =>
    Object.entries(counts).map(([name, value]) => [`${prefix}.${name}`, value]);
  return {
    datagrams,
    frames,
    keepalives,
    sliced,
    loops,
    duplicates,
    refused: report.refused.datagrams,
    ...Object.fromEntries([
      ...prefixed('rejected', rejected),
      ...prefixed('dropped', outputOf(report, 'inject').dropped),
    ]),
  };
}
