import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { libfaketime } from '../../pipeline/obstacles.ts';
import { labObstacle, LAB_PACKAGES } from '../packages.ts';
import { SURICATA_7 } from '../suricata.ts';
import { ensureSuricata8, versionOf } from '../suricata8.ts';
import { LIMIT_MS, meet, untilAlive, type Failure, type Outcome } from './failure.ts';
import { LOG } from './failures/log.ts';
import { MIRROR } from './failures/mirror.ts';
import { RULES } from './failures/rules.ts';
import { SENDING } from './failures/sending.ts';
import { STATION } from './failures/station.ts';
import { SURICATA } from './failures/suricata.ts';
import { matrixText, writeMatrix } from './matrix.ts';
import { keepQuiet, type Quiet } from './quiet.ts';
import { INTERVAL_SECS, Stage } from './stage.ts';

/**
 * The failure matrix of the heartbeat (docs/heartbeat.md): each failure is made for real and must be named by its hop in time, and its end seen in
 * time. `VARDE_HEARTBEAT_REPEATS=3` makes each three times and keeps the quiet time long; with `VARDE_HEARTBEAT_MATRIX=1` besides, the matrix in
 * docs/heartbeat.md is written anew.
 */
const NEEDED = new Set(['suricata', 'ip', 'ethtool', 'nginx', 'hping3', 'faketime', 'mount', 'mmdebstrap', 'flock']);
const obstacle = labObstacle(LAB_PACKAGES.filter((it) => NEEDED.has(it.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

const REPEATS = Number(process.env['VARDE_HEARTBEAT_REPEATS'] ?? '1');
const WRITES = process.env['VARDE_HEARTBEAT_MATRIX'] === '1';
/** Half an hour at the interval of ten seconds has as many heartbeats as this has at that of the lab. */
const LONG_QUIET_SECS = (1800 / 10) * INTERVAL_SECS;
const QUIET_SECS = REPEATS >= 3 ? LONG_QUIET_SECS : 60;
const START_MS = 60_000;
/** For one failure, its verdict and its end; a hang is told by the test that waits for it. */
const FAILURE_MS = 180_000;

/** Each lane has a stage of its own, and the lanes go on beside each other. The flood of the ring overflow comes last: it takes a whole core. */
const LANES: readonly (readonly Failure[])[] = [
  [...SENDING, ...MIRROR, ...STATION, ...SURICATA],
  [...RULES, ...LOG],
];
const FAILURES = LANES.flat();

/** What came of one repeat of a failure: its outcome, or why there is none. */
type Result = Outcome | Error;

async function runLane(failures: readonly Failure[], note: (failure: Failure, result: Result) => void): Promise<void> {
  const stage = await Stage.open();
  try {
    if ((await untilAlive(stage, START_MS)) === null) throw new Error(`it never was alive: ${stage.words()}`);
    for (const failure of failures)
      for (let i = 0; i < REPEATS; i++)
        note(failure, await meet(stage, failure).catch((error: unknown) => new Error(String(error))));
  } finally {
    await stage.close();
  }
}

async function runQuiet(): Promise<Quiet> {
  const stage = await Stage.open();
  try {
    if ((await untilAlive(stage, START_MS)) === null) throw new Error(`it never was alive: ${stage.words()}`);
    const quiet = await keepQuiet(stage, QUIET_SECS);
    process.stdout.write(`quiet: ${JSON.stringify(quiet)}\n`);
    return quiet;
  } finally {
    await stage.close();
  }
}

describe.skipIf(obstacle !== null)(title('the heartbeat names the hop that broke'), () => {
  const results = new Map<Failure, Result[]>(FAILURES.map((failure) => [failure, []]));
  let quiet: Quiet | null = null;
  const note = (failure: Failure, result: Result): void => {
    results.get(failure)!.push(result);
    process.stdout.write(`${failure.name}: ${result instanceof Error ? result.message : inWords(result)}\n`);
  };
  beforeAll(
    async () => {
      expect(libfaketime()).not.toBeNull();
      // Unpacking it takes longer than any limit allows.
      expect(ensureSuricata8()).not.toBeNull();
      const ends = await Promise.allSettled([
        ...LANES.map((failures) => runLane(failures, note)),
        runQuiet().then((it) => (quiet = it)),
      ]);
      // All have closed their stages by now.
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
    (QUIET_SECS + 200) * 1000 + FAILURES.length * REPEATS * FAILURE_MS,
  );
  afterAll(() => {
    if (!WRITES) return;
    const outcomes = [...results.values()].flat().filter((it): it is Outcome => !(it instanceof Error));
    if (quiet === null || REPEATS < 3 || outcomes.length < FAILURES.length * REPEATS)
      throw new Error('the matrix is written from a whole run with three repeats only');
    const about = `Made by \`test/lab/heartbeat\` with Suricata ${versionOf(SURICATA_7)} on ${new Date().toISOString().slice(0, 10)}, each failure ${REPEATS} times.`;
    writeMatrix(join(PACKAGE_ROOT, 'docs', 'heartbeat.md'), matrixText(outcomes, quiet, about));
  });

  it.each(FAILURES.map((failure) => ({ name: failure.name, failure })))('$name', ({ failure }) => {
    const found = results.get(failure)!;
    expect(found).toHaveLength(REPEATS);
    for (const result of found) {
      if (result instanceof Error) throw result;
      const { told, cause, verdictMs, recoveryMs, before, message } = result;
      expect(told, message).toBe(failure.hop);
      expect(before, 'hops that were called blind before the right one').toEqual([]);
      expect(verdictMs, `never told: ${told} ${cause}: ${message}`).not.toBeNull();
      expect(verdictMs, `${told} ${cause}: ${message}`).toBeLessThanOrEqual(LIMIT_MS);
      expect(recoveryMs, 'its end was never seen').not.toBeNull();
      expect(recoveryMs).toBeLessThanOrEqual(LIMIT_MS);
    }
  });

  it('says nothing wrong in quiet time with rotations, reloads and a paused station', () => {
    expect(quiet!.secs).toBeGreaterThanOrEqual(QUIET_SECS);
    expect(quiet!.alarms).toEqual([]);
    for (const count of Object.values(quiet!.made)) expect(count).toBeGreaterThan(0);
  });
});

function inWords({ told, cause, verdictMs, recoveryMs, before }: Outcome): string {
  const words = `${told} (${cause}) after ${seconds(verdictMs)}, alive after ${seconds(recoveryMs)}`;
  return before.length === 0 ? words : `${words}; before: ${before.join(', ')}`;
}

function seconds(millis: number | null): string {
  return millis === null ? 'never' : `${(millis / 1000).toFixed(1)} s`;
}
