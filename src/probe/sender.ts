import { VardeError, systemCode } from '../base/errors.ts';
import type { ProbePath } from '../config/schema.ts';
import { firstPauseMs, nextPauseMs } from './pace.ts';
import type { Shot } from './probe.ts';
import { PROBES } from './probes.ts';
import { rateProblem } from './rate.ts';
import { deviceOf } from './socket/device.ts';
import { SeqState } from './seq-state.ts';
import type { ProbeKind, SentProbe } from './sent-probe.ts';
import { Stop } from './stop.ts';
import { parseTarget, Resolver } from './target.ts';
import { formatToken, pathTag } from './token.ts';

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

/** Longest wait for an answer; the kernel needs three seconds to say that nobody answers ARP. Milliseconds. */
export const ANSWER_MS = 4000;
/** Between two tries to get a state that another process holds. */
const RETRY_MS = 5000;

/** Sends the probes of all paths, each chain (path and kind) at its own pace. */
export class ProbeSender {
  private readonly options: ProbeSenderOptions;
  private readonly now: () => number;
  private readonly seqs: SeqState;
  private readonly resolver = new Resolver();
  private readonly stopping = new Stop();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly flying = new Set<Promise<unknown>>();
  private opening: Promise<void> | null = null;
  private readonly lastAddress = new Map<string, string>();

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
    const chains = this.options.paths.flatMap((path) => path.kinds.map((kind) => ({ path, kind })));
    for (const [i, { path, kind }] of chains.entries())
      this.later(firstPauseMs(i, chains.length, path.interval_secs), () => this.beat(path, kind));
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

  private beat(path: ProbePath, kind: ProbeKind): void {
    // The next one is planned first: a probe that waits for its answer does not slow its chain down.
    this.later(nextPauseMs(path), () => this.beat(path, kind));
    this.keep(this.send(path, kind).catch((error: unknown) => this.options.warn?.(error)));
  }

  private later(millis: number, act: () => void): void {
    if (this.stopping.stopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, millis);
    this.timers.add(timer);
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
    return this.send(found, kind);
  }

  private async send(path: ProbePath, kind: ProbeKind): Promise<SentProbe> {
    const probe = PROBES[kind];
    const device = deviceOf(path);
    const seq = this.seqs.next(path.name, kind, path.interval_secs);
    const fly = new Flight(path, kind, seq, probe.port(path), this.now);
    let to: Shot['to'];
    try {
      const found = this.resolver.address(path.target, device);
      to = found instanceof Promise ? await this.untilStopped(found) : found;
    } catch (error) {
      if (this.stopping.stopped) return fly.ended(NOWHERE, null, null);
      return this.report(fly.ended(this.lastAddress.get(path.name) ?? NOWHERE, systemCode(error) || 'EINVAL', null));
    }
    this.lastAddress.set(path.name, to.ip.text);
    const outcome = await probe.send({
      to,
      port: probe.port(path),
      device,
      seq,
      waitMs: ANSWER_MS,
      stop: this.stopping,
      token: () => {
        fly.sent = this.now();
        return formatToken(this.options.key, { path: path.name, kind, seq, sent: fly.sent });
      },
      sent: (source) => {
        fly.source = source;
        this.report(fly.ended(to.ip.text, null, null));
      },
    });
    const last = fly.ended(to.ip.text, outcome.error, outcome.answeredMs);
    // Broken off before it left: nothing was sent, and that is nobody's failure.
    if (fly.source === null && this.stopping.stopped) return last;
    const known = fly.source !== null && outcome.error === null && outcome.answeredMs === null;
    return known ? last : this.report(last);
  }

  /** A resolver that does not answer (getaddrinfo cannot be broken off) must not hold up a stop. @throws what `work` throws, or AbortError */
  private untilStopped<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new DOMException('stopped', 'AbortError'));
      if (this.stopping.stopped) stop();
      this.stopping.add(stop);
      work.then(resolve, reject).finally(() => this.stopping.delete(stop));
    });
  }

  private report(probe: SentProbe): SentProbe {
    this.options.report(probe);
    return probe;
  }

  /** Ends what is under way, without waiting for answers, and writes the sequence numbers. */
  async stop(): Promise<void> {
    this.stopping.stop();
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    await Promise.allSettled(this.flying);
    await this.seqs.close();
  }
}

/** Stands for the address of a name that has never been resolved. */
const NOWHERE = '0.0.0.0';

/** What is known of one probe while it is under way. */
class Flight {
  sent: number;
  source: { ip: string | null; port: number | null } | null = null;
  private readonly path: ProbePath;
  private readonly kind: ProbeKind;
  private readonly seq: number;
  private readonly port: number | null;

  constructor(path: ProbePath, kind: ProbeKind, seq: number, port: number | null, now: () => number) {
    this.path = path;
    this.kind = kind;
    this.seq = seq;
    this.port = port;
    this.sent = now();
  }

  ended(destination: string, error: string | null, answeredMs: number | null): SentProbe {
    return {
      path: this.path.name,
      kind: this.kind,
      seq: this.seq,
      sent: this.sent,
      source_ip: this.source?.ip ?? null,
      source_port: this.source?.port ?? null,
      destination_ip: destination,
      destination_port: this.port,
      error,
      answered_ms: answeredMs === null ? null : Math.max(0, Math.round(answeredMs * 1000) / 1000),
    };
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
