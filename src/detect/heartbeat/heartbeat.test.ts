import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { PROBE_KINDS } from '../../probe/sent-probe.ts';
import { alertOf, eveTime, GOOD, KEY, START, tokenOf, World } from '../testing/world.ts';
import { Heartbeat } from './heartbeat.ts';

describe('a heartbeat that comes through', () => {
  it('is alive on every hop, with loss and latency', () => {
    const world = new World();
    world.live(40);
    const chain = world.chain();
    expect(chain).toMatchObject({ state: 'alive', hop: null, cause: null, remedy: '', identity: 'token', gaps: [] });
    expect(chain.last_seq).toEqual({ sent: 40, seen: 40 });
    expect(chain.hops.map(({ hop, state }) => [hop, state])).toEqual([
      ['sent', 'alive'],
      ['answered', 'unknown'],
      ['captured', 'alive'],
      ['decoded', 'alive'],
      ['alerted', 'alive'],
      ['read', 'alive'],
      ['stored', 'alive'],
    ]);
    const [five, hour, day] = chain.windows;
    expect(five).toMatchObject({ window: '5m', lost: 0, loss_percent: 0 });
    expect(five!.sent).toBeGreaterThanOrEqual(29);
    expect(hour).toMatchObject({ window: '1h', sent: 40, lost: 0 });
    expect(day).toMatchObject({ window: '24h', sent: 40, lost: 0 });
    expect(five!.latency).toEqual({
      alerted: { p50: 1, p95: 1, p99: 1 },
      read: { p50: 5, p95: 5, p99: 5 },
      stored: { p50: 105, p95: 105, p99: 105 },
    });
    expect(hour!.latency.stored!.p95 / 105).toBeCloseTo(1, 0);
    expect(chain.history).toHaveLength(2);
    expect(chain.history[0]![1]).toBe(30);
  });

  it('is proven by nothing where its log is missing and Suricata tells nothing', () => {
    const world = new World();
    world.live(3);
    const missing = { ...GOOD.source!, state: 'missing' as const, since: world.now };
    world.facts = { ...world.facts, sensors: { s: { ...GOOD, source: missing } } };
    for (let i = 0; i < 5; i++) {
      world.send();
      world.wait(10_000);
    }
    const { cause, hops } = world.chain();
    expect(cause).toBe('log_missing');
    expect(hops.map(({ hop, state }) => [hop, state])).toEqual([
      ['sent', 'alive'],
      ['answered', 'unknown'],
      ['captured', 'unknown'],
      ['decoded', 'unknown'],
      ['alerted', 'unknown'],
      ['read', 'blind'],
      ['stored', 'unknown'],
    ]);
  });

  it.each(PROBE_KINDS)('is recognised by its token: %s', (kind) => {
    const world = new World({ kinds: [kind] });
    world.live(3);
    expect(world.chain()).toMatchObject({ state: 'alive', identity: 'token', last_seq: { sent: 3, seen: 3 } });
  });

  it('counts lost probes, names them, and takes back those that come late', () => {
    const world = new World();
    world.live(3);
    const lost = world.send();
    world.wait(10_000);
    expect(world.chain()).toMatchObject({ state: 'late', cause: 'not_seen' });
    world.live(2);
    expect(world.chain()).toMatchObject({ state: 'alive', gaps: [{ from: 4, to: 4 }] });
    expect(world.chain().windows[1]).toMatchObject({ sent: 6, lost: 1, loss_percent: 16.67 });
    world.read(lost);
    expect(world.chain()).toMatchObject({ state: 'alive', gaps: [], refused: { old: 0, replayed: 0 } });
    expect(world.chain().windows.map(({ sent, lost }) => [sent, lost])).toEqual([
      [6, 0],
      [6, 0],
      [6, 0],
    ]);
  });

  it('tells by ports where the log shows no token, and by time where there are none', () => {
    const udp = new World({ kinds: ['udp'] });
    for (let i = 0; i < 3; i++) {
      const probe = udp.send();
      udp.now += 5;
      udp.keep(udp.read(probe, { token: null }));
      udp.wait(9000);
    }
    expect(udp.chain()).toMatchObject({ state: 'alive', identity: 'ports', last_seq: { seen: 3 } });
    const icmp = new World();
    for (let i = 0; i < 3; i++) {
      const probe = icmp.send();
      icmp.now += 5;
      icmp.keep(icmp.read(probe, { token: null }));
      icmp.wait(9000);
    }
    expect(icmp.chain()).toMatchObject({ state: 'alive', identity: 'window', last_seq: { seen: 3 } });
  });

  it("understands the seed's rule, sent by a cron job that reports nothing", () => {
    const world = new World({ untold: true, interval: 60 });
    for (let i = 0; i < 5; i++) {
      const probe = world.send();
      world.now += 20;
      world.keep(world.read(probe, { token: null, sid: 5_100_000 }));
      world.wait(59_980);
    }
    expect(world.chain()).toMatchObject({ state: 'alive', identity: 'window', last_seq: { sent: null, seen: 5 } });
    world.wait(180_000);
    expect(world.chain()).toMatchObject({ state: 'blind', cause: 'not_seen' });
    const probe = world.send();
    world.keep(world.read(probe, { token: null, sid: 5_100_000 }));
    expect(world.chain()).toMatchObject({ state: 'alive', gaps: [{ from: 6, to: 8 }] });
  });

  it('does not take the line of another sensor', () => {
    const world = new World();
    const probe = world.send();
    expect(world.heartbeat.line(alertOf(probe), world.now, { source: 'file_tail:9' })).toBeNull();
    expect(world.chain().last_seen).toBeNull();
  });

  it('knows a sender whose clock is ten minutes off by what it reports', () => {
    const world = new World();
    for (let i = 0; i < 4; i++) {
      const probe = world.send('icmp', { sent: world.now + 600_000 });
      world.now += 5;
      world.keep(world.read(probe, { packet: world.now }));
      world.wait(9995);
    }
    expect(world.chain()).toMatchObject({ state: 'alive', last_seq: { sent: 4, seen: 4 } });
    expect(world.chain().windows[0]!.latency.read!.p50).toBe(5);
  });

  it('begins anew where the sender has lost its count', () => {
    const world = new World();
    world.live(5);
    world.seqs.icmp = 0;
    world.live(2);
    expect(world.chain()).toMatchObject({ state: 'alive', last_seq: { sent: 2, seen: 2 }, gaps: [] });
  });
});

