import { PROBE_KINDS, type ProbeKind, type SentProbe } from '../../probe/sent-probe.ts';
import { pathTag } from '../../probe/token.ts';
import { own, protocolOf } from '../sensor-health/counters.ts';
import { SensorWatch } from '../sensor-health/health.ts';
import { CAUSES } from './causes.ts';
import { evidenceMessage, hopsOf } from './evidence.ts';
import type { PathOptions, SensorOptions, StationFacts } from './facts.ts';
import { judge, type JudgeFacts, type Verdict } from './judge.ts';
import { readCandidate, SEED_SID, type Candidate, type SidOwner } from './match.ts';
import { wantsLine } from './prefilter.ts';
import type { ChainReport, HeartbeatState, SensorReport } from './report.ts';
import { DUE_MS, Series, type Refusal, type Seen, type Sighting } from './series.ts';
import { restoreSeries, snapshotOf } from './snapshot.ts';

export interface HeartbeatOptions {
  sensors: readonly SensorOptions[];
  paths: readonly PathOptions[];
  key: Buffer;
  /** Rule numbers of the paths and kinds (probe/rules.ts). */
  sids: ReadonlyMap<number, SidOwner>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Facts come every second or two; a longer time between two of them is a station that stood still, or a clock that was set. */
const STANDSTILL_MS = 5000;
const BACK_MS = 1000;
const WORST: readonly HeartbeatState[] = ['blind', 'late', 'unknown', 'alive'];

type Clocks = Pick<JudgeFacts['stats'], 'delay' | 'lumpy'>;

/** One sensor with the chains that must be seen by it. */
interface Watched {
  options: SensorOptions;
  watch: SensorWatch;
  chains: Series[];
  /** Rules as they were known to be when a heartbeat last came. */
  rulesAlive: { loaded: number; failed: number } | null;
}

/**
 * The heartbeat of all sensors: what was sent, what came, and a verdict on each chain from that and from the facts around it.
 *
 * Memory is bounded by the config: some 24 kB for each path and kind, 13 kB for each sensor. Nothing that stands in a line can throw, and
 * nothing in it can make an old probe a new one (series.ts).
 */
export class Heartbeat {
  private readonly options: HeartbeatOptions;
  private readonly sensors: Watched[];
  private readonly sids: Set<number>;
  /** By tag of the path and kind, as in tokens; and by name. */
  private readonly byTag = new Map<string, Series>();
  private readonly byName = new Map<string, Series>();
  private readonly bySource = new Map<string, Watched[]>();
  private facing: StationFacts = { store: { waiting: null }, sensors: {} };
  private watching: number;
  private lastFacts: number | null = null;

  constructor(options: HeartbeatOptions) {
    this.options = options;
    this.watching = options.now();
    this.sids = new Set([SEED_SID, ...options.sids.keys()]);
    this.sensors = options.sensors.map((sensor) => ({
      options: sensor,
      watch: new SensorWatch(),
      chains: [],
      rulesAlive: null,
    }));
    for (const path of options.paths) {
      for (const kind of PROBE_KINDS.filter((one) => path.kinds.includes(one))) {
        const series = new Series(path, kind);
        this.byTag.set(`${pathTag(path.name)}/${kind}`, series);
        this.byName.set(`${kind}/${path.name}`, series);
        this.sensors.find(({ options: { name } }) => name === path.sensor)?.chains.push(series);
      }
    }
  }

  /** True for lines that {@link line} wants parsed: `[start, end)` of `bytes`. Looks at bytes only. */
  wants(bytes: Uint8Array, start: number, end: number): boolean {
    return wantsLine(this.sids, bytes, start, end);
  }

  /** A probe was sent, or its sender has learned more of it. */
  sent(probe: SentProbe): void {
    this.byName.get(`${probe.kind}/${probe.path}`)?.tell(probe, this.options.now());
  }

  /**
   * A parsed line of eve.json that arrived at `arrived`. Gives back what must be handed to {@link stored} once the line is committed; null where
   * it is none of ours, or did not count. Never throws on what stands in the line.
   */
  line(event: unknown, arrived: number, { source }: { source: string }): Sighting | null {
    const watched = this.sensorsOf(source);
    if (watched.length === 0) return null;
    if (own(event, 'event_type') === 'stats') {
      for (const { watch } of watched) watch.stats(event, arrived);
      return null;
    }
    const candidate = readCandidate(event, this.options.key);
    if (candidate === null) return null;
    const found = this.seriesOf(candidate, watched);
    if (found === null) return null;
    const { series, sensor } = found;
    const result = this.see(series, candidate, sensor.watch, arrived);
    if (typeof result === 'string') {
      series.refuse(result, arrived);
      return null;
    }
    // Only a line that counts may speak of the sensor's clock.
    sensor.watch.line(candidate.packet, arrived);
    sensor.rulesAlive = sensor.watch.rules() ?? sensor.rulesAlive;
    return result;
  }

