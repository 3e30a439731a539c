import { wordsOf } from './causes.ts';
import { type Around, ChainFacts, SensorFactsOfNow, type Watched } from './chain-facts.ts';
import { evidenceMessage, hopsOf } from './evidence.ts';
import { judge, type Verdict } from './judge.ts';
import type { ChainReport, HeartbeatState, SensorReport } from './report.ts';
import { DUE_MS } from './missing.ts';
import type { Series } from './series.ts';

/** A verdict without its hops, windows and plots. Hundreds of sensors are judged each second, so words are made when they are read. */
export interface SensorJudgement {
  name: string;
  state: HeartbeatState;
  message: string;
  chains: readonly Pick<ChainReport, 'state' | 'hop' | 'cause' | 'remedy'>[];
  health: Pick<SensorReport['health'], 'last_reload' | 'problems'>;
}

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
/** By their number: nearly all sensors are well, nearly always. */
const manyWell: (readonly ChainState[])[] = [];

function allWell(count: number): readonly ChainState[] {
  return (manyWell[count] ??= Array.from({ length: count }, () => WELL));
}

/** Holds on to next to nothing: what is judged each second and lives that long would make the collector's heap grow. */
class Judged implements SensorJudgement {
  readonly chains: readonly ChainState[];
  readonly state: HeartbeatState;
  private readonly sensor: Watched;
  private readonly around: Around;
  private readonly worst: number;

  constructor(sensor: Watched, around: Around, chains: readonly ChainState[], state: HeartbeatState, worst: number) {
    this.sensor = sensor;
    this.around = around;
    this.chains = chains;
    this.state = state;
    this.worst = worst;
  }

  get name(): string {
    return this.sensor.options.name;
  }

  get message(): string {
    return new SensorJudge(this.sensor, this.around).messageOf(this.worst);
  }

  get health(): SensorJudgement['health'] {
    const { watch } = this.sensor;
    const { now } = this.around;
    return {
      last_reload: watch.lastReload(),
      get problems() {
        return watch.report(now).problems;
      },
    };
  }
}

/** Judges one sensor at one moment. */
export class SensorJudge {
  private readonly sensor: Watched;
  private readonly around: Around;
  private readonly shared: SensorFactsOfNow;

  constructor(sensor: Watched, around: Around) {
    this.sensor = sensor;
    this.around = around;
    this.shared = new SensorFactsOfNow(sensor, around);
  }

  judgement(): SensorJudgement {
    const { sensor, around } = this;
    const facts = new ChainFacts(this.shared);
    const count = sensor.chains.length;
    let states: readonly ChainState[] = allWell(count);
    let state: HeartbeatState | null = null;
    let worst = -1;
    for (let place = 0; place < count; place++) {
      const series = sensor.chains[place]!;
      const verdict = judge(facts.of(series));
      if (verdict.state !== 'alive') {
        const own = new ChainState(verdict, series.told);
        states = states.map((one, i) => (i === place ? own : one));
      }
      if (state !== null && WORST.indexOf(verdict.state) >= WORST.indexOf(state)) continue;
      state = verdict.state;
      worst = place;
    }
    return new Judged(sensor, around, states, state ?? 'unknown', worst);
  }

  /** The words on the chain at this place; -1: on a sensor without any. */
  messageOf(place: number): string {
    const series = this.sensor.chains[place];
    if (series === undefined) return this.unprobed();
    const facts = new ChainFacts(this.shared).of(series);
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
    const facts = new ChainFacts(this.shared).of(series);
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
}