describe('the time of a verdict', () => {
  it('is at most two intervals and five seconds after the failure, and as much after the recovery', () => {
    const world = new World();
    world.live(6);
    world.beat();
    const failed = world.now;
    while (world.chain().state !== 'blind') {
      world.wait(1000);
      if ((world.now - START) % 10_000 < 1000) world.send();
      expect(world.now - failed).toBeLessThanOrEqual(25_000);
    }
    world.beat();
    expect(world.chain().state).toBe('alive');
  });

  it('does not take Suricata for stopped when the station stood still and has not read on yet', () => {
    const world = new World({ untold: true });
    for (let i = 0; i < 6; i++) {
      world.stats({ decoder: { pkts: i, icmpv4: i }, detect: { alert: i } });
      world.live(1);
    }
    expect(world.chain().state).toBe('alive');
    world.now += 600_000;
    world.wait(1000);
    expect(world.chain()).toMatchObject({ state: 'unknown', cause: 'not_seen_yet' });
    world.wait(60_000);
    expect(world.chain()).toMatchObject({ state: 'blind', cause: 'suricata_stopped' });
  });

  it('is no alarm while the station has just started or stood still', () => {
    const world = new World();
    world.heartbeat.facts(world.facts);
    expect(world.chain()).toMatchObject({ state: 'unknown', cause: 'not_seen_yet' });
    world.live(3);
    world.now += 1_800_000;
    world.heartbeat.facts(world.facts);
    expect(world.chain()).toMatchObject({ state: 'unknown', cause: 'not_seen_yet' });
    world.live(1);
    expect(world.chain().state).toBe('alive');
  });

  it('is no alarm to who asks in the moment in which the station wakes', () => {
    const world = new World();
    world.live(6);
    const sent = world.send();
    world.now += 5;
    expect(world.read(sent)).not.toBeNull();
    world.now += 12_000;
    expect(world.chain().state).not.toBe('late');
    expect(world.chain().state).not.toBe('blind');
  });

  it('survives a clock that is set back by ten minutes', () => {
    const world = new World();
    world.live(6);
    world.now -= 600_000;
    world.heartbeat.facts(world.facts);
    world.beat();
    world.wait(5000);
    expect(world.chain().state).toBe('alive');
    world.send();
    world.wait(10_000);
    world.send();
    world.wait(15_000);
    expect(world.chain().state).toBe('blind');
  });
});

