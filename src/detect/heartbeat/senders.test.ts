import { describe, expect, it } from 'vitest';
import { GOOD, World } from '../testing/world.ts';
import type { SocketFacts } from './facts.ts';

const INTERVAL = 10_000;

/** A sensor that sees everything and whose counters move. */
function counters(world: World): void {
  const n = Math.floor(world.now / 1000) % 1_000_000;
  world.stats({
    capture: { kernel_packets: n, kernel_drops: 0 },
    decoder: { pkts: n, icmpv4: n },
    detect: { alert: n, engines: [{ rules_loaded: 40, rules_failed: 0 }] },
  });
}

const live = (world: World, ms: number): void =>
  world.wait(ms, () => {
    if (Math.floor(world.now / 1000) % 8 === 0) counters(world);
  });

/** `count` probes by a sender whose clock is off; each raises an alert unless it is lost. */
function send(world: World, count: number, options: { clock?: number; lost?: boolean; token?: null } = {}): void {
  for (let i = 0; i < count; i++) {
    const probe = world.send('icmp', { sent: world.now + (options.clock ?? 0) });
    world.now += 5;
    const sighting = options.lost === true ? null : world.read(probe, { packet: world.now - 4, token: options.token });
    if (sighting !== null) world.heartbeat.stored(sighting);
    live(world, INTERVAL - 5);
  }
}

describe('a sender that does not report', () => {
  it('is not waited for because of one report by hand long ago', () => {
    const world = new World({ untold: true });
    send(world, 5);
    world.untold = false;
    send(world, 1);
    world.untold = true;
    send(world, 10);
    expect(world.chain()).toMatchObject({ state: 'alive', last_seq: { sent: null, seen: 16 } });
    send(world, 3, { lost: true });
    send(world, 2);
    expect(world.chain().gaps).toEqual([{ from: 17, to: 19 }]);
    expect(world.chain().windows[0]!.lost).toBe(3);
    send(world, 5, { lost: true });
    expect(world.chain()).toMatchObject({ state: 'blind', hop: 'alerted' });
    // As soon as reports come again they count again.
    world.untold = false;
    send(world, 2);
    expect(world.chain()).toMatchObject({ state: 'alive', last_seq: { sent: 28, seen: 28 } });
  });

  it('is the first to be looked at where nothing but its probes is missing', () => {
    const world = new World({ untold: true });
    send(world, 5);
    live(world, 40_000);
    const { state, cause, message, remedy } = world.chain();
    expect({ state, cause }).toEqual({ state: 'blind', cause: 'rule_mismatch' });
    expect(message).toMatch(/^The sender may have stopped/);
    expect(remedy).toMatch(/^See first that the sender runs/);
    expect(world.heartbeat.judge()[0]!.chains[0]!.remedy).toBe(remedy);
    const told = new World();
    send(told, 5);
    send(told, 3, { lost: true });
    expect(told.chain()).toMatchObject({ cause: 'rule_mismatch' });
    expect(told.chain().message + told.chain().remedy).not.toContain('sender');
  });

  it.each([-120_000, 120_000])('shows that its clock is wrong: %i ms', (clock) => {
    const fresh = new World({ untold: true });
    send(fresh, 6, { clock });
    expect(fresh.chain()).toMatchObject({ hop: 'read', cause: 'clock_skew' });
    expect(fresh.chain().message).toContain('clocks of sensor, sender and station');
    const world = new World({ untold: true });
    send(world, 6);
    send(world, 8, { clock });
    expect(world.chain()).toMatchObject({ state: 'blind', hop: 'read', cause: 'clock_skew' });
    send(world, 2);
    expect(world.chain()).toMatchObject({ state: 'alive' });
  });

  it('shows nothing of clocks in a capture that is played back at once', () => {
    const world = new World({ untold: true });
    send(world, 6);
    const kept = Array.from({ length: 20 }, () => {
      const probe = world.send();
      live(world, INTERVAL);
      return probe;
    });
    live(world, 600_000);
    for (const probe of kept) world.read(probe, { packet: world.now });
    expect(world.chain()).toMatchObject({ state: 'blind', cause: 'rule_mismatch', refused: { replayed: 20 } });
  });
});

