import type { Options } from '../options.ts';
import { parseRange, horizon } from '../range.ts';
import { CRITICAL, judge, UNKNOWN, type Result } from '../result.ts';
import { span } from '../words.ts';
import { eveReader, fastReader, type LineReader, type TokenTime } from './line.ts';
import { newestHeartbeat, type Newest } from './newest.ts';
import { readState, statePath, writeState } from './state.ts';

/** A line may be this much ahead of the clock: two machines never agree to the second. */
const AHEAD_MS = 30_000;
/** Without a finite threshold the log is looked through this far back. */
const FAR_BACK_SECS = 86_400;

/** `varde check heartbeat --fast-log FILE` or `--eve FILE`: the age of the newest heartbeat in Suricata's own log, without a station. */
export async function logHeartbeat(options: Options): Promise<Result> {
  const log = options.fastLog ?? options.eve!;
  const now = Date.now();
  const both = options.warning === null && options.critical === null;
  const limits = {
    warning: both ? parseRange('150') : options.warning,
    critical: both ? parseRange('300') : options.critical,
  };
  const reader = await readerOf(options, now);
  const path = statePath(
    options.state,
    log,
    `${options.eve === null ? 'fast' : 'eve'} ${options.sids.join(' ')} ${options.key ?? ''}`,
  );
  const state = readState(path);
  const back = Math.max(horizon(limits.warning, limits.critical) ?? FAR_BACK_SECS, 60) * 1000;
  const latest = now + AHEAD_MS;
  const known = state.newest !== null && state.newest <= latest ? state.newest : -Infinity;
  let found: Newest;
  try {
    found = await newestHeartbeat(log, { reader, since: Math.max(now - back - AHEAD_MS, known), latest }, state);
  } catch (error) {
    return {
      state: UNKNOWN,
      text: `${log} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      perf: [],
      long: [],
    };
  }
  const unwritten = writeState(path, found.state);
  const long = [
    `looked into ${found.looked.join(', ') || 'nothing'}`,
    ...(unwritten === null ? [] : [`what was read is not remembered: ${unwritten}`]),
    ...(found.future > 0 ? [`${found.future} heartbeat lines lie ahead of this machine's clock and do not count`] : []),
  ];
  if (found.newest === null && found.missing && found.looked.length === 0)
    return { state: UNKNOWN, text: `${log} is not there, and no rotated sibling either`, perf: [], long };
  return verdict(log, found, now, limits, long);
}

function verdict(log: string, found: Newest, now: number, limits: Parameters<typeof judge>[1], long: string[]): Result {
  const age = found.newest === null ? null : Math.max(0, (now - found.newest) / 1000);
  const ahead = found.future > 0 ? `; ${found.future} lines lie ahead of this machine's clock` : '';
  const missing = found.missing ? `; ${log} itself is missing` : '';
  return {
    // None as far back as it matters is older than any threshold; one that knows no upper limit is still none.
    state: age === null ? CRITICAL : judge(age, limits),
    text: (age === null ? `no heartbeat in ${log}` : `last heartbeat ${span(age)} ago in ${log}`) + ahead + missing,
    remedy:
      'Does the sender run, does Suricata, is the rule loaded? With a station, varde check heartbeat names the hop.',
    perf: [{ label: 'age', value: age, unit: 's', ...limits, min: 0 }],
    long,
  };
}

async function readerOf(options: Options, now: number): Promise<LineReader> {
  const { sids } = options;
  if (options.eve === null) return fastReader(sids, options.utc, now);
  return eveReader(sids, options.key === null ? null : await tokenTime(options.key));
}

/** Loaded only with `--key`: the signature needs node:crypto. */
async function tokenTime(keyFile: string): Promise<TokenTime> {
  const [{ loadKey }, { readToken }] = await Promise.all([
    import('../../probe/key.ts'),
    import('../../probe/token.ts'),
  ]);
  const key = loadKey(keyFile, { create: false });
  return (line) => readToken(key, line)?.sent ?? null;
}
