import { expect, it } from 'vitest';
import { World } from '../testing/world.ts';

/** A sensor whose counters move on whatever becomes of the probes, and a look at each second of what is said of ICMP. */
function watched(): { world: World; causes: Set<string | null>; wait(ms: number): void } {
  const world = new World({ kinds: ['icmp', 'http'], interval: 2 });
  const causes = new Set<string | null>();
  let count = 1000;
  const wait = (ms: number): void =>
    world.wait(ms, () => {
      count += 100;
      const decoder = { pkts: count, icmpv4: count, tcp: count };
      world.stats({ capture: { kernel_packets: count, kernel_drops: 0 }, decoder, detect: { alert: count } });
      causes.add(world.chain('icmp').cause);
    });
  for (let i = 0; i < 6; i++) {
    world.beat('icmp');
    world.beat('http');
    wait(2000 - 210);
  }
  causes.clear();
  return { world, causes, wait };
}

it('calls a kind blind that fails alone', () => {
  const { world, causes, wait } = watched();
  for (let i = 0; i < 5; i++) {
    world.send('icmp');
    world.beat('http');
    wait(2000);
  }
  expect(causes).toContain('kind_blind');
});

it('does not where all cease together, although the other one was seen but a moment before', () => {
  const { world, causes, wait } = watched();
  world.beat('http');
  for (let i = 0; i < 6; i++) {
    world.send('icmp');
    if (i > 0) world.send('http');
    wait(2000);
  }
  expect(causes).not.toContain('kind_blind');
  expect(causes).toContain('not_seen_yet');
  expect(world.chain('icmp').state).toBe('blind');
});

it('does not either where all come back, in the moment in which only the other one has', () => {
  const { world, causes, wait } = watched();
  for (let i = 0; i < 6; i++) {
    world.send('icmp');
    world.send('http');
    wait(2000);
  }
  causes.clear();
  // Everything comes through again from here on; ICMP has its turn a little later.
  world.beat('http');
  wait(1500);
  expect(causes).not.toContain('kind_blind');
  world.beat('icmp');
  wait(1000);
  expect(world.chain('icmp').state).toBe('alive');
});
