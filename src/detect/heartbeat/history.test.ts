import { expect, it } from 'vitest';
import { START, World } from '../testing/world.ts';
import { History } from './history.ts';
import { ProbeRing } from './ring.ts';

const BIN_MS = 300_000;
const DAY_MS = 86_400_000;
const ring = new ProbeRing(64);

/** A day of one probe in each bin. */
function day(history: History, from: number): void {
  for (let i = 0; i < 288; i++) {
    const at = from + i * BIN_MS;
    history.heed(at);
    history.count(at, 1, 0);
    history.latency('read', at, 5);
  }
}

it.each([
  ['a year', 366 * DAY_MS],
  ['two days', 2 * DAY_MS],
  ['two hours', 2 * 3_600_000],
])('counts again after a clock that ran ahead by %s was set back, also in a file of then', (_, ahead) => {
  const history = new History();
  day(history, START - DAY_MS);
  for (let i = 0; i < 24; i++) {
    history.count(START + ahead + i * BIN_MS, 1, 1);
    history.latency('read', START + ahead + i * BIN_MS, 9000);
  }
  const kept = new History();
  kept.load(history.contents());
  for (const one of [history, kept]) {
    day(one, START);
    const now = START + 287 * BIN_MS;
    const [, hour, whole] = one.windows(now, ring, 3000);
    expect(whole).toMatchObject({ sent: 288, lost: 0 });
    expect(hour).toMatchObject({ sent: 12, lost: 0, latency: { read: { p50: 4.7 } } });
    // A slot of four hours that was begun by the right clock keeps what the wrong one put into it.
    if (ahead > DAY_MS) expect(whole!.latency.read!.p99).toBeLessThan(10);
    expect(one.plot(now)).toHaveLength(288);
  }
});

it('holds nothing of another day on the first day of all, which a machine without a clock begins with', () => {
  const history = new History();
  day(history, START - DAY_MS);
  history.heed(BIN_MS);
  expect(history.windows(DAY_MS - 1, ring, 3000)[2]).toMatchObject({ sent: 0, lost: 0 });
  expect(history.plot(DAY_MS - 1)).toEqual([]);
});

it('is told the time by the heartbeat', () => {
  const world = new World();
  world.now += 400 * DAY_MS;
  world.live(3);
  world.now -= 400 * DAY_MS;
  world.heartbeat.facts(world.facts);
  world.live(30);
  expect(world.chain().windows[2]!.sent).toBeGreaterThanOrEqual(30);
});
