import { describe, expect, it } from 'vitest';
import { all } from './checks/all.ts';
import { capture } from './checks/capture.ts';
import { NothingToCheck, SENSORS, type Check } from './checks/check.ts';
import { heartbeat } from './checks/heartbeat.ts';
import { quarantine } from './checks/quarantine.ts';
import { source as sourceCheck } from './checks/source.ts';
import { store } from './checks/store.ts';
import { parseOptions } from './options.ts';
import { Reading } from './reading.ts';
import { CRITICAL, OK, perfText, UNKNOWN, WARNING, type Result } from './result.ts';
import { chain, health, NOW, sensor, sensors, source, station } from './testing/reports.ts';

function judged(check: Check, answer: unknown, ...words: string[]): Result {
  const parsed = parseOptions(words.length > 0 && !words[0]!.startsWith('-') ? words : ['heartbeat', ...words]);
  if (!('options' in parsed)) throw new Error(JSON.stringify(parsed));
  return check.judge([new Reading(JSON.parse(JSON.stringify(answer)), 'answer')], parsed.options);
}
const perf = (result: Result): string => result.perf.map(perfText).join(' ');

describe('heartbeat', () => {
  it('is OK while alive, with age, loss and latency', () => {
    const result = judged(heartbeat, sensors(), '-w', '90', '-c', '180');
    expect(result).toMatchObject({ state: OK, text: 'sensor lan icmp is alive, seen 12 s ago' });
    expect(perf(result)).toBe(
      'sensor/lan/icmp/age=12s;90;180;0 sensor/lan/icmp/loss=0%;;;0;100 sensor/lan/icmp/p95=0.9s;;;0 alive=1;;;0;1 late=0;;;0;1 blind=0;;;0;1 unknown=0;;;0;1',
    );
  });

  it.each([
    ['late', WARNING],
    ['blind', CRITICAL],
    ['unknown', UNKNOWN],
  ] as const)('%s becomes state %d, with hop, cause and remedy', (state, expected) => {
    const broken = chain({
      kind: 'http',
      state,
      hop: 'decoded',
      cause: 'invalid_checksums',
      message: 'TCP is not decoded.',
      remedy: 'Turn offload off.',
    });
    const result = judged(heartbeat, sensors([sensor({ chains: [chain(), broken] })]));
    expect(result).toMatchObject({
      state: expected,
      text: `sensor lan http is ${state} at decoded: TCP is not decoded. [invalid_checksums]`,
      remedy: 'Turn offload off.',
    });
  });

  it('lets thresholds on the age worsen the verdict, never mend it', () => {
    expect(judged(heartbeat, sensors(), '-w', '10').state).toBe(WARNING);
    expect(judged(heartbeat, sensors(), '-c', '10').state).toBe(CRITICAL);
    const blind = sensors([sensor({ chains: [chain({ state: 'blind' })] })]);
    expect(judged(heartbeat, blind, '-w', '1000').state).toBe(CRITICAL);
    const never = sensors([sensor({ chains: [chain({ state: 'unknown', last_seen: null })] })]);
    expect(judged(heartbeat, never).state).toBe(UNKNOWN);
    expect(judged(heartbeat, never, '-c', '300').state).toBe(CRITICAL);
  });

  it('looks only at what is asked for', () => {
    const two = sensors([sensor({ chains: [chain(), chain({ kind: 'dns', state: 'blind' })] })]);
    expect(judged(heartbeat, two).state).toBe(CRITICAL);
    expect(judged(heartbeat, two, '--kind', 'icmp').state).toBe(OK);
    expect(() => judged(heartbeat, two, '--path', 'wan')).toThrow('no probe of that');
  });

  it('says that nothing is configured', () => {
    expect(() => judged(heartbeat, sensors([]))).toThrow(NothingToCheck);
    expect(() => judged(heartbeat, sensors([sensor({ chains: [] })]))).toThrow(NothingToCheck);
  });

  it('gives totals instead of a thousand graphs', () => {
    const many = sensors([sensor({ chains: Array.from({ length: 1000 }, (_, i) => chain({ path: `p${i}` })) })]);
    expect(perf(judged(heartbeat, many))).toBe(
      'alive=1000;;;0;1000 late=0;;;0;1000 blind=0;;;0;1000 unknown=0;;;0;1000',
    );
  });

  it.each([
    [{}],
    [{ now: NOW, sensors: 5 }],
    [{ now: NOW, sensors: [{ name: 'x', chains: [{ state: 'well' }] }] }],
    [sensors([sensor({ chains: [chain({ state: 'fine' as 'alive' })] })])],
  ])('refuses the shape %j', (answer) => {
    expect(() => judged(heartbeat, answer)).toThrow('not that of a station');
  });
});

