import * as fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { eveTime, START } from '../testing/world.ts';
import { readCounters } from './counters.ts';
import { Delays } from './delays.ts';
import { SensorWatch } from './health.ts';

interface Numbers {
  uptime: number;
  packets?: number;
  drops?: number;
  decoded?: number;
  extra?: Record<string, unknown>;
}

function event(
  time: number,
  { uptime, packets = 0, drops = 0, decoded = packets - drops, extra = {} }: Numbers,
): object {
  return {
    timestamp: eveTime(time),
    event_type: 'stats',
    stats: {
      uptime,
      capture: { kernel_packets: packets, kernel_drops: drops },
      decoder: { pkts: decoded, icmpv4: decoded, udp: 0, tcp: 0 },
      tcp: { invalid_checksum: 0, ssn_memcap_drop: 0, segment_memcap_drop: 0 },
      flow: { memcap: 0 },
      detect: {
        alert: 0,
        engines: [{ id: 0, rules_loaded: 40, rules_failed: 0, rules_skipped: 0, last_reload: eveTime(START) }],
      },
      ...extra,
    },
  };
}

describe('the counters', () => {
  it.each([
    ['v7', 3],
    ['v8', 3],
  ])('of Suricata %s are read from its own event', (version, pressure) => {
    const path = new URL(`../../parse/suricata-eve/fixtures/${version}/stats.log`, import.meta.url);
    const line = JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!) as { stats: unknown };
    expect(readCounters(line.stats)).toMatchObject({
      uptime_secs: 1,
      packets: null,
      decoded: 17_941,
      icmp: 72,
      tcp: 11_335,
      invalid_checksums: 1,
      alerts: 170,
      memcap_drops: 0,
      memuse_percent: pressure,
      rules: { loaded: 43, failed: 0, skipped: 0 },
    });
    expect(readCounters(line.stats)!.last_reload).toBeGreaterThan(Date.UTC(2026, 10, 24));
  });

  it('of threads are summed where there are no totals', () => {
    const thread = {
      capture: { kernel_packets: 5, kernel_drops: 1 },
      decoder: { pkts: 4 },
      tcp: { ssn_memcap_drop: 2 },
    };
    expect(readCounters({ uptime: 3, threads: { 'W#01': thread, 'W#02': thread } })).toMatchObject({
      uptime_secs: 3,
      packets: 10,
      drops: 2,
      decoded: 8,
      memcap_drops: 4,
      udp: null,
    });
  });

  it('are null, never an error, where they make no sense', () => {
    for (const value of [null, 1, 'x', [], undefined]) expect(readCounters(value)).toBeNull();
    const odd = readCounters({
      uptime: -1,
      decoder: { pkts: 'many' },
      capture: [],
      detect: { engines: [null, 3, {}] },
      threads: 7,
    });
    expect(odd).toMatchObject({ uptime_secs: null, decoded: null, packets: null, rules: null, last_reload: null });
    expect(readCounters({ uptime: 18_446_744_073_709_551_615n })!.uptime_secs).toBeGreaterThan(2 ** 63);
  });
});

