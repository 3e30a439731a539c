import { parseRange, type Range } from './range.ts';

export const CHECKS = ['heartbeat', 'source', 'store', 'capture', 'tzsp', 'quarantine', 'all'] as const;

export type CheckName = (typeof CHECKS)[number];

/** What stands on the command line, or why it is wrong. */
export interface Options {
  name: CheckName;
  warning: Range | null;
  critical: Range | null;
  /** Second pair, for the second value of `source` (bytes unread) and `store` (percent of the disk free). */
  warning2: Range | null;
  critical2: Range | null;
  timeoutSecs: number;
  verbose: number;
  /** A station's page on loopback instead of its socket. */
  host: string | null;
  port: number;
  socket: string | null;
  data: string | null;
  config: string | null;
  sensor: string | null;
  path: string | null;
  kind: string | null;
  source: string | null;
  bothFormula: boolean;
  fastLog: string | null;
  eve: string | null;
  state: string | null;
  key: string | null;
  sids: readonly SidRange[];
  utc: boolean;
  icinga: string | null;
  icingaService: string | null;
  icingaAuth: string | null;
  icingaCa: string | null;
  icingaName: string | null;
}

export type Parsed = { options: Options } | { help: true } | { version: true } | { wrong: string };

/** Numbers of rules, both ends included. */
export type SidRange = readonly [number, number];

/** The seed's rule, and those that `varde probe rules` makes with the default base: 4,096 paths with five kinds each. */
export const DEFAULT_SIDS: readonly SidRange[] = [[5_100_000, 5_100_000 + 4096 * 5]];

const DEFAULTS: Options = {
  name: 'all',
  warning: null,
  critical: null,
  warning2: null,
  critical2: null,
  timeoutSecs: 10,
  verbose: 0,
  host: null,
  port: 8765,
  socket: null,
  data: null,
  config: null,
  sensor: null,
  path: null,
  kind: null,
  source: null,
  bothFormula: false,
  fastLog: null,
  eve: null,
  state: null,
  key: null,
  sids: DEFAULT_SIDS,
  utc: false,
  icinga: null,
  icingaService: null,
  icingaAuth: null,
  icingaCa: null,
  icingaName: null,
};

type Set = (options: Options, value: string) => string | void;

/** `keyof Options` whose value is text. */
type TextKey = { [K in keyof Options]: Options[K] extends string | null ? K : never }[keyof Options];
type RangeKey = 'warning' | 'critical' | 'warning2' | 'critical2';

const text =
  (key: Exclude<TextKey, 'name'>): Set =>
  (options, value) => {
    options[key] = value;
  };

const range =
  (key: RangeKey): Set =>
  (options, value) => {
    options[key] = parseRange(value);
    if (options[key] === null) return `"${value}" is no range: [@][start:][end], such as 10, 10:, ~:10, 10:20, @10:20`;
  };

