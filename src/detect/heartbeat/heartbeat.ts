import { PROBE_KINDS, type ProbeKind, type SentProbe } from '../../probe/sent-probe.ts';
import { pathTag } from '../../probe/token.ts';
import { own } from '../sensor-health/counters.ts';
import { SensorWatch } from '../sensor-health/health.ts';
import type { Around, Watched } from './chain-facts.ts';
import type { PathOptions, SensorFacts, SensorOptions, StationFacts } from './facts.ts';
import { SensorJudge, type SensorJudgement } from './judgement.ts';
import { readCandidate, SEED_SID, type Candidate, type SidOwner } from './match.ts';
import { wantsLine } from './prefilter.ts';
import type { SensorReport } from './report.ts';
import { Series } from './series.ts';
import type { Refusal, Seen, Sighting } from './sighting.ts';
import { restoreSeries, snapshotOf } from './snapshot.ts';

export interface HeartbeatOptions {
  sensors: readonly SensorOptions[];
  paths: readonly PathOptions[];
  key: Buffer;
  /** Why there is no key to go by: then no line counts, and each chain says so. */
  keyProblem?: string;
  /** Rule numbers of the paths and kinds (probe/rules.ts). */
  sids: ReadonlyMap<number, SidOwner>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Facts come every second or two; a longer time between two of them is a station that stood still, or a clock that was set. */
const STANDSTILL_MS = 5000;
const BACK_MS = 1000;

/**
 * The heartbeat of all sensors: what was sent, what came, and a verdict on each chain from that and from the facts around it.
 *
 * Memory is bounded by the config: some 9 kB for each path and kind, 6 kB for each sensor. Nothing that stands in a line can throw, and
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
  private store: StationFacts['store'] = { waiting: null };
  /** By name of the sensor: what was last said of it. */
  private readonly looks = new Map<string, SensorFacts>();
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

  /** A probe was sent, or its sender has learned more of it. `reported`: what the sender's clock said when it told of it, where it did not at once. */
  sent(probe: SentProbe, reported?: number): void {
    this.byName.get(`${probe.kind}/${probe.path}`)?.tell(probe, this.options.now(), reported);
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
    if (this.options.keyProblem !== undefined) return null;
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
    // Whichever is earlier: the one is by the sender's clock where it does not report, the other late where its log is.
    const captured = candidate.packet + sensor.watch.delays.correction();
    sensor.watch.ruleCounts.cameThrough(Math.min(series.sentAt(result.seq) ?? captured, captured), arrived);
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
    this.store = facts.store;
    for (const name of Object.keys(facts.sensors)) this.looks.set(name, facts.sensors[name]!);
    for (const { options, watch } of this.sensors) {
      const look = this.looks.get(options.name);
      if (look !== undefined) watch.look(look, now);
    }
    for (const series of this.byName.values()) {
      series.history.heed(now);
      series.settle(now);
    }
  }

  /** Names of the sensors whose stats events are late. */
  lateStats(): string[] {
    const now = this.options.now();
    return this.sensors.filter(({ watch }) => watch.overdue(now)).map(({ options }) => options.name);
  }

  /** `hops`, `windows` and `history` are made when they are looked at. */
  report(): SensorReport[] {
    const now = this.options.now();
    for (const series of this.byName.values()) series.settle(now);
    return this.sensors.map((sensor) => this.judging(sensor, now).report());
  }

  /** The same verdicts without what stands around them: for those who ask each second. */
  judge(): SensorJudgement[] {
    const now = this.options.now();
    for (const series of this.byName.values()) series.settle(now);
    return this.sensors.map((sensor) => this.judging(sensor, now).judgement());
  }

  /** Everything that must outlive a restart, for JSON; each part is made when it is written, as all together are megabytes. */
  snapshot(): unknown {
    const sensors = this.sensors.map(({ options: { name }, watch }) => ({
      toJSON: () => ({ name, plot: watch.plot.saved() }),
    }));
    const series = [...this.byName.values()].map((one) => ({ toJSON: () => snapshotOf(one) }));
    return { version: 1, series, sensors };
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
      sensor?.watch.plot.restore(own(plot, 'plot'));
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
    const fits = fitsAddresses(series, candidate);
    if (series.identity === 'token') {
      if (candidate.sid === SEED_SID) return 'outside';
      if (!fits) return 'forged';
      series.lastUnsigned = Math.min(seen.packet + seen.skew, arrived);
      return 'unsigned';
    }
    if (!fits) return 'forged';
    return series.seeWindow(seen, portOf(series.kind, candidate));
  }

  /** Somebody may ask in the moment in which the station wakes, before it has looked around and seen that it stood still. */
  private watchingAt(now: number): number {
    return this.lastFacts !== null && now - this.lastFacts > STANDSTILL_MS ? now : this.watching;
  }

  private judging(sensor: Watched, now: number): SensorJudge {
    const look = this.looks.get(sensor.options.name);
    const around: Around = {
      now,
      keyProblem: this.options.keyProblem ?? null,
      watching: this.watchingAt(now),
      store: this.store,
      source: look?.source ?? null,
    };
    if (look?.stream !== undefined) around.stream = look.stream;
    return new SensorJudge(sensor, around);
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
