import type { Reading } from '../reading.ts';
import { judge, UNKNOWN, worst, type Perf, type State } from '../result.ts';
import { span } from '../words.ts';
import { NothingToCheck, SENSORS, thresholds, type Check } from './check.ts';

/** Suricata writes stats each 8 s by default; numbers older than this say nothing about now. */
const STALE_SECS = 120;

interface Capture {
  sensor: string;
  ofPackets: number | null;
  ofBoth: number | null;
  packets: number | null;
  drops: number | null;
  /** Age of the newest stats event, seconds. */
  age: number | null;
  problems: string[];
}

/**
 * Does Suricata drop packets? Percent since the stats event before. AF_PACKET counts the drops among the packets, PF_RING and others do not:
 * both formulas are reported; the first, which is never the smaller one, counts unless `--formula both` is given.
 */
export const capture: Check = {
  asks: [SENSORS],
  judge([report], options) {
    const captures = capturesOf(report!, options.sensor);
    const limits = thresholds(options, '1', '5');
    const valueOf = (it: Capture): number | null => (options.bothFormula ? it.ofBoth : it.ofPackets);
    const stateOf = (it: Capture): State =>
      it.age === null || it.age > STALE_SECS || valueOf(it) === null ? UNKNOWN : judge(valueOf(it), limits);
    const state = worst(captures.map(stateOf));
    const telling = captures.find((it) => stateOf(it) === state)!;
    const [ofPackets, ofBoth] = options.bothFormula ? [undefined, limits] : [limits, undefined];
    return {
      state,
      text:
        captures.length > 1 && state === 0
          ? `${captures.length} sensors, worst ${describe(worstOf(captures, valueOf))}`
          : describe(telling),
      remedy:
        state === 0
          ? undefined
          : 'More or larger rings (af-packet ring-size), more threads, fewer rules; see docs/heartbeat.md.',
      perf: captures.slice(0, 20).flatMap((it): Perf[] => [
        { label: `${it.sensor}/drops_of_packets`, value: it.ofPackets, unit: '%', ...ofPackets, min: 0, max: 100 },
        { label: `${it.sensor}/drops_of_both`, value: it.ofBoth, unit: '%', ...ofBoth, min: 0, max: 100 },
        { label: `${it.sensor}/packets`, value: it.packets, unit: 'c', min: 0 },
        { label: `${it.sensor}/drops`, value: it.drops, unit: 'c', min: 0 },
      ]),
      long: captures.flatMap((it) => [describe(it), ...it.problems.map((problem) => `${it.sensor}: ${problem}`)]),
    };
  },
};

function capturesOf(report: Reading, only: string | null): Capture[] {
  const now = report.number('now');
  const all = report.list('sensors').map((sensor): Capture => {
    const health = sensor.object('health');
    const percent = health.object('drop_percent');
    const arrived = health.numberOrNull('stats_arrived');
    return {
      sensor: sensor.text('name'),
      ofPackets: percent.numberOrNull('of_packets'),
      ofBoth: percent.numberOrNull('of_both'),
      packets: health.numberOrNull('packets'),
      drops: health.numberOrNull('drops'),
      age: arrived === null ? null : Math.max(0, (now - arrived) / 1000),
      problems: health.list('problems').map((problem) => problem.text('message')),
    };
  });
  if (all.length === 0) throw new NothingToCheck('no sensor is configured');
  const chosen = only === null ? all : all.filter((it) => it.sensor === only);
  if (chosen.length === 0) throw new Error(`the station has no sensor "${only ?? ''}"`);
  return chosen;
}

function worstOf(captures: Capture[], valueOf: (it: Capture) => number | null): Capture {
  return captures.reduce((worse, it) => ((valueOf(it) ?? 0) > (valueOf(worse) ?? 0) ? it : worse));
}

function describe(it: Capture): string {
  if (it.age === null) return `${it.sensor}: no stats event seen yet: are stats on in eve-log?`;
  if (it.age > STALE_SECS) return `${it.sensor}: the newest stats event came ${span(it.age)} ago`;
  if (it.ofPackets === null) return `${it.sensor}: drops are not known yet: two stats events are needed`;
  const both = it.ofBoth === null ? '' : ` (${percentText(it.ofBoth)} of packets and drops)`;
  return `${it.sensor}: ${percentText(it.ofPackets)} of the packets dropped${both}`;
}

const percentText = (value: number): string => `${Number(value.toFixed(2))} %`;
