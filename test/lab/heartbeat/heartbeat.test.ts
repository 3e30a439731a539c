import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { libfaketime } from '../../pipeline/obstacles.ts';
import { labObstacle, LAB_PACKAGES } from '../packages.ts';
import { SURICATA_7 } from '../suricata.ts';
import { versionOf } from '../suricata8.ts';
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
/** Minutes of waiting with limits of seconds: made on a quiet machine when it is asked for. */
const obstacle =
  process.env['VARDE_HEARTBEAT_REPEATS'] === undefined
    ? 'run by VARDE_HEARTBEAT_REPEATS=1'
    : labObstacle(LAB_PACKAGES.filter((it) => NEEDED.has(it.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

const REPEATS = Number(process.env['VARDE_HEARTBEAT_REPEATS'] ?? '1');
const WRITES = process.env['VARDE_HEARTBEAT_MATRIX'] === '1';
/** Half an hour at the interval of ten seconds has as many heartbeats as this has at that of the lab. */
const LONG_QUIET_SECS = (1800 / 10) * INTERVAL_SECS;
const QUIET_SECS = REPEATS >= 3 ? LONG_QUIET_SECS : 30;

const GROUPS: Record<string, readonly Failure[]> = {
  'what keeps probes off the wire': SENDING,
  'what keeps them from the sensor': MIRROR,
  'Suricata itself': SURICATA,
  'its rules': RULES,
  'its log': LOG,
  'the station': STATION,
};
const COUNT = Object.values(GROUPS).flat().length;

describe.skipIf(obstacle !== null)(title('the heartbeat names the hop that broke'), () => {
  const outcomes: Outcome[] = [];
  let quiet: Quiet | null = null;
  let stage: Stage;
  beforeAll(async () => {
    expect(libfaketime()).not.toBeNull();
    stage = await Stage.open();
    expect(await untilAlive(stage, 60_000), stage.words()).not.toBeNull();
  });
  afterAll(async () => {
    await stage?.close();
    if (!WRITES) return;
    if (quiet === null || REPEATS < 3 || outcomes.length < COUNT * REPEATS)
      throw new Error('the matrix is written from a whole run with three repeats only');
    const about = `Made by \`test/lab/heartbeat\` with Suricata ${versionOf(SURICATA_7)} on ${new Date().toISOString().slice(0, 10)}, each failure ${REPEATS} times.`;
    writeMatrix(join(PACKAGE_ROOT, 'docs', 'heartbeat.md'), matrixText(outcomes, quiet, about));
  });

  for (const [group, failures] of Object.entries(GROUPS))
    describe(group, () => {
      it.each(failures.flatMap((failure) => Array.from({ length: REPEATS }, (_, i) => ({ ...failure, i, failure }))))(
        '$name ($i)',
        async ({ failure }) => {
          const outcome = await meet(stage, failure);
          outcomes.push(outcome);
          const { told, cause, verdictMs, recoveryMs, before, message } = outcome;
          process.stdout.write(
            `${failure.name}: ${told} (${cause}) after ${seconds(verdictMs)}, alive after ${seconds(recoveryMs)}${before.length === 0 ? '' : `; before: ${before.join(', ')}`}\n`,
          );
          expect(told, message).toBe(failure.hop);
          expect(verdictMs, `${told} ${cause}: ${message}`).toBeLessThanOrEqual(LIMIT_MS);
          expect(recoveryMs).toBeLessThanOrEqual(LIMIT_MS);
        },
      );
    });

  it(
    `says nothing wrong in quiet time with rotations, reloads and a paused station`,
    async () => {
      expect(await untilAlive(stage, 60_000)).not.toBeNull();
      quiet = await keepQuiet(stage, QUIET_SECS);
      process.stdout.write(`quiet: ${JSON.stringify(quiet)}\n`);
      expect(quiet.alarms).toEqual([]);
      for (const count of Object.values(quiet.made)) expect(count).toBeGreaterThan(0);
    },
    (QUIET_SECS + 200) * 1000,
  );
});

function seconds(millis: number | null): string {
  return millis === null ? 'never' : `${(millis / 1000).toFixed(1)} s`;
}
