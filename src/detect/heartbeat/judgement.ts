import type { ProbeKind } from '../../probe/sent-probe.ts';
import { protocolOf } from '../sensor-health/counters.ts';
import type { SensorWatch } from '../sensor-health/health.ts';
import { wordsOf } from './causes.ts';
import { evidenceMessage, hopsOf } from './evidence.ts';
import type { SensorOptions } from './facts.ts';
import { judge, type JudgeFacts, type Verdict } from './judge.ts';
import type { ChainReport, HeartbeatState, SensorReport } from './report.ts';
import { DUE_MS, type Series } from './series.ts';

/** One sensor with the chains that must be seen by it. */
export interface Watched {
  options: SensorOptions;
  watch: SensorWatch;
  chains: Series[];
  /** Rules as they were known to be when a heartbeat last came. */
  rulesAlive: { loaded: number; failed: number } | null;
}

/** A verdict without its hops, windows and plots. Hundreds of sensors are judged each second, so words are made when they are read. */
export interface SensorJudgement {
  name: string;
  state: HeartbeatState;
  message: string;
  chains: readonly Pick<ChainReport, 'state' | 'hop' | 'cause' | 'remedy'>[];
  health: Pick<SensorReport['health'], 'last_reload' | 'problems'>;
}

/** What is the same for all sensors and chains of one look. */
type Around = Pick<JudgeFacts, 'now' | 'keyProblem' | 'watching' | 'store' | 'source' | 'stream'>;

const WORST: readonly HeartbeatState[] = ['blind', 'late', 'unknown', 'alive'];

/** A verdict as a chain shows it. */
class ChainState {
  readonly verdict: Verdict;
  private readonly told: boolean;

  constructor(verdict: Verdict, told: boolean) {
    this.verdict = verdict;
    this.told = told;
  }

  get state(): Verdict['state'] {
    return this.verdict.state;
  }

  get hop(): Verdict['hop'] {
    return this.verdict.hop;
  }

  get cause(): Verdict['cause'] {
    return this.verdict.cause;
  }

  get remedy(): string {
    return this.verdict.cause === null ? '' : wordsOf(this.verdict.cause, this.told).remedy;
  }
}

const WELL = new ChainState({ state: 'alive', hop: null, cause: null }, true);

/** Judges one sensor at one moment. */
export class SensorJudge {
  private readonly sensor: Watched;
  private readonly around: Around;
  /** The same for all its chains: hundreds of sensors are judged each second. */
  private readonly shared: Pick<JudgeFacts, 'interface' | 'rules' | 'lastReload'>;
  /** By the protocol of the probe. */
  private readonly stats = new Map<string, JudgeFacts['stats']>();
  private readonly alive: readonly Series[];

  constructor(sensor: Watched, around: Around) {
    this.sensor = sensor;
    this.around = around;
    const { watch } = sensor;
    this.shared = {
      interface: { moved: watch.interfaceMoved, since: watch.interfaceSince },
      rules: watch.rules(),
      lastReload: watch.lastReload(),
    };
    this.alive = sensor.chains.filter(
      ({ lastSeen, longest }) => lastSeen !== null && around.now - lastSeen <= longest + DUE_MS,
    );
  }

  /** Holds on to next to nothing: what is judged each second and lives that long would make the collector's heap grow. */
  judgement(): SensorJudgement {
    const { sensor, around } = this;
    const states: ChainState[] = [];
    let state: HeartbeatState | null = null;
    let place = -1;
    for (const series of sensor.chains) {
      const verdict = judge(this.factsOf(series));
      states.push(verdict.state === 'alive' ? WELL : new ChainState(verdict, series.told));
      if (state !== null && WORST.indexOf(verdict.state) >= WORST.indexOf(state)) continue;
      state = verdict.state;
      place = states.length - 1;
    }
    return {
      name: sensor.options.name,
      state: state ?? 'unknown',
      get message() {
        return new SensorJudge(sensor, around).messageOf(place);
      },
      chains: states,
      health: {
        last_reload: sensor.watch.lastReload(),
        get problems() {
          return sensor.watch.report(around.now).problems;
        },
      },
    };
  }

  /** The words on the chain at this place; -1: on a sensor without any. */
  private messageOf(place: number): string {
    const series = this.sensor.chains[place];
    if (series === undefined) return this.unprobed();
    const facts = this.factsOf(series);
    return evidenceMessage(judge(facts), facts, series);
  }