  /** The line of a sighting is searchable. */
  stored({ series, seq, raw }: Sighting): void {
    series.store(seq, raw, this.options.now());
  }

  /** What lies around, every second or two. */
  facts(facts: StationFacts): void {
    const now = this.options.now();
    if (this.lastFacts !== null) {
      const passed = now - this.lastFacts;
      if (passed < -BACK_MS) {
        for (const series of this.byName.values()) series.shift(passed);
        for (const { watch } of this.sensors) watch.shift(passed);
      }
      if (passed < -BACK_MS || passed > STANDSTILL_MS) this.watching = now;
    }
    this.lastFacts = now;
    this.facing = { store: facts.store, sensors: { ...this.facing.sensors, ...facts.sensors } };
    for (const { options, watch } of this.sensors) {
      const around = Object.hasOwn(this.facing.sensors, options.name) ? this.facing.sensors[options.name] : undefined;
      if (around !== undefined) watch.look(around, now);
    }
    for (const series of this.byName.values()) series.settle(now);
  }

  /** Names of the sensors whose stats events are late. */
  lateStats(): string[] {
    const now = this.options.now();
    return this.sensors.filter(({ watch }) => watch.overdue(now)).map(({ options }) => options.name);
  }

  /** `hops`, `windows` and `history` are made when they are looked at: a judge each second must not cost words and a plot each second. */
  report(): SensorReport[] {
    const now = this.options.now();
    for (const series of this.byName.values()) series.settle(now);
    return this.sensors.map((sensor) => this.sensorReport(sensor, now));
  }

  /** Everything that must outlive a restart, as JSON. */
  snapshot(): unknown {
    const sensors = this.sensors.map(({ options: { name }, watch }) => ({ name, plot: watch.savedPlot() }));
    return { version: 1, series: [...this.byName.values()].map(snapshotOf), sensors };
  }

  /**
   * Takes over a snapshot as far as it fits paths and kinds. Never throws; what is damaged begins anew.
   *
   * @param saved when it was made, by the clock of then: one that was set back meanwhile must not leave times of the future behind
   */
  restore(snapshot: unknown, saved = Number.NEGATIVE_INFINITY): void {
    if (own(snapshot, 'version') !== 1) return;
    const [list, plots] = [own(snapshot, 'series'), own(snapshot, 'sensors')];
    for (const plot of Array.isArray(plots) ? (plots as unknown[]) : []) {
      const sensor = this.sensors.find(({ options: { name } }) => name === own(plot, 'name'));
      sensor?.watch.restorePlot(own(plot, 'plot'));
    }
    if (!Array.isArray(list)) return;
    const back = this.options.now() - saved;
    for (const state of list as unknown[]) {
      const [path, kind] = [own(state, 'path'), own(state, 'kind')];
      if (typeof path === 'string' && typeof kind === 'string') {
        const series = this.byName.get(`${kind}/${path}`);
        if (series !== undefined && restoreSeries(series, state) && back < -BACK_MS) series.shift(back);
      }
    }
  }

  private sensorsOf(source: string): Watched[] {
    let found = this.bySource.get(source);
    if (found === undefined) {
      found = this.sensors.filter(({ options: { sources } }) => sources === null || sources.includes(source));
      // Ids of sources come from the config: there are few.
      if (this.bySource.size < 10_000) this.bySource.set(source, found);
    }
    return found;
  }

  /** Which chain an alert speaks of, if that is a chain of a sensor that writes this log. */
  private seriesOf(candidate: Candidate, watched: readonly Watched[]): { series: Series; sensor: Watched } | null {
    const { sid, token } = candidate;
    const owner = this.options.sids.get(sid);
    let series: Series | undefined;
    if (token !== null && token !== 'forged') {
      series = this.byTag.get(`${token.pathTag}/${token.kind}`);
      // A rule for one kind that fires on the token of another saw a copy of it.
      if (series !== undefined && owner !== undefined && owner.kind !== token.kind) {
        this.byName.get(`${owner.kind}/${owner.path}`)?.refuse('forged', 0);
        return null;
      }
    } else if (owner !== undefined) {
      series = this.byName.get(`${owner.kind}/${owner.path}`);
    } else if (sid === SEED_SID && token === null) {
      return this.seedSeries(candidate, watched);
    }
    if (series === undefined) return null;
    const sensor = watched.find(({ chains }) => chains.includes(series));
    return sensor === undefined ? null : { series, sensor };
  }

  /** The seed's rule names no path: the ICMP path to that address, or the only one there is. */
  private seedSeries(
    { destination_ip: destination }: Candidate,
    watched: readonly Watched[],
  ): { series: Series; sensor: Watched } | null {
    const all = watched.flatMap((sensor) =>
      sensor.chains.filter(({ kind }) => kind === 'icmp').map((series) => ({ series, sensor })),
    );
    const fit = all.filter(({ series }) => series.destinationIp === destination);
    if (fit.length > 0) return fit[0]!;
    return all.length === 1 && all[0]!.series.destinationIp === null ? all[0]! : null;
  }

