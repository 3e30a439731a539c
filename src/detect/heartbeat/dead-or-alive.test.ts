import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SentProbe } from '../../probe/sent-probe.ts';
import { alertOf, SOURCE, tokenOf, World, type AlertChanges } from '../testing/world.ts';

/**
 * An attacker who can write lines into the log, or packets onto the wire, with all that was ever seen there: whatever the lines, they must not
 * make a dead sensor look alive, nor a living one dead.
 */

interface Attack {
  what: 'again' | 'rewritten' | 'forged' | 'future' | 'very old' | 'foreign key' | 'garbage';
  pick: number;
  shift: number;
}

const attack: fc.Arbitrary<Attack> = fc.record({
  what: fc.constantFrom('again', 'rewritten', 'forged', 'future', 'very old', 'foreign key', 'garbage'),
  pick: fc.nat(1000),
  shift: fc.integer({ min: -100_000, max: 100_000 }),
});

/** The line of an attack; `seen` are the probes whose packets were on the wire before. */
function lineOf(world: World, seen: readonly SentProbe[], { what, pick, shift }: Attack): Record<string, unknown> {
  const probe = seen[pick % seen.length]!;
  const changes: AlertChanges = {};
  switch (what) {
    case 'again':
      break;
    case 'rewritten':
      changes.packet = world.now + shift;
      break;
    case 'forged':
      changes.token = `${tokenOf(probe).slice(0, 40)}aaaaaaaa`;
      changes.packet = world.now;
      break;
    case 'future':
      changes.packet = world.now + 86_400_000 + shift;
      break;
    case 'very old':
      changes.packet = world.now - 40 * 86_400_000 + shift;
      break;
    case 'foreign key':
      changes.token = tokenOf({ ...probe, seq: probe.seq + 1000, sent: world.now }, Buffer.alloc(32, 9));
      changes.packet = world.now;
      break;
    case 'garbage':
      changes.packet = world.now;
      changes.fields = [
        { alert: null },
        { timestamp: 7 },
        { payload: ['varde-hb'] },
        { src_ip: {} },
        { alert: { signature_id: '5100001' } },
      ][pick % 5]!;
  }
  return alertOf(probe, changes);
}

const inject = (world: World, seen: readonly SentProbe[], attacks: readonly Attack[]): void => {
  for (const one of attacks) world.heartbeat.line(lineOf(world, seen, one), world.now, { source: SOURCE });
};

const RUNS = { numRuns: 150 };

it.each([false, true])('never make a dead sensor alive (its sender reports nothing: %s)', (untold) => {
  fc.assert(
    fc.property(fc.array(fc.array(attack, { maxLength: 4 }), { minLength: 5, maxLength: 20 }), (rounds) => {
      const world = new World({ untold });
      const seen: SentProbe[] = [];
      for (let i = 0; i < 8; i++) {
        const probe = world.send();
        const sighting = world.read(probe);
        if (sighting !== null) world.heartbeat.stored(sighting);
        seen.push(probe);
        world.wait(10_000);
      }
      expect(world.chain().state).toBe('alive');
      const last = world.chain().last_seen;
      // Dead: probes go on, and each is on the wire for an attacker to see; none raises an alert of the sensor.
      for (const attacks of rounds) {
        seen.push(world.send());
        // What was sent in the last minute would be as good as the sensor's own line: older ones only.
        inject(world, seen.slice(0, 8), attacks);
        world.wait(10_000);
      }
      expect(world.chain()).toMatchObject({ state: 'blind', last_seen: last });
    }),
    RUNS,
  );
});

it('never make a dead sensor alive with probes that were lost and recorded', () => {
  fc.assert(
    fc.property(fc.array(fc.array(attack, { maxLength: 4 }), { minLength: 12, maxLength: 20 }), (rounds) => {
      const world = new World();
      world.live(4);
      world.wait(30_000);
      const recorded: SentProbe[] = [];
      for (const attacks of rounds) {
        recorded.push(world.send());
        if (recorded.length > 8) inject(world, recorded.slice(0, recorded.length - 7), attacks);
        world.wait(10_000);
        // Lines that come in lots may look like a buffered log for a while: that is late, never alive.
        expect(world.chain().state).not.toBe('alive');
      }
      world.wait(120_000, () => (world.now % 10_000 < 1000 ? void world.send() : undefined));
      expect(world.chain().state).toBe('blind');
    }),
    RUNS,
  );
});

it.each([false, true])('never make a living sensor dead (its sender reports nothing: %s)', (untold) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.array(attack, { maxLength: 4 }), fc.array(attack, { maxLength: 4 })), {
        minLength: 5,
        maxLength: 20,
      }),
      (rounds) => {
        const world = new World({ untold });
        const seen: SentProbe[] = [];
        for (const [i, [before, after]] of rounds.entries()) {
          const probe = world.send();
          if (seen.length > 0) inject(world, seen, before);
          world.now += 3;
          const sighting = world.read(probe);
          expect(sighting).not.toBeNull();
          if (sighting !== null) world.heartbeat.stored(sighting);
          seen.push(probe);
          inject(world, seen, after);
          world.wait(9997);
          expect(world.chain()).toMatchObject({ state: 'alive', last_seq: { seen: i + 1 } });
        }
        expect(world.chain().windows[0]!.lost).toBe(0);
      },
    ),
    RUNS,
  );
});

it('count each probe once, in whatever order the lines come', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...Array(20).keys()], { minLength: 20, maxLength: 20 }),
      fc.boolean(),
      (order, untold) => {
        const world = new World({ untold });
        const probes: SentProbe[] = [];
        for (let i = 0; i < 20; i++) {
          probes.push(world.send());
          world.wait(1000);
        }
        for (const i of order) world.read(probes[i]!);
        for (const i of order) world.read(probes[i]!);
        world.wait(5000);
        const chain = world.chain();
        expect(chain.last_seq.seen).toBe(20);
        // Numbers before the first line that came are not known to have been sent, where nobody reports.
        const first = order[0]!;
        expect(chain.windows[0]).toMatchObject({ lost: 0, sent: untold ? expect.any(Number) : 20 });
        expect(chain.windows[0]!.sent).toBeGreaterThanOrEqual(untold ? 20 - first : 20);
      },
    ),
    RUNS,
  );
});