describe('source', () => {
  it('is OK while lines come', () => {
    const result = judged(sourceCheck, station());
    expect(result).toMatchObject({ state: OK, text: '1 source read, last line 2 s ago' });
    expect(perf(result)).toBe("'file_tail:0/silence'=2s;300;900;0 'file_tail:0/unread'=0B;10000000;100000000;0");
  });

  it.each([
    [source({ last_line: NOW - 400_000 }), WARNING, 'last line 7 min ago'],
    [source({ last_line: NOW - 1_000_000 }), CRITICAL, 'last line 17 min ago'],
    [source({ last_line: null }), CRITICAL, 'no line in the 60 min since the start'],
    [source({ lag_bytes: 20_000_000 }), WARNING, '20 MB unread'],
    [
      source({ problems: [{ code: 'source_unreadable', message: '/x may not be read', remedy: 'chmod' }] }),
      CRITICAL,
      '/x may not be read',
    ],
  ])('judges silence, lag and problems %#', (it, state, said) => {
    const result = judged(sourceCheck, station({ sources: [source({ id: 'other' }), it] }));
    expect(result.state).toBe(state);
    expect(result.text).toContain(said);
  });

  it('looks only at the source that is asked for', () => {
    const two = station({ sources: [source(), source({ id: 'b', last_line: 0 })] });
    expect(judged(sourceCheck, two, 'source', '--source', 'file_tail:0').state).toBe(OK);
    expect(() => judged(sourceCheck, two, 'source', '--source', 'c')).toThrow('no source "c"');
  });
});

describe('store', () => {
  it('is OK while new events are kept', () => {
    expect(judged(store, station())).toMatchObject({
      state: OK,
      text: 'newest event 3 s old, 50 % of the disk free (50 GB)',
    });
  });

  it.each([
    [{ newest: (NOW - 400_000) * 1000 }, WARNING, 'newest event 7 min old'],
    [{ newest: null }, CRITICAL, 'no event yet'],
    [{ disk: { free: 7, total: 100 } }, WARNING, '7 % of the disk free'],
    [{ disk: { free: 2, total: 100 } }, CRITICAL, '2 % of the disk free'],
    [
      { waiting: { code: 'store_full', message: 'the disk is full', since: NOW } },
      CRITICAL,
      'commits wait: the disk is full',
    ],
    [{ set_aside: [{ name: 'a', reason: 'b' }] }, WARNING, '1 damaged segments set aside'],
  ])('judges age, disk and waiting commits %#', (changes, state, said) => {
    const result = judged(store, station({}, changes));
    expect(result.state).toBe(state);
    expect(result.text).toContain(said);
  });
});

describe('capture', () => {
  const drops = (of_packets: number | null, of_both: number | null) =>
    sensors([sensor({ health: health({ drop_percent: { of_packets, of_both } }) })]);

  it('gives both formulas and judges by the first, or the one that is asked for', () => {
    const result = judged(capture, drops(6, 4));
    expect(result).toMatchObject({
      state: CRITICAL,
      text: 'sensor: 6 % of the packets dropped (4 % of packets and drops)',
    });
    expect(perf(result)).toContain('sensor/drops_of_packets=6%;1;5;0;100 sensor/drops_of_both=4%;;;0;100');
    expect(judged(capture, drops(6, 4), 'capture', '--formula', 'both').state).toBe(WARNING);
    expect(judged(capture, drops(0.5, 0.5)).state).toBe(OK);
  });

  it('says UNKNOWN where the numbers are missing or old', () => {
    expect(judged(capture, drops(null, null)).state).toBe(UNKNOWN);
    expect(judged(capture, sensors([sensor({ health: health({ stats_arrived: null }) })])).text).toContain(
      'no stats event',
    );
    expect(judged(capture, sensors([sensor({ health: health({ stats_arrived: NOW - 600_000 }) })]))).toMatchObject({
      state: UNKNOWN,
    });
  });
});

describe('quarantine', () => {
  it.each([
    [0, OK],
    [1, WARNING],
    [1001, CRITICAL],
  ])('%d lines are state %d', (quarantined, state) => {
    expect(judged(quarantine, station({}, { quarantined })).state).toBe(state);
  });
});

describe('all', () => {
  const both = (sensorsAnswer: unknown, status: unknown): Result => {
    const parsed = parseOptions(['all']);
    if (!('options' in parsed)) throw new Error('options');
    return all.judge([new Reading(sensorsAnswer, SENSORS), new Reading(status, 'status')], parsed.options);
  };

  it('is the worst of all, and says of what', () => {
    expect(both(sensors(), station())).toMatchObject({
      state: OK,
      text: 'heartbeat OK, source OK, store OK, capture OK, tzsp not configured, quarantine OK',
    });
    const result = both(
      sensors([sensor({ chains: [chain({ state: 'blind', message: 'Gone.' })] })]),
      station({}, { quarantined: 5 }),
    );
    expect(result.state).toBe(CRITICAL);
    expect(result.text).toContain('heartbeat: sensor lan icmp is blind: Gone.');
    expect(perf(result)).toContain('quarantine/lines=5;0;1000;0');
  });

  it('leaves out what is not configured, and lets no broken part hide the others', () => {
    expect(both(sensors([]), station())).toMatchObject({ state: OK });
    expect(both(sensors([]), station()).text).toContain('heartbeat not configured');
    expect(both({ now: NOW, sensors: 'x' }, station({}, { quarantined: 5000 })).state).toBe(CRITICAL);
  });
});