describe('a sensor', () => {
  it('is measured between two events, by both formulas', () => {
    const watch = new SensorWatch();
    watch.stats(event(START, { uptime: 100, packets: 1000 }), START + 2);
    expect(watch.report(START + 3).drop_percent).toEqual({ of_packets: null, of_both: null });
    watch.stats(event(START + 8000, { uptime: 108, packets: 2000, drops: 250 }), START + 8002);
    const health = watch.report(START + 8003);
    expect(health.drop_percent).toEqual({ of_packets: 25, of_both: 20 });
    expect(health).toMatchObject({ packets: 2000, drops: 250, uptime_secs: 108, skew_ms: 2 });
    expect(health.problems.map(({ code }) => code)).toEqual(['capture_drops']);
    expect(health.history).toEqual([[Math.floor((START + 8002) / 300_000) * 300_000, 125, 31.25]]);
  });

  it('goes on dropping while its counters stand still for a moment, and ceases with the next packets', () => {
    const watch = new SensorWatch();
    const drops = (i: number, packets: number, dropped: number): number => {
      watch.stats(event(START + i * 1000, { uptime: i, packets, drops: dropped }), START + i * 1000);
      return watch.dropPercent().of_packets!;
    };
    drops(0, 100, 0);
    expect(drops(1, 1100, 750)).toBe(75);
    // As Suricata under load counts: now and then.
    expect([drops(2, 1100, 750), drops(3, 1100, 750)]).toEqual([75, 75]);
    expect(drops(4, 1110, 750)).toBe(0);
    expect(drops(5, 2110, 1250)).toBe(50);
    expect([6, 7, 8, 9].map((i) => drops(i, 2110, 1250))).toEqual([50, 50, 50, 0]);
  });

  it('knows a new process by its start, though it has lived as long as the one before it, and takes the pause for no interval', () => {
    const watch = new SensorWatch();
    watch.stats(event(START, { uptime: 8, packets: 20 }), START);
    watch.stats(event(START + 30_000, { uptime: 8, packets: 25 }), START + 30_000);
    expect(watch.restarted).toBe(START + 30_000);
    expect(watch.interval).toBe(8000);
    expect(watch.overdue(START + 43_000)).toBe(true);
    // Rounding is no restart.
    watch.stats(event(START + 38_900, { uptime: 16, packets: 30 }), START + 38_900);
    expect(watch.restarted).toBe(START + 30_000);
  });

  it('that was restarted is counted from its new start', () => {
    const watch = new SensorWatch();
    watch.stats(event(START, { uptime: 1000, packets: 50_000, drops: 10 }), START);
    watch.stats(event(START + 8000, { uptime: 3, packets: 30 }), START + 8000);
    expect(watch.deltas).toMatchObject({ packets: 30, drops: 0 });
    expect(watch.restarted).toBe(START + 8000);
    expect(watch.report(START + 9000).problems.map(({ code }) => code)).toEqual(['restarted']);
    watch.stats(event(START + 16_000, { uptime: 11, packets: 50 }), START + 16_000);
    expect(watch.deltas).toMatchObject({ packets: 20 });
  });

  it('is told by what has moved, and when', () => {
    const watch = new SensorWatch();
    for (let i = 0; i <= 5; i++)
      watch.stats(event(START + i * 8000, { uptime: i * 8, packets: i < 3 ? i * 10 : 20 }), START + i * 8000);
    expect(watch.moved).toMatchObject({ packets: START + 16_000, decoded: START + 16_000, icmp: START + 16_000 });
    expect(watch.moved.alerts).toBeUndefined();
    expect(watch.ceased(START + 50_000)).toBe(false);
    expect(watch.ceased(START + 62_000)).toBe(true);
    expect(watch.report(START + 62_000).problems.map(({ code }) => code)).toEqual(['stats_ceased']);
  });

  it('learns its interval', () => {
    const watch = new SensorWatch();
    for (let i = 0; i < 30; i++) watch.stats(event(START + i * 1000, { uptime: i }), START + i * 1000);
    expect(watch.interval).toBeLessThan(1100);
    expect(watch.ceased(START + 29_000 + 4000)).toBe(true);
  });

  it('passes over lines of the past, but not for ever: a clock may be set back', () => {
    const watch = new SensorWatch();
    watch.stats(event(START, { uptime: 100, packets: 100 }), START);
    watch.stats(event(START - 80_000, { uptime: 20, packets: 10 }), START + 10);
    expect(watch.counters).toMatchObject({ packets: 100 });
    expect(watch.restarted).toBeNull();
    for (let i = 0; i < 5; i++)
      watch.stats(
        event(START - 600_000 + i * 8000, { uptime: 108 + i * 8, packets: 200 + i }),
        START + 8000 + i * 8000,
      );
    expect(watch.counters).toMatchObject({ packets: 204 });
    expect(watch.report(START + 41_000).skew_ms).toBeGreaterThan(500_000);
  });

  it('says what is wrong with it', () => {
    const watch = new SensorWatch();
    const engines = (failed: number) => ({
      detect: { engines: [{ rules_loaded: 40 - failed, rules_failed: failed, rules_skipped: 1 }] },
      memcap_pressure: 91,
    });
    watch.stats(event(START, { uptime: 10, extra: engines(0) }), START + 60_000);
    watch.stats(event(START + 8000, { uptime: 18, extra: { ...engines(3), flow: { memcap: 7 } } }), START + 68_000);
    watch.look(
      {
        interface: null,
        socket: {
          state: 'unreadable',
          problem: 'EACCES',
          version: null,
          uptime_secs: null,
          rules: null,
          last_reload: null,
          capture: null,
          counters: null,
          asked: START,
        },
      },
      START + 68_000,
    );
    watch.stats({ event_type: 'stats', stats: 5 }, START + 68_000);
    const health = watch.report(START + 68_500);
    expect(health.problems.map(({ code }) => code)).toEqual([
      'memcap_drops',
      'rules_failed',
      'clock_skew',
      'socket_unreadable',
      'stats_malformed',
    ]);
    expect(watch.ruleCounts.before).toEqual({ loaded: 40, failed: 0, skipped: 1 });
    expect(health.problems.every(({ message, remedy }) => message.length > 20 && remedy.length > 20)).toBe(true);
  });

  it('never throws on a malformed event, and never loses a bound', () => {
    const watch = new SensorWatch();
    const key = fc.constantFrom(
      'uptime',
      'capture',
      'decoder',
      'kernel_packets',
      'pkts',
      'detect',
      'engines',
      'threads',
      '__proto__',
      'rules_loaded',
      'last_reload',
    );
    const value = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.double(),
        fc.constantFrom(null, 'x', -1, 1e300, '2026-11-24T12:00:00.000000+0000'),
        fc.bigInt(),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    })).tree;
    fc.assert(
      fc.property(value, fc.integer({ min: -1e10, max: 1e10 }), (stats, shift) => {
        watch.stats({ event_type: 'stats', timestamp: eveTime(START + Math.abs(shift)), stats }, START + shift);
        watch.stats(stats, START);
        const health = watch.report(START + shift);
        expect(health.history.length).toBeLessThanOrEqual(288);
        for (const [, packets, drops] of health.history) {
          expect(packets === null || packets >= 0).toBe(true);
          expect(drops === null || drops >= 0).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is healthy all through a recorded day', ({ skip }) => {
    const path = new URL('../../../test/lab/recording/day.eve.json.gz', import.meta.url);
    if (!existsSync(path)) skip('the recording is not there');
    const watch = new SensorWatch();
    let events = 0;
    let last = 0;
    for (const line of gunzipSync(readFileSync(path)).toString('utf8').split('\n')) {
      if (!line.includes('"event_type":"stats"')) continue;
      const parsed = JSON.parse(line) as { timestamp: string };
      last = Date.parse(parsed.timestamp.replace('+0000', 'Z'));
      watch.stats(parsed, last + 1);
      events++;
    }
    expect(events).toBe(94);
    expect(watch.malformed).toBe(0);
    const health = watch.report(last + 2);
    expect(health.decoded).toBeGreaterThan(100_000);
    expect(health.skew_ms).toBeLessThanOrEqual(1);
    expect(health.problems.filter(({ code }) => code !== 'restarted')).toEqual([]);
  });
});

describe('delays', () => {
  const fill = (rows: readonly (readonly [delay: number, arrived: number])[]): Delays => {
    const delays = new Delays();
    for (const [delay, arrived] of rows) delays.add(delay, arrived);
    return delays;
  };

  it('tell lumps from a single standstill and from a clock', () => {
    const lump = (at: number): [number, number][] => [
      [8000, at],
      [5000, at + 1],
      [200, at + 2],
    ];
    expect(fill([...lump(10_000), ...lump(20_000)]).lumpy(2500)).toBe(true);
    expect(fill([[3, 1000], [4, 9000], ...lump(20_000)]).lumpy(2500)).toBe(false);
    expect(fill([...lump(10_000), ...lump(20_000), [4, 30_000]]).lumpy(2500)).toBe(true);
    expect(fill([...lump(10_000), ...lump(20_000), [4, 30_000], [4, 31_000]]).lumpy(2500)).toBe(false);
    expect(
      fill([
        [600_000, 1000],
        [600_001, 9000],
        [600_002, 17_000],
      ]).lumpy(2500),
    ).toBe(false);
    expect(new Delays().lumpy(2500)).toBe(false);
  });

  it('correct a clock only where all lines agree', () => {
    expect(
      fill([
        [600_000, 1],
        [600_010, 2],
        [600_005, 3],
      ]).correction(),
    ).toBe(600_005);
    expect(
      fill([
        [600_000, 1],
        [10, 2],
        [600_005, 3],
      ]).correction(),
    ).toBe(0);
    expect(
      fill([
        [1, 1],
        [2, 2],
        [3, 3],
      ]).correction(),
    ).toBe(0);
    expect(fill([[600_000, 1]]).correction()).toBe(0);
  });
});
