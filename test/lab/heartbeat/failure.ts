import { setTimeout as pause } from 'node:timers/promises';
import type { CauseCode, Hop } from '../../../src/detect/heartbeat/report.ts';
import type { ProbeKind } from '../../../src/probe/sent-probe.ts';
import type { ChainReport } from '../../../src/view/api.ts';
import { INTERVAL_SECS, KINDS, type Stage } from './stage.ts';

/** One way in which a heartbeat breaks: how it is made for real, how it is mended, and what must be said of it meanwhile. */
export interface Failure {
  name: string;
  /** Resolves when the failure is in force: from then on the time counts. */
  make(stage: Stage): void | Promise<void>;
  /** Resolves when everything runs again as before. */
  mend(stage: Stage): void | Promise<void>;
  /** `nobody`: the station itself does not answer, and `varde check` says so. */
  hop: Hop | 'nobody';
  /** Causes that are true of it. The first is the one that fits best. */
  causes: readonly CauseCode[];
  /** Kinds that are struck; the others must stay alive. Default: all. */
  kinds?: readonly ProbeKind[];
}

/** What the issue asks for: two intervals and five seconds, for the verdict and for the recovery. */
export const LIMIT_MS = 2 * INTERVAL_SECS * 1000 + 5000;
/** A verdict counts when it lasts: one that is right by chance for a moment is none. */
const HOLD_MS = 1500;
const LOOK_MS = 100;
/** The end of all patience, to be able to say by how much a limit was missed. */
const PATIENCE_MS = 60_000;

/** What became of one failure that was made. Times are milliseconds since it was made, or mended. */
export interface Outcome {
  failure: Failure;
  /** The hop that was named when it was named right, else the one named last. */
  told: Hop | 'nobody' | 'none';
  cause: string;
  verdictMs: number | null;
  recoveryMs: number | null;
  /** Other hops that were called blind before the right one, with their cause. */
  before: string[];
  message: string;
}

interface Look {
  chains: ChainReport[];
  right: boolean;
}

/** Makes a failure, waits for the verdict, mends it, and waits for the recovery. */
export async function meet(stage: Stage, failure: Failure): Promise<Outcome> {
  if ((await untilAlive(stage, PATIENCE_MS, 0)) === null)
    throw new Error(`it was not alive before "${failure.name}": ${await described(stage)}\n${stage.words()}`);
  let seen: Omit<Outcome, 'failure' | 'recoveryMs'>;
  try {
    await failure.make(stage);
    seen = failure.hop === 'nobody' ? await untilNobody(stage) : await untilNamed(stage, failure);
  } finally {
    await failure.mend(stage);
  }
  return { failure, ...seen, recoveryMs: await untilAlive(stage, PATIENCE_MS) };
}

async function untilNamed(stage: Stage, failure: Failure): Promise<Omit<Outcome, 'failure' | 'recoveryMs'>> {
  const began = performance.now();
  const before = new Set<string>();
  let since: number | null = null;
  for (;;) {
    const { chains, right } = judged(await stage.chains(), failure);
    const now = performance.now() - began;
    since = right ? (since ?? now) : null;
    const struck = chains.filter(({ kind }) => kindsOf(failure).includes(kind));
    for (const { state, hop, cause } of struck)
      if (state === 'blind' && hop !== null && hop !== failure.hop) before.add(`${hop} (${cause ?? 'no cause'})`);
    const isDone = since !== null && now - since >= HOLD_MS;
    if (isDone || (since === null && now > PATIENCE_MS / 2)) {
      const telling = struck.find(({ state }) => state === 'blind' || state === 'late');
      return {
        told: telling?.hop ?? 'none',
        cause: telling?.cause ?? '',
        verdictMs: since,
        before: [...before],
        message: telling?.message ?? '',
      };
    }
    await pause(LOOK_MS);
  }
}

function judged(chains: ChainReport[], failure: Failure): Look {
  const kinds = kindsOf(failure);
  const right = chains.every(({ kind, state, hop, cause }) => {
    if (!kinds.includes(kind)) return state === 'alive';
    return (state === 'blind' || state === 'late') && hop === failure.hop && failure.causes.includes(cause!);
  });
  return { chains, right };
}

const kindsOf = ({ kinds }: Failure): readonly ProbeKind[] => kinds ?? KINDS;

/** A station that stands still can say nothing; the check that asks it says that. */
async function untilNobody(stage: Stage): Promise<Omit<Outcome, 'failure' | 'recoveryMs'>> {
  const began = performance.now();
  for (;;) {
    const { code, line } = await stage.check();
    const now = performance.now() - began;
    if (code === 3) return { told: 'nobody', cause: 'UNKNOWN', verdictMs: now, before: [], message: line.trim() };
    if (now > PATIENCE_MS / 2) return { told: 'none', cause: '', verdictMs: null, before: [], message: line.trim() };
    await pause(LOOK_MS);
  }
}

/** Milliseconds until every chain is alive, and stays so for a moment; null where that does not come. */
export async function untilAlive(stage: Stage, patienceMs: number, holdMs = HOLD_MS): Promise<number | null> {
  const began = performance.now();
  let since: number | null = null;
  while (performance.now() - began < patienceMs) {
    const isAlive = await stage.chains().then(
      (chains) => chains.length === KINDS.length && chains.every(({ state }) => state === 'alive'),
      () => false,
    );
    const now = performance.now() - began;
    since = isAlive ? (since ?? now) : null;
    if (since !== null && now - since >= holdMs) return since;
    await pause(LOOK_MS);
  }
  return null;
}

/** The verdicts of now in one line. */
export async function described(stage: Stage): Promise<string> {
  try {
    const chains = await stage.chains();
    return chains.map(({ kind, state, hop, cause }) => `${kind} ${state} ${hop ?? ''} ${cause ?? ''}`).join(', ');
  } catch (error) {
    return String(error);
  }
}
