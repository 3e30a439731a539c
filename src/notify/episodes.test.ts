import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeartbeatState } from '../detect/heartbeat/report.ts';
import type { Condition, NotifySettings } from './condition.ts';
import { Episodes } from './episodes.ts';

const SETTINGS: NotifySettings = { reminder_secs: 3600, flap_secs: 60, grace_secs: 120 };

const condition = (state: HeartbeatState, key = 'a'): Condition => ({
  key,
  state,
  title: key,
  message: state,
  remedy: '',
  time: 1,
});

/** Plays states second by second (`[state, seconds]`) and gives what was told when. */
function play(steps: [HeartbeatState, number][], episodes = new Episodes(), start = 0, settings = SETTINGS): string[] {
  const told: string[] = [];
  let now = start;
  for (const [state, secs] of steps) {
    for (let i = 0; i < secs; i++, now++) {
      episodes.observe([condition(state)], now * 1000);
      told.push(...episodes.due(settings, now * 1000).map(({ kind }) => `${now} ${kind}`));
    }
  }
  return told;
}

describe('episodes', () => {
  it('tells a change at once, once, and the recovery', () => {
    expect(
      play([
        ['alive', 100],
        ['blind', 200],
        ['alive', 100],
      ]),
    ).toEqual(['100 problem', '300 recovery']);
  });

  it('says nothing of what is well', () => {
    expect(
      play([
        ['unknown', 60],
        ['alive', 10_000],
      ]),
    ).toEqual([]);
  });

  it('damps flapping to one message in the flap time', () => {
    const flapping = Array.from({ length: 40 }, (_, i): [HeartbeatState, number] => [
      i % 2 === 0 ? 'blind' : 'alive',
      20,
    ]);
    expect(play([['alive', 10], ...flapping, ['alive', 100]])).toEqual(['10 problem', '850 recovery']);
  });

  it('tells the end of a short outage once that has lasted', () => {
    expect(
      play([
        ['alive', 100],
        ['blind', 10],
        ['alive', 200],
      ]),
    ).toEqual(['100 problem', '170 recovery']);
  });

  it('reminds', () => {
    expect(play([['blind', 8000]])).toEqual(['0 problem', '3600 reminder', '7200 reminder']);
    expect(play([['blind', 8000]], new Episodes(), 0, { ...SETTINGS, reminder_secs: 0 })).toEqual(['0 problem']);
  });

  it('waits with late and unknown until they last', () => {
    expect(
      play([
        ['alive', 10],
        ['late', 250],
        ['alive', 100],
      ]),
    ).toEqual([]);
    expect(
      play([
        ['alive', 10],
        ['unknown', 400],
        ['alive', 100],
      ]),
    ).toEqual(['310 problem', '410 recovery']);
    // Between blind and alive it is no recovery yet.
    expect(
      play([
        ['alive', 10],
        ['blind', 100],
        ['late', 100],
        ['alive', 5],
      ]),
    ).toEqual(['10 problem', '210 recovery']);
  });

  it('keeps problems back in the grace, but not recoveries', () => {
    const episodes = new Episodes();
    episodes.grace(0, 120);
    expect(
      play(
        [
          ['blind', 60],
          ['alive', 200],
        ],
        episodes,
      ),
    ).toEqual([]);
    const lasting = new Episodes();
    lasting.grace(0, 120);
    expect(
      play(
        [
          ['blind', 150],
          ['alive', 1],
        ],
        lasting,
      ),
    ).toEqual(['120 problem']);
    lasting.grace(151_000, 120);
    expect(play([['alive', 100]], lasting, 151)).toEqual(['180 recovery']);
  });

  it('keeps back after a reload only what was reloaded, and only once for an outage', () => {
    const episodes = new Episodes();
    const told: string[] = [];
    const second = (now: number, a: HeartbeatState, b: HeartbeatState): void => {
      episodes.observe([condition(a, 'a'), condition(b, 'b')], now * 1000);
      for (const { kind, items } of episodes.due(SETTINGS, now * 1000))
        told.push(...items.map(({ key }) => `${now} ${kind} ${key}`));
    };
    for (let now = 0; now < 100; now++) second(now, 'alive', 'alive');
    for (let now = 100; now < 400; now++) {
      // A reload each 100 seconds, as somebody does who wants to keep it quiet.
      if (now % 100 === 0) episodes.graceFor(['a', 'gone'], now * 1000, SETTINGS.grace_secs);
      second(now, now < 110 ? 'alive' : 'blind', now < 105 ? 'alive' : 'blind');
    }
    expect(told).toEqual(['105 problem b', '230 problem a']);
  });

  it('lets no grace lie in the future when the clock is set back', () => {
    const episodes = new Episodes();
    play([['alive', 10]], episodes, 100_000);
    episodes.grace(100_010_000, 120);
    episodes.graceFor(['a'], 100_010_000, 120);
    expect(
      play(
        [
          ['alive', 10],
          ['blind', 500],
        ],
        episodes,
        1000,
      ),
    ).toEqual(['1120 problem']);
  });

  it('remembers what it told through a leap of the clock and a sleep of the machine', () => {
    const episodes = new Episodes();
    play(
      [
        ['alive', 100],
        ['blind', 100],
      ],
      episodes,
    );
    // The timer may look before the next list is there.
    expect(episodes.due(SETTINGS, 4_000_000)).toMatchObject([{ kind: 'reminder' }]);
    expect(play([['alive', 10]], episodes, 4001)).toEqual(['4001 recovery']);
    // And what was not sure before has not lasted meanwhile.
    expect(play([['late', 60]], episodes, 5000)).toEqual([]);
    expect(play([['late', 60]], episodes, 9000)).toEqual([]);
  });

  it('goes on over a restart: no second problem, and the recovery comes', () => {
    const before = new Episodes();
    expect(
      play(
        [
          ['alive', 10],
          ['blind', 100],
        ],
        before,
      ),
    ).toEqual(['10 problem']);
    const after = new Episodes();
    after.restore(JSON.parse(JSON.stringify(before.snapshot())), 200_000);
    after.grace(200_000, 120);
    expect(
      play(
        [
          ['unknown', 20],
          ['blind', 300],
          ['alive', 10],
        ],
        after,
        200,
      ),
    ).toEqual(['520 recovery']);
  });

  it('takes no harm from a damaged snapshot', () => {
    for (const damaged of [
      null,
      5,
      [[1, 2]],
      [['a', null]],
      [['a', { open: true }]],
      [['a', { condition: {}, open: true, told: 'x', changed: 1 }]],
    ]) {
      const episodes = new Episodes();
      episodes.restore(damaged, 0);
      expect(episodes.snapshot()).toEqual([]);
    }
  });

  it('survives a clock that is set back', () => {
    const episodes = new Episodes();
    expect(
      play(
        [
          ['alive', 10],
          ['blind', 100],
        ],
        episodes,
        1_000_000,
      ),
    ).toEqual(['1000010 problem']);
    expect(
      play(
        [
          ['blind', 10],
          ['alive', 61],
        ],
        episodes,
        100,
      ),
    ).toEqual(['170 recovery']);
  });

  it('forgets what is not watched any more, without a word', () => {
    const episodes = new Episodes();
    play([['blind', 10]], episodes);
    for (let now = 10; now < 2000; now++) {
      episodes.observe([], now * 1000);
      expect(episodes.due(SETTINGS, now * 1000)).toEqual([]);
    }
    expect(episodes.snapshot()).toEqual([]);
  });

  it('puts what breaks together into one message', () => {
    const episodes = new Episodes();
    episodes.observe([condition('blind', 'a'), condition('blind', 'b'), condition('alive', 'c')], 0);
    const told = episodes.due(SETTINGS, 0);
    expect(told.map(({ kind, items }) => [kind, items.map((it) => it.key)])).toEqual([['problem', ['a', 'b']]]);
  });

  it('never tells problem and recovery out of turn, nor faster than the flap time', () => {
    const state = fc.constantFrom<HeartbeatState>('alive', 'late', 'blind', 'unknown');
    fc.assert(
      fc.property(fc.array(fc.tuple(state, fc.integer({ min: 1, max: 120 })), { maxLength: 30 }), (steps) => {
        const told = play(steps).filter((it) => !it.endsWith('reminder'));
        told.forEach((it, i) => expect(it.endsWith(i % 2 === 0 ? 'problem' : 'recovery')).toBe(true));
        const times = told.map((it) => Number(it.split(' ')[0]));
        times.forEach((time, i) => {
          if (i > 0) expect(time - times[i - 1]!).toBeGreaterThanOrEqual(60);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('is bounded', () => {
    const episodes = new Episodes();
    episodes.observe(
      Array.from({ length: 20_000 }, (_, i) => condition('blind', `k${i}`)),
      0,
    );
    expect(episodes.due(SETTINGS, 0)[0]!.items).toHaveLength(5000);
  });
});
