import { messageOf } from '../../base/errors.ts';
import type { Options } from '../options.ts';
import type { Reading } from '../reading.ts';
import { OK, STATE_NAMES, UNKNOWN, worst, type Result } from '../result.ts';
import { capture } from './capture.ts';
import { NothingToCheck, SENSORS, STATUS, type Check } from './check.ts';
import { heartbeat } from './heartbeat.ts';
import { quarantine } from './quarantine.ts';
import { source } from './source.ts';
import { store } from './store.ts';
import { tzsp } from './tzsp.ts';

const PARTS: readonly (readonly [string, Check])[] = [
  ['heartbeat', heartbeat],
  ['source', source],
  ['store', store],
  ['capture', capture],
  ['tzsp', tzsp],
  ['quarantine', quarantine],
];

/** The worst of all checks with their usual thresholds. What is not configured (no probe, no sensor) is left out, and said. */
export const all: Check = {
  asks: [SENSORS, STATUS],
  downIsCritical: true,
  judge([sensors, status], options) {
    const results = PARTS.map(([name, check]) => ({
      name,
      result: part(check, check.asks[0] === SENSORS ? sensors! : status!, options),
    }));
    const state = worst(results.map(({ result }) => result?.state ?? OK));
    const telling = results.find(({ result }) => result !== null && result.state === state && state !== OK);
    const words = results.map(
      ({ name, result }) => `${name} ${result === null ? 'not configured' : STATE_NAMES[result.state]}`,
    );
    return {
      state,
      text: telling === undefined ? words.join(', ') : `${telling.name}: ${telling.result!.text} (${words.join(', ')})`,
      remedy: telling?.result?.remedy,
      perf: results.flatMap(
        ({ name, result }) => result?.perf.map((perf) => ({ ...perf, label: `${name}/${perf.label}` })) ?? [],
      ),
      long: results.flatMap(({ name, result }) =>
        result === null
          ? []
          : [`${name} ${STATE_NAMES[result.state]}: ${result.text}`, ...result.long.map((line) => `  ${line}`)],
      ),
    };
  },
};

/** One part, or null where it is not configured. What one part cannot read does not silence the others. */
function part(check: Check, answer: Reading, options: Options): Result | null {
  try {
    return check.judge([answer], options);
  } catch (error) {
    if (error instanceof NothingToCheck) return null;
    return { state: UNKNOWN, text: messageOf(error), perf: [], long: [] };
  }
}