  report(): SensorReport {
    const { options, watch } = this.sensor;
    const health = watch.report(this.around.now);
    const chains = this.sensor.chains.map((series) => this.chainReport(series));
    const worst = chains.reduce<ChainReport | null>(
      (found, chain) => (found === null || WORST.indexOf(chain.state) < WORST.indexOf(found.state) ? chain : found),
      null,
    );
    const { state, message } = worst ?? { state: 'unknown' as const, message: this.unprobed() };
    return { name: options.name, state, message, chains, health };
  }

  private unprobed(): string {
    return this.sensor.watch.statsArrived === null
      ? 'No probe is configured for this sensor, and it has not said anything of itself.'
      : 'No probe is configured for this sensor; only its own statistics are known.';
  }

  private chainReport(series: Series): ChainReport {
    const { now } = this.around;
    const { watch } = this.sensor;
    const facts = this.factsOf(series);
    const verdict: Verdict = judge(facts);
    const { state, hop, cause } = verdict;
    return {
      path: series.path,
      kind: series.kind,
      target: series.target,
      interval_secs: series.interval / 1000,
      state,
      hop,
      cause,
      message: evidenceMessage(verdict, facts, series),
      remedy: cause === null ? '' : wordsOf(cause, series.told).remedy,
      identity: series.identity,
      get hops() {
        return hopsOf(verdict, facts, series, watch);
      },
      get windows() {
        return series.history.windows(now, series.ring, DUE_MS);
      },
      last_seen: series.lastSeen,
      last_seq: { sent: series.lastToldSeq, seen: series.lastSeenSeq },
      gaps: series.gaps.list(),
      refused: { ...series.refused },
      get history() {
        return series.history.plot(now);
      },
    };
  }

  private siblingsOf(series: Series): ProbeKind[] {
    const kinds: ProbeKind[] = [];
    for (const other of this.alive) if (other !== series && other.kind !== series.kind) kinds.push(other.kind);
    return kinds;
  }

  private statsOf(kind: ProbeKind): JudgeFacts['stats'] {
    const protocol = protocolOf(kind);
    let stats = this.stats.get(protocol);
    if (stats === undefined) this.stats.set(protocol, (stats = this.makeStats(protocol)));
    return stats;
  }

  private makeStats(protocol: ReturnType<typeof protocolOf>): JudgeFacts['stats'] {
    const { watch } = this.sensor;
    const { now, watching } = this.around;
    const { moved, delays } = watch;
    // What does not depend on the protocol is looked up once.
    const [same] = this.stats.values();
    return {
      ...(same ?? {
        arrived: watch.statsArrived,
        interval: watch.interval,
        ceased: watch.ceased(now, watching),
        since: watch.watchedSince,
        packets: moved.packets ?? null,
        decoded: moved.decoded ?? null,
        alerts: moved.alerts ?? null,
        checksums: moved.invalid_checksums ?? null,
        drops: moved.drops ?? null,
        drop_percent: watch.dropPercent().of_both,
        delay: delays.newest(3),
        lumpy: delays.lumpy(2500),
      }),
      protocol: moved[protocol] ?? null,
    };
  }

  private factsOf(series: Series): JudgeFacts {
    const { watch, rulesAlive } = this.sensor;
    const { now, keyProblem, watching, store, source, stream } = this.around;
    const facts: JudgeFacts = {
      now,
      kind: series.kind,
      keyProblem,
      interval: series.interval,
      longest: series.longest,
      watching,
      sender: { told: series.told, last: series.lastTold, error: series.lastError },
      seen: {
        last: series.lastSeen,
        arrived: series.lastArrived,
        latency: series.lastLatency,
        unstoredSince: series.unstoredSince,
      },
      missing: series.missing(now),
      clockHint: series.clockHint.at,
      unsigned: series.lastUnsigned,
      source,
      store,
      link: watch.interface,
      socket: watch.socket,
      socketAnswered: watch.socketAnswered,
      socketMoved: watch.socketMoved,
      stats: this.statsOf(series.kind),
      rulesBefore: watch.rulesBefore,
      rulesAlive,
      interface: this.shared.interface,
      rules: this.shared.rules,
      lastReload: this.shared.lastReload,
      siblings: this.siblingsOf(series),
    };
    return stream === undefined ? facts : { ...facts, stream };
  }
}
