import type { Reading } from '../reading.ts';
import { CRITICAL, judge, OK, worst, type Perf, type State } from '../result.ts';
import { bytes, count, span } from '../words.ts';
import { NothingToCheck, secondThresholds, STATUS, thresholds, type Check } from './check.ts';

interface Source {
  id: string;
  /** Seconds since the last line, or since the start of the station where none came. */
  silence: number;
  never: boolean;
  lag: number;
  problems: { message: string; remedy: string }[];
}

/** Are the logs read? Silence in seconds (-w, -c), unread bytes (--lag-warning, --lag-critical), and what the station says is wrong. */
export const source: Check = {
  asks: [STATUS],
  judge([status], options) {
    const sources = sourcesOf(status!, options.source);
    const silence = thresholds(options, '300', '900');
    const lag = secondThresholds(options, '10000000', '100000000');
    const stateOf = (it: Source): State =>
      worst([judge(it.silence, silence), judge(it.lag, lag), it.problems.length > 0 ? CRITICAL : OK]);
    const state = worst(sources.map(stateOf));
    const telling = state === OK ? undefined : sources.find((it) => stateOf(it) === state);
    return {
      state,
      text: telling === undefined ? allWell(sources) : describe(telling),
      remedy:
        telling?.problems[0]?.remedy ??
        (telling === undefined ? undefined : 'See varde doctor, and whether Suricata still writes.'),
      perf: sources.slice(0, 20).flatMap((it): Perf[] => [
        { label: `${it.id}/silence`, value: it.silence, unit: 's', ...silence, min: 0 },
        { label: `${it.id}/unread`, value: it.lag, unit: 'B', ...lag, min: 0 },
      ]),
      long: sources.map(describe),
    };
  },
};

function sourcesOf(status: Reading, only: string | null): Source[] {
  const now = status.number('now');
  const started = status.number('started');
  const all = status.list('sources').map((it): Source => {
    const last = it.numberOrNull('last_line');
    return {
      id: it.text('id'),
      silence: Math.max(0, (now - (last ?? started)) / 1000),
      never: last === null,
      lag: it.number('lag_bytes'),
      problems: it
        .list('problems')
        .map((problem) => ({ message: problem.text('message'), remedy: problem.text('remedy') })),
    };
  });
  // `varde import` lists what it once read as a source without files to follow: the station itself never has one.
  if (all.length === 0) throw new NothingToCheck('the station follows no source');
  const chosen = only === null ? all : all.filter((it) => it.id === only);
  if (chosen.length === 0)
    throw new Error(`the station has no source "${only ?? ''}"; it has: ${all.map((it) => it.id).join(', ')}`);
  return chosen;
}

function allWell(sources: Source[]): string {
  const longest = Math.max(...sources.map((it) => it.silence));
  const unread = sources.reduce((sum, it) => sum + it.lag, 0);
  return `${count(sources.length, 'source')} read, last line ${span(longest)} ago${unread > 0 ? `, ${bytes(unread)} unread` : ''}`;
}

function describe(it: Source): string {
  const problem = it.problems[0]?.message;
  const line = it.never ? `no line in the ${span(it.silence)} since the start` : `last line ${span(it.silence)} ago`;
  return `${it.id}: ${problem === undefined ? '' : `${problem}; `}${line}, ${bytes(it.lag)} unread`;
}