describe('lines that do not count', () => {
  it('are refused by reason', () => {
    const world = new World();
    world.live(100);
    const first = world.send();
    world.now += 5;
    expect(world.read(first)).not.toBeNull();
    // The same packet again is the line read again; it must still be stored, once.
    expect(world.read(first)).not.toBeNull();
    expect(world.read(first, { packet: world.now + 4000 })).toBeNull();
    expect(world.read({ ...first, seq: 3, sent: START + 20_000 })).toBeNull();
    expect(world.read({ ...first, seq: 900, sent: world.now + 7_200_000 })).toBeNull();
    expect(world.read(first, { token: tokenOf({ ...first, seq: 102 }, Buffer.alloc(32, 8)) })).toBeNull();
    expect(world.chain().refused).toEqual({
      doubled: 1,
      replayed: 1,
      old: 1,
      future: 1,
      forged: 1,
      unsigned: 0,
    });
    // A recorded probe that is put on the wire an hour later: a genuine token, a fresh packet.
    const lost = world.send();
    world.wait(3_600_000);
    expect(world.read(lost, { packet: world.now })).toBeNull();
    expect(world.chain().refused['replayed']).toBe(2);
    expect(world.chain().state).toBe('blind');
  });

  it('were recorded before a station that knows nothing yet was started', () => {
    const world = new World({ untold: true });
    const recorded = world.send();
    world.wait(3_600_000);
    expect(world.read(recorded, { packet: world.now })).toBeNull();
    expect(world.chain()).toMatchObject({ refused: { replayed: 1 }, last_seen: null });
    // The same line, read late: the past is proven, the present is not.
    expect(world.read(recorded)).not.toBeNull();
    expect(world.chain()).toMatchObject({ state: 'blind', last_seen: recorded.sent });
  });

  it('show a made-up token, or none where one should stand, though address and time fit', () => {
    const world = new World();
    const probe = world.send();
    const made = tokenOf(probe, Buffer.alloc(32, 1));
    expect(world.read(probe, { token: made })).toBeNull();
    expect(world.read(probe, { token: null, fields: { payload_printable: 'hello' } })).toBeNull();
    expect(world.read(probe, { token: null, fields: { dest_ip: '192.0.2.3' } })).toBeNull();
    expect(world.chain()).toMatchObject({ refused: { forged: 3 }, last_seen: null });
  });

  it('of an unknown path, or of another kind than their rule, change nothing', () => {
    const world = new World({ kinds: ['icmp', 'dns'] });
    const probe = world.send('icmp');
    expect(world.read({ ...probe, path: 'elsewhere' })).toBeNull();
    expect(world.read(probe, { sid: 5_100_003 })).toBeNull();
    expect(world.chain('icmp').last_seen).toBeNull();
    expect(world.chain('dns').refused['forged']).toBe(1);
  });
});

