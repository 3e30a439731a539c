import type { HeartbeatState } from '../../detect/heartbeat/report.ts';
import type { Options } from '../options.ts';
import type { Reading } from '../reading.ts';
import { CRITICAL, judge, OK, UNKNOWN, WARNING, worst, type Perf, type State } from '../result.ts';
import { count, span } from '../words.ts';
import { NothingToCheck, SENSORS, type Check } from './check.ts';

const STATES: readonly HeartbeatState[] = ['alive', 'late', 'blind', 'unknown'];
const OUTCOME: Record<HeartbeatState, State> = { alive: OK, late: WARNING, blind: CRITICAL, unknown: UNKNOWN };
/** With more chains than these the graphs get numbers of all instead of each. */
const MOST_GRAPHED = 10;

interface Chain {
  sensor: string;
  path: string;
  kind: string;
  state: HeartbeatState;
  message: string;
  remedy: string;
  hop: string | null;
  cause: string | null;
  identity: string | null;
  /** Seconds since the newest sighting, or null before the first. */
  age: number | null;
  loss: number | null;
  p95: number | null;
}

/** Alive is OK, late WARNING, blind CRITICAL, unknown UNKNOWN; -w and -c are ranges for the age of the newest sighting besides, seconds. */
export const heartbeat: Check = {
  asks: [SENSORS],
  downIsCritical: true,
  judge([report], options) {
    const chains = chainsOf(report!, options);
    const limits = { warning: options.warning, critical: options.critical };
    // Never seen is older than any threshold.
    const stateOf = (chain: Chain): State =>
      worst([OUTCOME[chain.state], judge(chain.age ?? (chain.state === 'alive' ? 0 : Infinity), limits)]);
    const state = worst(chains.map(stateOf));
    const bad = chains.filter((chain) => stateOf(chain) !== OK);
    const telling = bad.find((chain) => stateOf(chain) === state);
    const perf = chains.length <= MOST_GRAPHED ? chains.flatMap((chain) => chainPerf(chain, options)) : [];
    return {
      state,
      text: telling === undefined ? allWell(chains) : trouble(telling, bad.length, chains.length),
      remedy: telling?.remedy,
      perf: [...perf, ...totals(chains)],
      long: [...bad, ...chains.filter((chain) => !bad.includes(chain))].map(line),
    };
  },
};

function chainsOf(report: Reading, options: Options): Chain[] {
  const now = report.number('now');
  const sensors = report.list('sensors');
  if (sensors.length === 0) throw new NothingToCheck('no sensor is configured');
  const all = sensors.flatMap((sensor) => {
    const name = sensor.text('name');
    return sensor.list('chains').map((chain) => readChain(name, chain, now));
  });
  if (all.length === 0) throw new NothingToCheck('no probe is configured: add probes.paths to the config');
  const chosen = all.filter(
    (chain) =>
      (options.sensor === null || options.sensor === chain.sensor) &&
      (options.path === null || options.path === chain.path) &&
      (options.kind === null || options.kind === chain.kind),
  );
  if (chosen.length === 0) throw new Error('the station has no probe of that sensor, path and kind');
  return chosen;
}

function readChain(sensor: string, chain: Reading, now: number): Chain {
  const recent = chain.list('windows').find((window) => window.text('window') === '5m');
  const seen = chain.numberOrNull('last_seen');
  const latency = recent?.objectOrNull('latency');
  return {
    sensor,
    path: chain.text('path'),
    kind: chain.text('kind'),
    state: chain.oneOf('state', STATES),
    message: chain.text('message'),
    remedy: chain.text('remedy'),
    hop: chain.textOrNull('hop'),
    cause: chain.textOrNull('cause'),
    identity: chain.textOrNull('identity'),
    age: seen === null ? null : Math.max(0, (now - seen) / 1000),
    loss: recent?.numberOrNull('loss_percent') ?? null,
    p95: (latency?.objectOrNull('stored') ?? latency?.objectOrNull('alerted'))?.number('p95') ?? null,
  };
}

const nameOf = (chain: Chain): string => `${chain.sensor} ${chain.path} ${chain.kind}`;

function allWell(chains: Chain[]): string {
  const ages = chains.flatMap((chain) => (chain.age === null ? [] : [chain.age]));
  const oldest =
    ages.length === 0
      ? ''
      : `, ${chains.length === 1 ? 'seen' : 'the last of them seen'} ${span(Math.max(...ages))} ago`;
  return chains.length === 1
    ? `${nameOf(chains[0]!)} is alive${oldest}`
    : `${count(chains.length, 'chain')} alive${oldest}`;
}

function trouble(chain: Chain, bad: number, all: number): string {
  const others = bad > 1 ? ` (and ${bad - 1} more of ${count(all, 'chain')})` : '';
  const where = chain.hop === null ? '' : ` at ${chain.hop}`;
  const age = chain.age === null ? 'never seen' : `seen ${span(chain.age)} ago`;
  return `${nameOf(chain)} is ${chain.state}${where}: ${chain.message} [${chain.cause ?? age}]${others}`;
}

function line(chain: Chain): string {
  const parts = [
    chain.age === null ? 'never seen' : `seen ${span(chain.age)} ago`,
    chain.loss === null ? '' : `loss ${Number(chain.loss.toFixed(1))} % in 5 min`,
    chain.p95 === null ? '' : `p95 ${Math.round(chain.p95)} ms`,
    chain.identity === null ? '' : `by ${chain.identity}`,
    chain.state === 'alive' ? '' : `${chain.hop ?? ''} ${chain.cause ?? ''}: ${chain.message} ${chain.remedy}`.trim(),
  ];
  return `${nameOf(chain)}: ${chain.state}, ${parts.filter((part) => part !== '').join(', ')}`;
}

function chainPerf(chain: Chain, options: Options): Perf[] {
  const name = nameOf(chain).replaceAll(' ', '/');
  return [
    { label: `${name}/age`, value: chain.age, unit: 's', warning: options.warning, critical: options.critical, min: 0 },
    { label: `${name}/loss`, value: chain.loss, unit: '%', min: 0, max: 100 },
    { label: `${name}/p95`, value: chain.p95 === null ? null : chain.p95 / 1000, unit: 's', min: 0 },
  ];
}

function totals(chains: Chain[]): Perf[] {
  return STATES.map((state) => ({
    label: state,
    value: chains.filter((chain) => chain.state === state).length,
    unit: '',
    min: 0,
    max: chains.length,
  }));
}