  private see(series: Series, candidate: Candidate, watch: SensorWatch, arrived: number): Sighting | Refusal {
    const { token } = candidate;
    if (token === 'forged') return 'forged';
    const seen: Seen = { packet: candidate.packet, arrived, skew: watch.delays.correction() };
    if (token !== null) return series.seeToken(token.seq, token.sent, seen);
    // A sender whose tokens are in the log has no business with lines that carry none: another pinger's.
    if (series.identity === 'token') return candidate.sid === SEED_SID ? 'outside' : 'forged';
    if (!fitsAddresses(series, candidate)) return 'forged';
    return series.seeWindow(seen, portOf(series.kind, candidate));
  }

  private sensorReport(sensor: Watched, now: number): SensorReport {
    const health = sensor.watch.report(now);
    const alive = sensor.chains.filter(
      (series) => series.lastSeen !== null && now - series.lastSeen <= series.longest + DUE_MS,
    );
    const { delays } = sensor.watch;
    // The same for all chains of the sensor.
    const clocks = { delay: delays.newest(3), lumpy: delays.lumpy(2500) };
    const chains = sensor.chains.map((series) => {
      const siblings = alive.filter((other) => other !== series && other.kind !== series.kind).map(({ kind }) => kind);
      return this.chainReport(series, sensor, siblings, clocks, now);
    });
    const worst = chains.reduce<ChainReport | null>(
      (found, chain) => (found === null || WORST.indexOf(chain.state) < WORST.indexOf(found.state) ? chain : found),
      null,
    );
    if (worst === null) {
      const message =
        health.stats_arrived === null
          ? 'No probe is configured for this sensor, and it has not said anything of itself.'
          : 'No probe is configured for this sensor; only its own statistics are known.';
      return { name: sensor.options.name, state: 'unknown', message, chains, health };
    }
    return { name: sensor.options.name, state: worst.state, message: worst.message, chains, health };
  }

  private chainReport(
    series: Series,
    sensor: Watched,
    siblings: readonly ProbeKind[],
    clocks: Clocks,
    now: number,
  ): ChainReport {
    const facts = this.judgeFacts(series, sensor, siblings, clocks, now);
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
      remedy: cause === null ? '' : CAUSES[cause].remedy,
      identity: series.identity,
      get hops() {
        return hopsOf(verdict, facts, series, sensor.watch);
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

  private judgeFacts(
    series: Series,
    sensor: Watched,
    siblings: readonly ProbeKind[],
    clocks: Clocks,
    now: number,
  ): JudgeFacts {
    const { watch, options } = sensor;
    const around = Object.hasOwn(this.facing.sensors, options.name) ? this.facing.sensors[options.name] : undefined;
    const { moved } = watch;
    return {
      now,
      kind: series.kind,
      interval: series.interval,
      longest: series.longest,
      watching: this.watching,
      sender: { told: series.told, last: series.lastTold, error: series.lastError },
      seen: {
        last: series.lastSeen,
        arrived: series.lastArrived,
        latency: series.lastLatency,
        unstoredSince: series.unstoredSince,
      },
      missing: series.missing(now),
      refusedFuture: series.lastRefusedFuture,
      source: around?.source ?? null,
      store: this.facing.store,
      link: watch.interface,
      interface: { moved: watch.interfaceMoved, since: watch.interfaceSince },
      ...(around?.stream === undefined ? {} : { stream: around.stream }),
      socket: watch.socket,
      socketAnswered: watch.socketAnswered,
      socketMoved: watch.socketMoved,
      stats: {
        arrived: watch.statsArrived,
        interval: watch.interval,
        ceased: watch.ceased(now, this.watching),
        since: watch.watchedSince,
        packets: moved.packets ?? null,
        decoded: moved.decoded ?? null,
        protocol: moved[protocolOf(series.kind)] ?? null,
        alerts: moved.alerts ?? null,
        checksums: moved.invalid_checksums ?? null,
        drops: moved.drops ?? null,
        drop_percent: watch.dropPercent().of_both,
        ...clocks,
      },
      rules: watch.rules(),
      rulesBefore: watch.rulesBefore,
      rulesAlive: sensor.rulesAlive,
      lastReload: watch.lastReload(),
      siblings,
    };
  }
}

/** Where no token is logged the addresses must be those that were sent from and to, in either direction. */
function fitsAddresses({ sourceIp, destinationIp }: Series, candidate: Candidate): boolean {
  const fits = (wanted: string | null, found: string | null): boolean => wanted === null || found === wanted;
  const { source_ip: from, destination_ip: to } = candidate;
  return (fits(destinationIp, to) && fits(sourceIp, from)) || (fits(destinationIp, from) && fits(sourceIp, to));
}

/** The sender's port, whichever way the packet went. */
function portOf(kind: ProbeKind, { source_port: port }: Candidate): number | null {
  return kind === 'icmp' ? null : port;
}
