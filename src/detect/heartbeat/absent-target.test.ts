import { expect, it } from 'vitest';
import { World } from '../testing/world.ts';

it('names a target that does not answer ARP at each probe, also in the moment before the kernel says so', () => {
  const world = new World({ kinds: ['icmp'], interval: 10 });
  world.live(3);
  const blind = new Set<string>();
  const look = (): void => {
    world.heartbeat.facts(world.facts);
    const { state, hop, cause } = world.chain();
    if (state === 'blind') blind.add(`${hop ?? ''} ${cause ?? ''}`);
  };
  for (let i = 0; i < 6; i++) {
    const probe = world.send();
    for (const passed of [1000, 2000, 3000, 3060]) {
      world.now = probe.sent + passed;
      look();
    }
    world.now = probe.sent + 3100;
    world.heartbeat.sent({ ...probe, error: 'arp_unanswered' });
    for (const passed of [4000, 7000, 9900]) {
      world.now = probe.sent + passed;
      look();
    }
    world.now = probe.sent + 10_000;
  }
  expect([...blind]).toEqual(['sent target_absent']);
});
