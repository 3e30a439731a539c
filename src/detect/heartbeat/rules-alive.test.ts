import { expect, it } from 'vitest';
import { GOOD, World } from '../testing/world.ts';

const ANSWERS = { state: 'answers' as const, problem: null, uptime_secs: 100, version: '7.0.10', last_reload: null };

function answering(world: World, loaded: number, failed: number, lag = 0): () => void {
  return () => {
    const socket = {
      ...ANSWERS,
      capture: null,
      counters: null,
      asked: world.now,
      rules: { loaded, failed, skipped: 0 },
    };
    world.facts = { ...world.facts, sensors: { s: { ...GOOD, socket } } };
    const decoder = { pkts: world.now % 1e6, icmpv4: world.now % 1e6 };
    world.stats({ capture: { kernel_packets: world.now % 1e6, kernel_drops: 0 }, decoder }, world.now - lag);
  };
}

it.each([300, 4000])(
  'takes no rules for good because of a line from before a reload that is read %i ms later, as all of them are',
  (lag) => {
    const world = new World({ kinds: ['icmp'], interval: 10 });
    const good = answering(world, 40, 0, lag);
    const readLate = (around: () => void): void => {
      const probe = world.send();
      const packet = world.now + 1;
      around();
      world.heartbeat.facts(world.facts);
      world.wait(lag, around);
      world.keep(world.read(probe, { packet }));
    };
    for (let i = 0; i < 6; i++) {
      readLate(good);
      world.wait(10_000 - lag, good);
    }
    expect(world.chain().state).toBe('alive');
    // The reload, and the answer of the socket after it, are faster than the line.
    const broken = answering(world, 1, 39, lag);
    readLate(broken);
    for (let i = 0; i < 4; i++) {
      world.wait(10_000, broken);
      world.send();
    }
    expect(world.chain()).toMatchObject({ state: 'blind', cause: 'rules_broken' });
  },
);

it('takes rules for good that have let a probe through for a while, although some of them fail', () => {
  const world = new World({ kinds: ['icmp'], interval: 2 });
  const some = answering(world, 30, 10);
  for (let i = 0; i < 6; i++) {
    some();
    world.beat();
    world.wait(2000, some);
  }
  for (let i = 0; i < 4; i++) {
    world.send();
    world.wait(2000, some);
  }
  expect(world.chain()).toMatchObject({ state: 'blind', cause: 'rule_mismatch' });
});

it('knows that rules are good by the next probe after a reload, and not by one from before it was known', () => {
  const world = new World({ kinds: ['icmp'], interval: 2 });
  const good = answering(world, 40, 0);
  const broken = answering(world, 1, 39);
  for (let round = 0; round < 3; round++) {
    // Rules that are mended before the station knows: the first probe comes through while it still takes them for broken.
    world.beat();
    for (let i = 0; i < 2; i++) {
      world.wait(1000, good);
      world.beat();
    }
    world.wait(1000, good);
    expect(world.chain().state).toBe('alive');
    for (let i = 0; i < 4; i++) {
      world.send();
      world.wait(2000, broken);
    }
    expect(world.chain()).toMatchObject({ state: 'blind', cause: 'rules_broken' });
  }
});

it('knows rules by the clock of the station, whatever the sender says of the time', () => {
  const world = new World({ kinds: ['icmp'], interval: 10, untold: true });
  const good = answering(world, 40, 0);
  const ahead = (around: () => void): void => {
    const probe = { ...world.send(), sent: world.now + 15_000 };
    const packet = world.now + 1;
    world.now += 50;
    around();
    world.heartbeat.facts(world.facts);
    world.wait(250, around);
    world.keep(world.read(probe, { packet }));
  };
  for (let i = 0; i < 6; i++) {
    ahead(good);
    world.wait(9700, good);
  }
  expect(world.chain().state).toBe('alive');
  const broken = answering(world, 1, 39);
  ahead(broken);
  world.wait(60_000, broken);
  expect(world.sensor().health.rules).toMatchObject({ failed: 39 });
  expect(world.chain()).toMatchObject({ state: 'blind', cause: 'rules_broken' });
});
