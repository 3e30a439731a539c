import { VardeError } from '../base/errors.ts';
import type { ProbePath } from '../config/schema.ts';
import { ProbeChain } from './chain.ts';
import { firstPauseMs, nextPauseMs } from './pace.ts';
import { rateProblem } from './rate.ts';
import { SeqState } from './seq-state.ts';
import type { ProbeKind, SentProbe } from './sent-probe.ts';
import { gridOf, Slots } from './slots.ts';
import { Stop } from './stop.ts';
import { parseTarget, Resolver } from './target.ts';
import { pathTag } from './token.ts';

export interface ProbeSenderOptions {
  paths: readonly ProbePath[];
  key: Buffer;
  /** Called when a probe has been sent, and again with the same number when an answer or an error came. */
  report(probe: SentProbe): void;
  /** File that keeps the sequence numbers. */
  state: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Send more than a heartbeat needs. */
  force?: boolean;
  /** Told of what is wrong with the sender itself: its state cannot be written, another one holds it. */
  warn?(error: unknown): void;
}

/** Between two tries to get a state that another process holds. */
const RETRY_MS = 5000;

/** Sends the probes of all paths, each chain (path and kind) at its own pace. */
export class ProbeSender {
  private readonly options: ProbeSenderOptions;
  private readonly now: () => number;
  private readonly seqs: SeqState;
  private readonly resolver = new Resolver();
  private readonly stopping = new Stop();
  private readonly slots = new Slots();
  private readonly flying = new Set<Promise<unknown>>();
  private opening: Promise<void> | null = null;

  /** @throws VardeError probe_target, probe_rate */
  constructor(options: ProbeSenderOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.seqs = new SeqState(options.state, (error) => options.warn?.(error));
    checkPaths(options.paths, options.force === true);
  }

  has(path: string): boolean {
    return this.options.paths.some(({ name }) => name === path);
  }

  /** Begins; what is in the way of it is told to `warn` and tried again. */
  start(): void {
    this.keep(this.begin().catch((error: unknown) => this.options.warn?.(error)));
  }

  private async begin(): Promise<void> {
    for (let told = false; !this.stopping.stopped; told = true) {
      try {
        await this.open();
        break;
      } catch (error) {
        if (!told) this.options.warn?.(error);
        await this.stopping.pause(RETRY_MS);
      }
    }
    const chains = this.options.paths.flatMap((path) => path.kinds.map((kind) => this.chain(path, kind)));
    for (const [i, chain] of chains.entries())
      this.later(chain, firstPauseMs(i, chains.length, chain.path.interval_secs));
  }

  /** Only once the numbers are open. */
  private chain(path: ProbePath, kind: ProbeKind): ProbeChain {
    const { key, report } = this.options;
    const next = this.seqs.chain(path.name, kind, path.interval_secs);
    return new ProbeChain(path, kind, {
      key,
      now: this.now,
      next,
      report,
      resolver: this.resolver,
      stop: this.stopping,
    });
  }

  private open(): Promise<void> {
    const chains = this.options.paths.flatMap(({ name, kinds, interval_secs }) =>
      kinds.map((kind) => ({ path: name, kind, intervalSecs: interval_secs })),
    );
    this.opening ??= this.seqs.open(chains).catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  private beat(chain: ProbeChain): void {
    // The next one is planned first: a probe that waits for its answer does not slow its chain down.
    this.later(chain, nextPauseMs(chain.path));
    this.keep(chain.send().catch((error: unknown) => this.options.warn?.(error)));
  }

  private later(chain: ProbeChain, millis: number): void {
    if (!this.stopping.stopped) this.slots.later(millis, () => this.beat(chain), gridOf(chain.path.interval_secs));
  }

  private keep(work: Promise<unknown>): void {
    const kept = work.finally(() => this.flying.delete(kept));
    this.flying.add(kept);
  }

  /**
   * Sends one probe now, and resolves when it is known what became of it; `report` is called as for any other.
   *
   * @throws VardeError probe_locked, probe_unavailable; usage where no such path is known
   */
  async sendOnce(path: string, kind: ProbeKind): Promise<SentProbe> {
    const found = this.options.paths.find(({ name }) => name === path);
    if (found === undefined) throw new VardeError('usage', `there is no path "${path}"`);
    await this.open();
    return this.chain(found, kind).send();
  }

  /** Ends what is under way, without waiting for answers, and writes the sequence numbers. */
  async stop(): Promise<void> {
    this.stopping.stop();
    this.slots.clear();
    await Promise.allSettled(this.flying);
    await this.seqs.close();
  }
}

function checkPaths(paths: readonly ProbePath[], force: boolean): void {
  const tags = new Map<string, string>();
  for (const { name, target } of paths) {
    parseTarget(target);
    const tag = pathTag(name);
    const other = tags.get(tag);
    // One chance in four thousand million for two names; their probes could not be told apart.
    if (other !== undefined)
      throw new VardeError('probe_target', `the paths "${other}" and "${name}" have the same tag; rename one`);
    tags.set(tag, name);
  }
  const problem = force ? null : rateProblem(paths);
  if (problem !== null) throw new VardeError('probe_rate', problem);
}
