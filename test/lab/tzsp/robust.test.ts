import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeTzsp } from '../../../src/packet/tzsp/encode.ts';
import type { OutputReport, TzspReport } from '../../../src/packet/tzsp/report.ts';
import { labObstacle, LAB_PACKAGES } from '../packages.ts';
import { numbered } from './frames.ts';
import { datagramsOf, outputOf, routerOf } from './receiver-program.ts';
import { ROUTER, TARGET, TzspStage } from './stage.ts';

/** What goes wrong around a receiver must cost no more than what is counted, and never the receiver. */

const NEEDED = new Set(['ip', 'ethtool', 'tcpdump']);
const obstacle = labObstacle(LAB_PACKAGES.filter((each) => NEEDED.has(each.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

function stage(mtu?: number): TzspStage {
  const made = new TzspStage(mtu);
  onTestFinished(() => made.close());
  return made;
}

const plain = (frame: Buffer): Buffer => encodeTzsp({ frame });
const row = (from: number, count: number, size = 64): Buffer[] =>
  Array.from({ length: count }, (_, i) => numbered(from + i, size));
const inject = (report: TzspReport): OutputReport => outputOf(report, 'inject');

describe.skipIf(obstacle !== null)(title('the receiver survives'), () => {
  it('that its interface is deleted and made anew', async () => {
    const on = stage();
    const receiver = await on.receive('--no-kernel', '--inject', TARGET);
    await on.send(row(0, 10).map(plain));
    expect(inject(await receiver.hasTaken(10))).toMatchObject({ state: 'open', frames: 10 });

    on.ip('home', 'link', 'del', TARGET);
    await receiver.until('it says that the interface is gone', (it) => inject(it).state === 'waiting');
    await on.send(row(10, 5).map(plain));
    const without = inject(await receiver.hasTaken(15));
    expect(without).toMatchObject({ state: 'waiting', frames: 10, dropped: { interface_absent: 5 } });
    expect(without.reason).toContain(TARGET);

    on.makeTarget(TARGET, 'tap0', 1600);
    await receiver.until('it has found the interface again', (it) => inject(it).state === 'open');
    const tap = await on.tap();
    await on.send(row(15, 20).map(plain));
    expect(inject(await receiver.hasTaken(35))).toMatchObject({ frames: 30, mtu: 1600, reason: null });
    await tap.expects(row(15, 20));
  });

  it('that its interface is set down and up', async () => {
    const on = stage();
    const receiver = await on.receive('--no-kernel', '--inject', TARGET);
    const tap = await on.tap();

    on.ip('home', 'link', 'set', TARGET, 'down');
    await receiver.until('it says that the interface is down', (it) => inject(it).state === 'waiting');
    await on.send(row(0, 5).map(plain));
    const without = inject(await receiver.hasTaken(5));
    expect(without).toMatchObject({ frames: 0, dropped: { interface_down: 5 } });
    expect(without.reason).toContain('ip link set');

    on.ip('home', 'link', 'set', TARGET, 'up');
    await receiver.until('it goes on', (it) => inject(it).state === 'open');
    await on.send(row(5, 5).map(plain));
    await receiver.hasTaken(10);
    await tap.expects(row(5, 5));
  });

  it('that there is no interface when it starts', async () => {
    const on = stage();
    const receiver = await on.receive('--no-kernel', '--inject', 'later0');
    await on.send([plain(numbered(0))]);
    expect(inject(await receiver.hasTaken(1))).toMatchObject({ state: 'waiting', dropped: { interface_absent: 1 } });

    on.makeTarget('later0', 'tap1', 1600);
    await receiver.until('it has found the interface', (it) => inject(it).state === 'open');
    const tap = await on.tap('tap1');
    await on.send([plain(numbered(1))]);
    await tap.expects([numbered(1)]);
  });

  it('an MTU that is too small, names the one that would do, and goes on with it', async () => {
    const on = stage(1500);
    const receiver = await on.receive('--no-kernel', '--inject', TARGET);
    const tap = await on.tap();
    const frames = [numbered(1), numbered(2, 1600), numbered(3), numbered(4, 1700), numbered(5)];
    await on.send(frames.map(plain));
    expect(inject(await receiver.hasTaken(5))).toMatchObject({
      frames: 3,
      dropped: { too_large: 2 },
      mtu: 1500,
      mtuNeeded: 1686,
    });

    for (const name of [TARGET, 'tap0']) on.ip('home', 'link', 'set', name, 'mtu', '1686');
    await on.send(frames.map(plain));
    expect(inject(await receiver.hasTaken(10))).toMatchObject({ frames: 8, dropped: { too_large: 2 } });
    await tap.expects([numbered(1), numbered(3), numbered(5), ...frames]);
  });

  it('that the router starts anew, and tells how long it was silent', async () => {
    const on = stage();
    const receiver = await on.receive('--no-kernel', '--inject', TARGET);
    const tap = await on.tap();
    const keepalive = encodeTzsp({ type: 4, encapsulation: 0 });
    await on.send([keepalive, plain(numbered(0))]);
    const before = routerOf(await receiver.hasTaken(2), ROUTER);

    on.ip('attacker', 'link', 'set', on.routerInterface, 'down');
    await receiver.until('it was silent for two seconds', (it) => it.time - before.lastSeen > 2000);
    on.ip('attacker', 'link', 'set', on.routerInterface, 'up');
    // From another port, as after a start.
    await on.send([plain(numbered(1)), keepalive]);

    const after = routerOf(await receiver.hasTaken(4), ROUTER);
    expect(after).toMatchObject({ frames: 2, keepalives: 2, firstSeen: before.firstSeen });
    expect(after.longestGapMs).toBeGreaterThan(2000);
    await tap.expects([numbered(0), numbered(1)]);
  });

  it('senders that are not believed: none of their frames reach the sensor, and they are named', async () => {
    const on = stage();
    const spoofed = Array.from({ length: 20 }, (_, i) => `192.168.40.${100 + i}`);
    on.addRouters(spoofed);
    const receiver = await on.receive('--no-kernel', '--inject', TARGET, '--router', ROUTER);
    const tap = await on.tap();
    for (const [i, from] of spoofed.entries()) {
      await on.send([plain(numbered(1000 + i))], { from });
      await on.send([plain(numbered(i))], { from: ROUTER });
    }
    const report = await receiver.until('all have come', (it) => it.refused.datagrams === 20 && datagramsOf(it) === 20);
    expect(report.routers.map((it) => it.address)).toEqual([ROUTER]);
    // A list of bounded length: the newest.
    expect(report.refused.senders.map((it) => it.address)).toContain(spoofed.at(-1));
    expect(report.refused.senders.length).toBeLessThanOrEqual(spoofed.length);
    await tap.expects(row(0, 20));
  });

  it('more than it can take, and counts what the kernel dropped', async () => {
    const on = stage();
    // A small buffer, and a receiver that stands still meanwhile.
    const receiver = await on.receive('--no-kernel', '--inject', TARGET, '--buffer', '65536');
    const tap = await on.tap();
    receiver.child.kill('SIGSTOP');
    await on.send(row(0, 2000).map(plain));
    receiver.child.kill('SIGCONT');
    await receiver.until('it has taken what the buffer held', (it) => datagramsOf(it) > 0);
    // The count of drops comes with the next datagram.
    await on.send([plain(numbered(2000))]);
    const report = await receiver.until(
      'all are accounted for',
      (it) => datagramsOf(it) + it.sockets[0]!.kernelDrops === 2001,
    );
    expect(report.sockets[0]!.kernelDrops).toBeGreaterThan(0);
    const taken = datagramsOf(report);
    await tap.expects([...row(0, taken - 1), numbered(2000)]);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('%s in a second, while it is at work and while it waits', async (signal) => {
    const on = stage();
    for (const busy of [false, true]) {
      const receiver = await on.receive('--no-kernel', '--inject', TARGET);
      const sending = busy ? on.send(row(0, 20_000).map(plain), { rate: 10_000 }) : Promise.resolve();
      if (busy) await receiver.until('it is at work', (it) => datagramsOf(it) > 0);
      const started = performance.now();
      receiver.child.kill(signal);
      const { code } = await receiver.stop();
      expect(code).toBe(0);
      expect(performance.now() - started).toBeLessThan(1000);
      await sending.catch(() => undefined);
    }
  });

  it('100,000 datagrams of nonsense while a good stream flows', async () => {
    const on = stage();
    const receiver = await on.receive('--no-kernel', '--inject', TARGET, '--router', '192.168.40.0/24');
    const tap = await on.tap();
    const good = row(0, 20_000, 200);
    const fuzz = nonsense(100_000);
    // Both at once, from two senders: they are mixed as they come.
    await Promise.all([
      on.send(good.map(plain), { rate: 2000 }),
      on.send(fuzz, { rate: 10_000, from: '192.168.40.2' }),
    ]);

    const report = await receiver.hasTaken(good.length + fuzz.length);
    expect(report.sockets[0]!.kernelDrops).toBe(0);
    expect(routerOf(report, ROUTER)).toMatchObject({ datagrams: good.length, frames: good.length, rejected: {} });
    const odd = routerOf(report, '192.168.40.2');
    const rejected = Object.values(odd.rejected).reduce((sum, it) => sum + it, 0);
    expect(odd.frames + odd.keepalives + rejected).toBe(fuzz.length);
    await tap.expects(good);
    expect((await receiver.stop()).code).toBe(0);
  });
});

/** Datagrams near to TZSP and far from it. None carries a frame that may be put into an interface: the good stream is to be told from them. */
function nonsense(count: number): Buffer[] {
  const bytes = (max: number): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength: max }).map((it) => Buffer.from(it));
  const header = fc.tuple(
    fc.constantFrom(1, 1, 1, 0, 2, 255),
    fc.nat(7),
    fc.constant(0),
    fc.constantFrom(2, 18, 119, 200),
  );
  const tag = fc
    .tuple(fc.nat(90), fc.nat(20), bytes(20))
    .map(([type, length, value]) => Buffer.of(type, length, ...value));
  const near = fc
    .tuple(header, fc.array(tag, { maxLength: 6 }), fc.constantFrom([], [1]), bytes(80))
    .map(([head, tags, end, rest]) => Buffer.from([...head, ...tags.flatMap((it) => [...it]), ...end, ...rest]));
  const short = fc
    .tuple(header, fc.constant([1]), bytes(13))
    .map(([head, end, rest]) => Buffer.from([...head.slice(0, 3), 1, ...end, ...rest]));
  const far = bytes(60).filter((it) => it[3] !== 1);
  const kinds = fc.sample(fc.oneof({ weight: 3, arbitrary: near }, short, far), { numRuns: 5000, seed: Date.now() });
  return Array.from({ length: count }, (_, i) => {
    const datagram = Buffer.from(kinds[i % kinds.length]!);
    // Each is another one: a byte of it is changed, but not the encapsulation.
    if (datagram.length > 5) datagram[4 + (i % (datagram.length - 4))]! ^= i % 251;
    return datagram;
  });
}
