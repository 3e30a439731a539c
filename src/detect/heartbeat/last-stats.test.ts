import { expect, it } from 'vitest';
import { GOOD, World } from '../testing/world.ts';

/** A sensor with stats each second, probes every two, and a command socket that answers on and on: what is said of it, look by look. */
function stopped(lastStatsAfterMs: number): { said: Set<string>; world: World } {
  const world = new World({ kinds: ['icmp'], interval: 2 });
  const said = new Set<string>();
  let count = 1000;
  const look = (): void => {
    const rules = { loaded: 1, failed: 0, skipped: 0 };
    const answers = { state: 'answers' as const, problem: null, asked: world.now, rules };
    world.facts = { ...world.facts, sensors: { s: { ...GOOD, socket: { ...SOCKET, ...answers } } } };
    world.heartbeat.facts(world.facts);
    const { state, hop, cause } = world.chain();
    if (state !== 'alive') said.add(`${state} ${hop ?? ''} (${cause ?? ''})`);
  };
  const pass = (ms: number): void => {
    for (const end = world.now + ms; world.now < end;) {
      world.now = Math.min(end, world.now + 100);
      look();
    }
  };
  const stats = (): void => {
    const decoder = { pkts: count, icmpv4: count };
    world.stats({ capture: { kernel_packets: count, kernel_drops: 0 }, decoder, detect: { alert: count } });
  };
  for (let i = 0; i < 8; i++) {
    world.beat();
    count++;
    pass(900);
    stats();
    pass(995);
    // Nothing came meanwhile.
    stats();
  }
  said.clear();
  world.send();
  pass(lastStatsAfterMs);
  stats();
  for (let i = 0; i < 5; i++) {
    pass(2000 - (i === 0 ? lastStatsAfterMs : 0));
    world.send();
  }
  return { said, world };
}

const SOCKET = {
  uptime_secs: 100,
  version: '7.0.10',
  last_reload: null,
  capture: null,
  counters: null,
};

it.each([100, 400, 900])(
  'blames no mirror for the counters that Suricata wrote at its end, %i ms after the first probe that is missing',
  (after) => {
    const { said, world } = stopped(after);
    expect(world.chain()).toMatchObject({ state: 'blind', hop: 'alerted', cause: 'eve_off' });
    expect([...said].filter((what) => what.includes('mirror'))).toEqual([]);
    expect([...said].filter((what) => what.includes('rule'))).toEqual([]);
  },
);
