import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { encodeTzsp } from '../../../src/packet/tzsp/encode.ts';
import type { RouterReport, TzspReport } from '../../../src/packet/tzsp/report.ts';
import { labObstacle, LAB_PACKAGES } from '../packages.ts';
import { ipv4, numbered } from './frames.ts';
import { ODD_DATAGRAMS } from './odd-datagrams.ts';
import { datagramsOf, outputOf, routerOf } from './receiver-program.ts';
import { pcapOf, PORT, RECEIVER, RECEIVER6, ROUTER, ROUTER6, TARGET, type Tap, TzspStage } from './stage.ts';

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
    await tap.expects(frames);
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
    await taps[0]!.expects(ours);
    await taps[1]!.expects(others);
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
    await tap.expects([a!, b!, last!, numbered(6)]);
  });

  it('has the copies of a packet from a second bridge port taken out, where that is asked for', async () => {
    const on = stage();
    const receiver = await on.receive('--inject', TARGET, '--drop-duplicates-ms', '10000');
    const tap = await on.tap();
    const frames = [1, 2, 1, 3, 2, 3, 4].map((it) => numbered(it));

    await on.send(frames.map(plain));

    const report = await receiver.hasTaken(frames.length);
    expect(routerOf(report, ROUTER)).toMatchObject({ frames: 7, duplicates: 3 });
    await tap.expects([1, 2, 3, 4].map((it) => numbered(it)));
  });
});

describe.skipIf(obstacle !== null)(title('an odd datagram'), () => {
  const cases = ODD_DATAGRAMS.map((it, i) => ({ ...it, from: `192.168.40.${20 + i}` }));
  let on: TzspStage;
  let report: TzspReport;
  let tap: Tap;

  // Each comes from a router of its own, whose counters tell what became of it.
  beforeAll(async () => {
    on = new TzspStage();
    on.addRouters(cases.map((it) => it.from));
    const receiver = await on.receive('--no-kernel', '--inject', TARGET);
    tap = await on.tap();
    for (const { bytes, from } of cases) await on.send([bytes, plain(numbered(0))], { from });
    report = await receiver.hasTaken(2 * cases.length);
    expect((await receiver.stop()).code).toBe(0);
  });
  afterAll(() => on.close());

  it.each(cases)('$name', ({ counts, from }) => {
    expect(changed(routerOf(report, from))).toEqual({ datagrams: 2, ...counts, frames: (counts['frames'] ?? 0) + 1 });
  });

  it('keeps no other frame from the sensor', async () => {
    await tap.expects(cases.flatMap(({ seen }) => [...(seen === null ? [] : [seen]), numbered(0)]));
  });

  it('is counted where it cannot be put in, with the MTU that would do', () => {
    const dropped: Record<string, number> = {};
    for (const it of cases) if (it.dropped !== undefined) dropped[it.dropped] = (dropped[it.dropped] ?? 0) + 1;
    const inject = outputOf(report, 'inject');
    expect(inject.dropped).toEqual(dropped);
    // 60,000 bytes less the header, which the MTU does not count.
    expect(inject.mtuNeeded).toBe(59_986);
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

/** Counters that are not 0. */
function changed(router: RouterReport): Record<string, number> {
  const { datagrams, frames, keepalives, sliced, loops, duplicates, rejected } = router;
  const reasons = Object.entries(rejected).map(([reason, count]) => [`rejected.${reason}`, count] as const);
  const all = { datagrams, frames, keepalives, sliced, loops, duplicates, ...Object.fromEntries(reasons) };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0));
}