describe('a sender that reports late', () => {
  it('is not taken for one with a wrong clock', () => {
    const world = new World();
    send(world, 3);
    world.untold = true;
    const late = [0, 1, 2].map(() => {
      const probe = world.send();
      live(world, INTERVAL);
      return probe;
    });
    for (const probe of late) world.heartbeat.sent(probe, world.now);
    for (const probe of late) expect(world.read(probe)).not.toBeNull();
    expect(world.chain().last_seen).toBe(late[2]!.sent);
    // Nothing has been sent since: the time of the report is not that of a probe.
    live(world, 15_000);
    expect(world.chain()).toMatchObject({ state: 'blind', cause: 'sender_stopped' });
  });

  it('with a wrong clock is put right by what it says of its own time', () => {
    const world = new World();
    send(world, 3);
    world.untold = true;
    const probe = world.send('icmp', { sent: world.now + 600_000 });
    const when = world.now;
    world.now += 8000;
    world.heartbeat.sent(probe, world.now + 600_000);
    world.keep(world.read(probe, { packet: when + 1 }));
    expect(world.chain()).toMatchObject({ state: 'alive', last_seen: when });
  });

  it('tells of a probe that was found missing meanwhile', () => {
    const world = new World({ untold: true });
    send(world, 3);
    const lost = world.send();
    live(world, INTERVAL);
    send(world, 1);
    expect(world.chain().gaps).toEqual([{ from: 4, to: 4 }]);
    world.heartbeat.sent({ ...lost, error: 'ENETUNREACH' }, world.now);
    expect(world.chain()).toMatchObject({ last_seq: { sent: 4, seen: 5 }, gaps: [{ from: 4, to: 4 }] });
  });
});

it('names the payload that is not logged any more, and lets no line without it count', () => {
  const world = new World();
  send(world, 5);
  send(world, 10, { token: null });
  expect(world.chain()).toMatchObject({
    state: 'blind',
    hop: 'alerted',
    cause: 'payload_missing',
    refused: { unsigned: 10, forged: 0 },
  });
  send(world, 1);
  expect(world.chain().state).toBe('alive');
});

describe('a command socket that does not answer', () => {
  const socket = (world: World, state: SocketFacts['state']): void => {
    const asked = world.now;
    const silent: SocketFacts = {
      state,
      problem: null,
      version: null,
      uptime_secs: null,
      rules: null,
      last_reload: null,
      capture: null,
      counters: null,
      asked,
    };
    world.facts = { store: { waiting: null }, sensors: { s: { ...GOOD, socket: silent } } };
  };
  /** Verdicts of `ms` in which the socket is silent. */
  function watch(world: World, ms: number, writes: boolean): Set<string> {
    const seen = new Set<string>();
    world.wait(ms, () => {
      socket(world, 'silent');
      if (writes && Math.floor(world.now / 1000) % 8 === 0) counters(world);
      const { state, cause } = world.chain();
      seen.add(`${state} ${cause}`);
    });
    return seen;
  }

  it('is a reload where stats go on, whether or not a probe is lost in it', () => {
    const world = new World();
    socket(world, 'answers');
    send(world, 6);
    world.send();
    const verdicts = watch(world, INTERVAL - 100, true);
    expect([...verdicts].filter((it) => it.startsWith('blind') || it.includes('hung'))).toEqual([]);
    world.send();
    expect([...watch(world, 15_000, true)].filter((it) => it.includes('hung'))).toEqual([]);
  });

  it('is a process that hangs where they do not, in time', () => {
    const world = new World();
    socket(world, 'answers');
    send(world, 6);
    world.send();
    watch(world, INTERVAL, false);
    world.send();
    watch(world, INTERVAL, false);
    expect(world.chain()).toMatchObject({ state: 'blind', cause: 'suricata_hung' });
  });
});