describe('what outlives a restart', () => {
  it('is everything that was counted', () => {
    const world = new World({ kinds: ['icmp', 'dns'] });
    world.live(50);
    world.send('dns');
    world.wait(20_000);
    const before = structuredClone(world.heartbeat.report()[0]!.chains);
    const saved: unknown = JSON.parse(JSON.stringify(world.heartbeat.snapshot()));
    world.heartbeat = world.make();
    world.heartbeat.restore(saved);
    const after = world.heartbeat.report()[0]!.chains;
    for (const [i, chain] of after.entries()) {
      const { windows, history, gaps, last_seen, last_seq, refused } = before[i]!;
      expect({ ...chain }).toMatchObject({ windows, history, gaps, last_seen, last_seq, refused });
    }
    world.live(2);
    expect(world.chain('icmp')).toMatchObject({ state: 'alive', last_seq: { seen: 52 } });
  });

  it('lies in no future where the clock was set back meanwhile', () => {
    const world = new World();
    world.live(5);
    const saved: unknown = JSON.parse(JSON.stringify(world.heartbeat.snapshot()));
    const when = world.now;
    world.now -= 600_000;
    world.heartbeat = world.make();
    world.heartbeat.restore(saved, when);
    expect(world.chain().last_seen).toBeLessThanOrEqual(world.now);
    world.live(2);
    expect(world.chain()).toMatchObject({ state: 'alive', last_seq: { seen: 7 } });
    expect(world.now - world.chain().last_seen!).toBeLessThanOrEqual(10_000);
  });

  it('is nothing of a damaged file, and never an error', () => {
    const world = new World();
    world.live(3);
    const saved = JSON.parse(JSON.stringify(world.heartbeat.snapshot())) as { series: Record<string, unknown>[] };
    for (const damaged of [
      null,
      7,
      [],
      { version: 1 },
      { version: 1, series: [null, 1, {}, { path: 'lan', kind: 'icmp' }] },
      { version: 1, series: [{ ...saved.series[0], probes: 'AAAA', day: 5, newest: 'x' }] },
      { version: 1, series: [{ ...saved.series[0], lastSeen: { a: 1 }, hops: null, gaps: [null] }] },
      { version: 1, series: saved.series, sensors: [null, { name: 's', plot: 'AA' }] },
    ]) {
      const fresh = world.make();
      fresh.restore(damaged);
      expect(fresh.report()[0]!.chains).toHaveLength(1);
    }
  });
});

it('uses bounded memory for 200 sensors with 5 kinds each', () => {
  const names = Array.from({ length: 200 }, (_, i) => `path-${i}`);
  const sids = new Map(
    names.flatMap((path, i) => PROBE_KINDS.map((kind, k) => [5_200_000 + i * 5 + k, { path, kind }] as const)),
  );
  const now = START;
  const before = memory();
  const heartbeat = new Heartbeat({
    sensors: names.map((name) => ({ name, sources: [name], command_socket: null, interface: null })),
    paths: names.map((name) => ({
      name,
      sensor: name,
      target: '192.0.2.2',
      kinds: PROBE_KINDS,
      interval_secs: 10,
      jitter_percent: 10,
    })),
    key: KEY,
    sids,
    now: () => now,
  });
  // Every buffer that there can be: all hops with latencies.
  for (const [sid, { path, kind }] of sids) {
    const probe = { ...new World().send(), path, kind, answered_ms: 3 };
    heartbeat.sent(probe);
    const sighting = heartbeat.line(alertOf(probe, { sid }), now + 5, { source: path });
    if (sighting !== null) heartbeat.stored(sighting);
  }
  expect(heartbeat.report().every(({ chains }) => chains.every((chain) => chain.last_seen === START))).toBe(true);
  expect(memory() - before).toBeLessThan(20_000_000);
});

/** Bytes held after a collection. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it('gives the time of a line as Suricata writes it', () => {
  expect(eveTime(START + 0.5)).toBe('2026-11-24T12:00:00.000500+0000');
});
