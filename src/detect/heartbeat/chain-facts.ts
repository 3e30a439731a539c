import type { ProbeKind } from '../../probe/sent-probe.ts';
import { protocolOf } from '../sensor-health/counters.ts';
import type { SensorWatch } from '../sensor-health/health.ts';
import type { SensorOptions } from './facts.ts';
import type { JudgeFacts } from './judge.ts';
import { DUE_MS } from './missing.ts';
import type { Series } from './series.ts';

/** One sensor with the chains that must be seen by it. */
export interface Watched {
  options: SensorOptions;
  watch: SensorWatch;
  chains: Series[];
}

/** What is the same for all chains of a sensor in one look, from outside of it. */
export type Around = Pick<JudgeFacts, 'now' | 'keyProblem' | 'watching' | 'store' | 'source' | 'stream'>;

/** What all chains of a sensor are judged by at one moment. */
export class SensorFactsOfNow {
  readonly sensor: Watched;
  readonly around: Around;
  readonly interface: JudgeFacts['interface'];
  readonly rules: JudgeFacts['rules'];
  readonly lastReload: number | null;
  /** Without what depends on the protocol of the probe. */
  readonly stats: JudgeFacts['stats'];

  constructor(sensor: Watched, around: Around) {
    this.sensor = sensor;
    this.around = around;
    const { watch } = sensor;
    this.interface = { moved: watch.interfaceMoved, since: watch.interfaceSince };
    this.rules = watch.rules();
    this.lastReload = watch.lastReload();
    const { moved, delays } = watch;
    this.stats = {
      arrived: watch.statsArrived,
      interval: watch.interval,
      overdue: watch.overdue(around.now, around.watching),
      ceased: watch.ceased(around.now, around.watching),
      since: watch.watchedSince,
      packets: moved.packets ?? null,
      decoded: moved.decoded ?? null,
      protocol: null,
      alerts: moved.alerts ?? null,
      checksums: moved.invalid_checksums ?? null,
      drops: moved.drops ?? null,
      drop_percent: watch.dropPercent().of_both,
      delay: delays.span(3),
      lumpy: delays.lumpy(2500),
    };
  }

  /** Chains of other kinds that are seen in time. */
  othersOf(kind: ProbeKind): Series[] {
    const { now } = this.around;
    return this.sensor.chains.filter(
      (one) => one.kind !== kind && one.lastSeen !== null && now - one.lastSeen <= one.longest + DUE_MS,
    );
  }
}

/**
 * What one chain is judged by. The object takes one chain after the other ({@link of}): a thousand are judged each second, and facts that
 * are made anew for each of them are what the collector would mostly have to do in a station that watches many sensors.
 */
export class ChainFacts implements JudgeFacts {
  private readonly shared: SensorFactsOfNow;
  readonly now: number;
  readonly keyProblem: JudgeFacts['keyProblem'];
  readonly watching: number;
  readonly source: JudgeFacts['source'];
  readonly store: JudgeFacts['store'];
  declare readonly stream?: NonNullable<JudgeFacts['stream']>;
  readonly link: JudgeFacts['link'];
  readonly socket: JudgeFacts['socket'];
  readonly socketAnswered: boolean;
  readonly socketMoved: number | null;
  readonly rulesBefore: JudgeFacts['rulesBefore'];
  readonly rulesAlive: JudgeFacts['rulesAlive'];
  readonly interface: JudgeFacts['interface'];
  readonly rules: JudgeFacts['rules'];
  readonly lastReload: number | null;
  readonly stats: JudgeFacts['stats'];
  kind: ProbeKind = 'icmp';
  interval = 0;
  longest = 0;
  readonly sender: JudgeFacts['sender'] = { told: false, last: null, error: null };
  readonly seen: JudgeFacts['seen'] = { last: null, arrived: null, latency: null, unstoredSince: null };
  missing: JudgeFacts['missing'] = { overdue: 0, failed: 0 };
  clockHint: number | null = null;
  unsigned: number | null = null;

  constructor(shared: SensorFactsOfNow) {
    this.shared = shared;
    const { around, sensor } = shared;
    const { watch } = sensor;
    this.now = around.now;
    this.keyProblem = around.keyProblem;
    this.watching = around.watching;
    this.source = around.source;
    this.store = around.store;
    if (around.stream !== undefined) this.stream = around.stream;
    this.link = watch.interface;
    this.socket = watch.socket;
    this.socketAnswered = watch.socketAnswered;
    this.socketMoved = watch.socketMoved;
    this.rulesBefore = watch.ruleCounts.before;
    this.rulesAlive = watch.ruleCounts.alive;
    this.interface = shared.interface;
    this.rules = shared.rules;
    this.lastReload = shared.lastReload;
    this.stats = { ...shared.stats };
  }

  /** Takes a chain of the sensor; what was known of the one before is gone. */
  of(series: Series): this {
    const { sender, seen, stats } = this;
    this.kind = series.kind;
    this.interval = series.interval;
    this.longest = series.longest;
    sender.told = series.told;
    sender.last = series.lastTold;
    sender.error = series.lastError;
    seen.last = series.lastSeen;
    seen.arrived = series.lastArrived;
    seen.latency = series.lastLatency;
    seen.unstoredSince = series.unstoredSince;
    this.missing = series.missing(this.now);
    this.clockHint = series.clockHint.at;
    this.unsigned = series.lastUnsigned;
    stats.protocol = this.shared.sensor.watch.moved[protocolOf(series.kind)] ?? null;
    return this;
  }

  /**
   * What was seen before this one was missing may have gone with it, and what came after all that it is missing may have come back before it.
   * Asked for only where it is missing something.
   */
  get siblings(): readonly ProbeKind[] {
    const others = this.shared.othersOf(this.kind);
    return others.filter((one) => this.isWitness(one)).map((one) => one.kind);
  }

  get undecided(): boolean {
    const others = this.shared.othersOf(this.kind);
    return others.length > 0 && !others.some((one) => this.isWitness(one));
  }

  private isWitness(other: Series): boolean {
    const { since, newest } = this.missing;
    return typeof since === 'number' && typeof newest === 'number' && other.cameBetween(since, newest);
  }
}
