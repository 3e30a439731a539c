import { expect, it } from 'vitest';
import { GOOD, World } from '../testing/world.ts';

const ANSWERS = { state: 'answers' as const, problem: null, uptime_secs: 100, version: '7.0.10', last_reload: null };
const RULES = { loaded: 40, failed: 0, skipped: 0 };

/** A sensor whose counters count the probes and `others` packets a second, written each `statsSecs`; nobody looks at its interface. */
function cutMirror(statsSecs: number, others: number): { world: World; causes: string[]; namedAfter: number } {
  const world = new World({ kinds: ['icmp'], interval: 10 });
  const causes: string[] = [];
  let isCut = false;
  let cut = 0;
  let namedAfter = Number.POSITIVE_INFINITY;
  let count = 1000;
  let secs = 0;
  const each = (): void => {
    if (!isCut) count += others;
    if (++secs % statsSecs === 0) {
      const decoder = { pkts: count, icmpv4: count };
      world.stats({ capture: { kernel_packets: count, kernel_drops: 0 }, decoder, detect: { alert: count } });
    }
    const socket = { ...ANSWERS, capture: null, counters: null, asked: world.now, rules: RULES };
    world.facts = { ...world.facts, sensors: { s: { ...GOOD, socket } } };
    const { state, cause } = world.chain();
    if (isCut && state !== 'alive') causes.push(`${state} ${cause ?? ''}`);
    if (isCut && cause === 'mirror_silent') namedAfter = Math.min(namedAfter, world.now - cut);
  };
  // The cut lies in the middle of a stats interval.
  const before = Math.ceil((4 * statsSecs) / 10) * 10 + 4 * 10;
  for (let at = 0; at < before; at += 10) {
    count++;
    world.beat();
    world.wait(10_000 - 105, each);
  }
  isCut = true;
  cut = world.now;
  for (let at = 0; at < 5 * statsSecs + 60; at += 10) {
    world.send();
    world.wait(10_000, each);
  }
  return { world, causes, namedAfter };
}

it.each([
  [8, 0],
  [8, 5],
  [30, 0],
  [30, 5],
  [60, 5],
])(
  'blames no rule for a mirror that is cut, with stats each %i s and %i other packets a second',
  (statsSecs, others) => {
    const { world, causes, namedAfter } = cutMirror(statsSecs, others);
    expect(world.chain()).toMatchObject({ state: 'blind', hop: 'captured', cause: 'mirror_silent' });
    expect([...new Set(causes)].filter((what) => what.includes('rule'))).toEqual([]);
    // Two intervals and five seconds, with Suricata's own interval; counters that come seldom can tell no sooner.
    expect(namedAfter).toBeLessThanOrEqual(Math.max(25_000, 2 * statsSecs * 1000));
  },
);
