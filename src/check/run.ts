import { AskError, askJson, type Failure } from './ask.ts';
import { all } from './checks/all.ts';
import { capture } from './checks/capture.ts';
import type { Check } from './checks/check.ts';
import { heartbeat } from './checks/heartbeat.ts';
import { quarantine } from './checks/quarantine.ts';
import { source } from './checks/source.ts';
import { store } from './checks/store.ts';
import { tzsp } from './checks/tzsp.ts';
import type { CheckName, Options } from './options.ts';
import { Reading } from './reading.ts';
import { CRITICAL, UNKNOWN, type Result } from './result.ts';
import { stationAddress, type Address } from './station-address.ts';

const CHECKS: Readonly<Record<CheckName, Check>> = { heartbeat, source, store, capture, tzsp, quarantine, all };

/** The result of one check. Never throws: what went wrong is a result too. */
export async function runCheck(options: Options): Promise<Result> {
  const began = performance.now();
  let address: Address | null = null;
  try {
    if ((options.fastLog ?? options.eve) !== null)
      return await (await import('./log/log-heartbeat.ts')).logHeartbeat(options);
    const check = CHECKS[options.name];
    address = stationAddress(options);
    const to = address;
    const answers = await Promise.all(check.asks.map((ask) => askJson(to, ask, options.timeoutSecs * 1000)));
    const result = check.judge(
      answers.map((answer, index) => new Reading(answer, check.asks[index]!)),
      options,
    );
    if (options.verbose > 2) result.long.push(...asked(to, check.asks, performance.now() - began));
    return result;
  } catch (error) {
    const failure = error instanceof AskError ? error.failure : null;
    const where =
      address === null || failure === 'down' || failure === 'refused' ? '' : ` (asked ${addressText(address)})`;
    return failed(options.name, failure, `${error instanceof Error ? error.message : String(error)}${where}`);
  }
}

/** A station that is down cannot see a dead sensor: that is the heartbeat's alarm. The others say only what they know: nothing. */
function failed(name: CheckName, failure: Failure | null, text: string): Result {
  const down = failure === 'down' && CHECKS[name].downIsCritical === true;
  return {
    state: down ? CRITICAL : UNKNOWN,
    text,
    remedy:
      failure === 'down' ? 'Start it: varde up, or systemctl start varde; another data folder: --data DIR.' : undefined,
    perf: [],
    long: [],
  };
}

const addressText = (address: Address): string =>
  'path' in address ? address.path : `${address.host} port ${address.port}`;

function asked(address: Address, asks: readonly string[], ms: number): string[] {
  return [`asked ${addressText(address)} for ${asks.join(' and ')}: ${Math.round(ms)} ms`];
}