/** Options that take a value; short ones as the guidelines reserve them. */
const VALUES = new Map<string, Set>([
  ['warning', range('warning')],
  ['critical', range('critical')],
  ['lag-warning', range('warning2')],
  ['lag-critical', range('critical2')],
  ['disk-warning', range('warning2')],
  ['disk-critical', range('critical2')],
  [
    'timeout',
    (options, value) => {
      const secs = /^\d{1,5}(?:\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN;
      if (!(secs > 0 && secs <= 3600)) return `"${value}" is no time limit in seconds, up to 3600`;
      options.timeoutSecs = secs;
    },
  ],
  ['hostname', text('host')],
  [
    'port',
    (options, value) => {
      options.port = Number(value);
      if (!/^\d{1,5}$/.test(value) || options.port < 1 || options.port > 65_535) return `"${value}" is no port`;
    },
  ],
  ['socket', text('socket')],
  ['data', text('data')],
  ['config', text('config')],
  ['sensor', text('sensor')],
  ['path', text('path')],
  ['kind', text('kind')],
  ['source', text('source')],
  [
    'formula',
    (options, value) => {
      options.bothFormula = value === 'both';
      if (value !== 'both' && value !== 'packets') return '--formula is packets or both';
    },
  ],
  ['fast-log', text('fastLog')],
  ['eve', text('eve')],
  ['state', text('state')],
  ['key', text('key')],
  [
    'sid',
    (options, value) => {
      const sids = value.split(',').map(sidRange);
      if (sids.includes(null)) return `"${value}" is no list of sids, such as 5100000 or 5100000,5100001-5100040`;
      options.sids = sids.filter((it) => it !== null);
    },
  ],
  ['icinga', text('icinga')],
  ['icinga-service', text('icingaService')],
  ['icinga-auth', text('icingaAuth')],
  ['icinga-ca', text('icingaCa')],
  ['icinga-name', text('icingaName')],
]);

const SHORT = new Map([
  ['w', 'warning'],
  ['c', 'critical'],
  ['t', 'timeout'],
  ['H', 'hostname'],
  ['p', 'port'],
]);

const FLAGS = new Map<string, (options: Options) => void>([
  ['verbose', (options) => options.verbose++],
  ['utc', (options) => (options.utc = true)],
]);

/** `5100000` or `5100001-5100040`. */
function sidRange(part: string): SidRange | null {
  const match = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part.trim());
  if (match === null) return null;
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  return last < first ? null : [first, last];
}

/**
 * Reads the words behind `varde check`. By hand, since a threshold may begin with a hyphen (`-w -5:5`), which getopt(3) allows and
 * `util.parseArgs` does not: `-w 10`, `-w10`, `--warning 10`, `--warning=10`, `-vvv`.
 */
export function parseOptions(words: readonly string[]): Parsed {
  const options: Options = { ...DEFAULTS };
  const names: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (!word.startsWith('-') || word === '-') {
      names.push(word);
      continue;
    }
    if (word === '-h' || word === '--help') return { help: true };
    if (word === '-V' || word === '--version') return { version: true };
    if (/^-v+$/.test(word)) {
      options.verbose += word.length - 1;
      continue;
    }
    const long = word.startsWith('--');
    const equals = word.indexOf('=');
    const name = long ? word.slice(2, equals === -1 ? undefined : equals) : (SHORT.get(word[1]!) ?? '');
    const flag = FLAGS.get(name);
    if (flag !== undefined && long && equals === -1) {
      flag(options);
      continue;
    }
    const set = VALUES.get(name);
    if (set === undefined) return { wrong: `there is no option ${word.slice(0, 60)}` };
    const attached = long ? (equals === -1 ? null : word.slice(equals + 1)) : word.length > 2 ? word.slice(2) : null;
    const value = attached ?? words[++index];
    if (value === undefined) return { wrong: `${word} wants a value` };
    const wrong = set(options, value);
    if (typeof wrong === 'string') return { wrong };
  }
  return named(options, names);
}

function named(options: Options, names: readonly string[]): Parsed {
  const [name] = names;
  if (name === undefined) return { wrong: `name a check: ${CHECKS.join(', ')}` };
  const check = CHECKS.find((it) => it === name);
  if (check === undefined || names.length > 1)
    return { wrong: `there is no check "${names.join(' ').slice(0, 60)}"; there are: ${CHECKS.join(', ')}` };
  options.name = check;
  if (check === 'all' && (options.warning !== null || options.critical !== null))
    return { wrong: 'all takes no thresholds: each check has its own' };
  if ((options.fastLog ?? options.eve) !== null && check !== 'heartbeat')
    return { wrong: '--fast-log and --eve go with the check heartbeat' };
  if (options.fastLog !== null && options.eve !== null) return { wrong: 'give --fast-log or --eve, not both' };
  if (options.key !== null && options.eve === null)
    return { wrong: '--key goes with --eve: fast.log shows no payload' };
  if (options.icinga !== null && (options.icingaService === null || options.icingaAuth === null))
    return { wrong: '--icinga goes with --icinga-service HOST!SERVICE and --icinga-auth FILE' };
  return { options };
}
