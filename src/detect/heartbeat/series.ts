import type { ProbeKind, SentProbe } from '../../probe/sent-probe.ts';
import type { PathOptions } from './facts.ts';
import { ClockHint } from './clock-hint.ts';
import { Gaps } from './gaps.ts';
import { History } from './history.ts';
import { canonical } from './match.ts';
import { DUE_MS, type Missing, missingIn } from './missing.ts';
import type { Identity } from './report.ts';
import { ANSWERED, COUNTED, FAILED, LOST, MISSED, ProbeRing, SEEN, STORED, TOLD } from './ring.ts';
import type { LastError, Refusal, Seen, Sighting } from './sighting.ts';

/** A sender's clock may be off by this much without being corrected for. */
const CLOCK_TOLERANCE_MS = 2000;
/** A line whose probe lies further ahead than this is no probe that was sent. */
const FUTURE_MS = 30_000;
/** A reporting sender that has said nothing for so many intervals, while newer probes of its path arrive, is not the one that sends them. */
const UNREPORTED = 3;
/** Latencies that are not between these are a matter of clocks, not of the way. */
const LATENCY_MS = { least: -CLOCK_TOLERANCE_MS, most: 3_600_000 };

/**
 * One path and kind: which probes were sent, and how far each came. Fixed memory (see ring.ts and history.ts).
 *
 * What keeps a dead sensor from looking alive: `lastSeen` is the time at which the newest probe that came through was SENT, by the station's
 * clock. An old line, however often it is read, can only prove an old probe.
 */
export class Series {
  readonly path: string;
  readonly kind: ProbeKind;
  readonly sensor: string;
  readonly target: string;
  readonly interval: number;
  /** The longest time between two probes: interval and jitter. */
  readonly longest: number;
  readonly ring: ProbeRing;
  readonly history = new History();
  readonly gaps = new Gaps();
  readonly refused: Record<Exclude<Refusal, 'outside'>, number> = {
    forged: 0,
    unsigned: 0,
    replayed: 0,
    old: 0,
    future: 0,
    doubled: 0,
  };
  newest = 0;
  settled = 0;
  /** A sender reports its probes; without reports only what comes is known. `lastTold`: when the newest reported one was sent. */
  told = false;
  lastTold: number | null = null;
  lastToldSeq: number | null = null;
  /** Sender's clock to station's. */
  offset = 0;
  lastError: LastError | null = null;
  /** When the newest probe that was seen was sent; when its line arrived; its number; when the newest was stored (sent). */
  lastSeen: number | null = null;
  lastArrived: number | null = null;
  lastSeenSeq: number | null = null;
  lastStored: number | null = null;
  /** Since when something that was seen waits to be stored. */
  unstoredSince: number | null = null;
  lastAnswered: number | null = null;
  /** When the newest line was captured that was refused as unsigned. */
  lastUnsigned: number | null = null;
  readonly clockHint = new ClockHint();
  /** Newest latency to arrival, ms. */
  lastLatency: number | null = null;
  identity: Identity | null = null;
  sourceIp: string | null = null;
  destinationIp: string | null = null;
  /** When a report last came; null: not since the start. */
  private lastReport: number | null = null;

  constructor(path: PathOptions, kind: ProbeKind) {
    this.path = path.name;
    this.kind = kind;
    this.sensor = path.sensor;
    this.target = path.target;
    this.interval = path.interval_secs * 1000;
    this.longest = this.interval * (1 + path.jitter_percent / 100);
    this.ring = new ProbeRing(ProbeRing.capacityFor(this.interval));
    this.destinationIp = canonical(path.target);
  }

  /**
   * A report of the sender: at sending, and again when an answer or an error is known.
   *
   * @param reported the sender's clock when it reported; without that the report is taken for fresh
   */
  tell(probe: SentProbe, now: number, reported = probe.sent): void {
    if (!Number.isInteger(probe.seq) || probe.seq < 1 || probe.seq >= 2 ** 32 || !Number.isFinite(probe.sent)) return;
    let place = this.ring.find(probe.seq);
    const isNew = place < 0 || !this.ring.has(place, TOLD) || this.ring.raw[place] !== probe.sent;
    this.lastReport = now;
    if (isNew) {
      this.offset = Math.abs(now - reported) > CLOCK_TOLERANCE_MS ? now - reported : 0;
      // Found missing by its neighbours' numbers before its sender could tell of it.
      if (place >= 0 && this.ring.raw[place] === 0 && this.ring.has(place, MISSED)) this.ring.raw[place] = probe.sent;
      if (place < 0 || this.ring.raw[place] !== probe.sent) {
        if (probe.seq <= this.newest && !this.startsAnew(probe.sent)) return;
        place = this.open(probe.seq, probe.sent + this.offset, probe.sent, TOLD, false);
      } else {
        this.ring.mark(place, TOLD);
      }
      this.told = true;
      this.lastTold = Math.max(this.lastTold ?? 0, Math.min(now, this.ring.at[place]!));
      this.lastToldSeq = probe.seq;
    }
    this.ring.sourcePort[place] = probe.source_port ?? 0;
    this.sourceIp = canonical(probe.source_ip) ?? this.sourceIp;
    this.destinationIp = canonical(probe.destination_ip) ?? this.destinationIp;
    const at = this.ring.at[place]!;
    if (probe.error !== null) {
      this.ring.mark(place, FAILED);
      this.lastError = { code: probe.error.slice(0, 64), at };
    }
    if (probe.answered_ms !== null && probe.answered_ms >= 0 && !this.ring.has(place, ANSWERED)) {
      this.ring.mark(place, ANSWERED);
      this.ring.answered[place] = probe.answered_ms;
      this.lastAnswered = Math.max(this.lastAnswered ?? 0, at);
      this.history.latency('answered', at, probe.answered_ms);
    }
  }

  /** A line with a genuine token. */
  seeToken(seq: number, raw: number, seen: Seen): Sighting | Refusal {
    const { arrived } = seen;
    const place = this.ring.find(seq);
    const captured = seen.packet + seen.skew;
    if (place >= 0 && this.ring.raw[place] === raw) {
      if (this.ring.has(place, SEEN)) return this.again(place, seen.packet);
      // A packet that was kept and put on the wire again much later proves nothing about the way of the probe.
      if (!this.inTime(this.ring.at[place]!, captured, seen)) return 'replayed';
      return this.accept(place, seen, 'token');
    }
    const at = raw + this.offset;
    if (at > arrived + FUTURE_MS) return 'future';
    if (!this.inTime(at, captured, seen)) {
      if (seq > this.newest) this.clockHint.sawBehind(seq, arrived, this);
      return 'replayed';
    }
    if (seq > this.newest) {
      this.heedSilence(arrived);
      return this.accept(this.open(seq, at, raw, 0, !this.told), seen, 'token');
    }
    if (place >= 0 && this.ring.has(place, MISSED) && !this.ring.has(place, SEEN)) {
      // Lines that changed their order: it was taken for lost when a newer one came.
      this.ring.raw[place] = raw;
      return this.accept(place, seen, 'token');
    }
    if (this.startsAnew(raw)) {
      this.heedSilence(arrived);
      return this.accept(this.open(seq, at, raw, 0, false), seen, 'token');
    }
    if (place >= 0) return 'replayed';
    if (seq <= this.newest - this.ring.capacity) return 'old';
    return this.accept(this.ring.put(seq, at, raw, 0), seen, 'token');
  }

  /** A line without a token, whose addresses fit: told by its port, or by nothing but its time. */
  seeWindow(seen: Seen, port: number | null): Sighting | Refusal {
    const captured = seen.packet + seen.skew;
    if (captured > seen.arrived + FUTURE_MS) return 'future';
    return this.told ? this.seeTold(captured, seen, port) : this.seeUntold(captured, seen);
  }

  /** When a probe was sent, by the station's clock; null where it is no longer known. */
  sentAt(seq: number): number | null {
    const place = this.ring.find(seq);
    return place < 0 ? null : this.ring.at[place]!;
  }

  /** It was committed. */
  store(seq: number, raw: number, now: number): void {
    const place = this.ring.find(seq);
    if (place < 0 || this.ring.raw[place] !== raw || this.ring.has(place, STORED)) return;
    this.ring.mark(place, STORED);
    const at = this.ring.at[place]!;
    this.lastStored = Math.max(this.lastStored ?? 0, at);
    this.unstoredSince = this.lastStored >= (this.lastSeen ?? 0) ? null : now;
    this.ring.stored[place] = this.note('stored', at, now - at);
  }

  /** Counts the probes that are due: came, or lost. Lost ones that come later are taken back. */
  settle(now: number): void {
    const first = Math.max(this.settled + 1, this.newest - this.ring.capacity + 1);
    for (let seq = first; seq <= this.newest; seq++) {
      const place = this.ring.find(seq);
      if (place >= 0) {
        if (!this.ring.has(place, SEEN) && now - this.ring.at[place]! < DUE_MS) break;
        this.countOne(place);
      }
      this.settled = seq;
    }
  }

  /** What is due and did not come, up to the newest that came. */
  missing(now: number): Missing {
    return missingIn(this.ring, this.newest, now);
  }

  /** A probe that was sent after `from` and not after `to` has come. */
  cameBetween(from: number, to: number): boolean {
    for (let place = this.ring.first; place < this.ring.end; place++) {
      const at = this.ring.at[place]!;
      if (this.ring.seqs[place] !== 0 && at > from && at <= to && this.ring.has(place, SEEN)) return true;
    }
    return false;
  }

  refuse(reason: Refusal, arrived: number): void {
    if (reason === 'outside') return;
    this.refused[reason]++;
    if (reason === 'future') this.clockHint.sawFuture(arrived);
  }

  /** All times by `by` later: the station's clock was set. */
  shift(by: number): void {
    for (let place = this.ring.first; place < this.ring.end; place++) this.ring.at[place]! += by;
    const later = (time: number | null): number | null => (time === null ? null : time + by);
    this.lastTold = later(this.lastTold);
    this.lastSeen = later(this.lastSeen);
    this.lastArrived = later(this.lastArrived);
    this.lastStored = later(this.lastStored);
    this.unstoredSince = later(this.unstoredSince);
    this.lastAnswered = later(this.lastAnswered);
    this.lastUnsigned = later(this.lastUnsigned);
    this.lastReport = later(this.lastReport);
    this.clockHint.shift(by);
    this.offset += by;
  }

  /** A probe came that nobody reported: one report by hand long ago must not make the station wait for reports for ever. */
  private heedSilence(arrived: number): void {
    const last = Math.max(this.lastReport ?? 0, this.lastTold ?? 0);
    if (!this.told || arrived - last <= UNREPORTED * this.longest) return;
    this.told = false;
    this.lastTold = null;
    this.lastToldSeq = null;
  }

  private seeTold(captured: number, seen: Seen, port: number | null): Sighting | Refusal {
    let best = -1;
    let distance = Math.min(10_000, Math.max(2500, this.interval / 2));
    for (let place = this.ring.first; place < this.ring.end; place++) {
      if (this.ring.seqs[place] === 0 || !this.ring.has(place, TOLD)) continue;
      const own = this.ring.sourcePort[place]!;
      if (port !== null && own !== 0 && own !== port) continue;
      const away = Math.abs(captured - this.ring.at[place]!);
      if (away >= distance) continue;
      best = place;
      distance = away;
    }
    if (best < 0) return captured < seen.arrived - Math.max(60_000, 2 * this.interval) ? 'old' : 'forged';
    if (this.ring.has(best, SEEN)) return this.again(best, seen.packet);
    return this.accept(best, seen, port !== null && this.ring.sourcePort[best] === port ? 'ports' : 'window');
  }

  /** Nobody reports (hping3 from cron): the number is counted by the time that passed. */
  private seeUntold(captured: number, seen: Seen): Sighting | Refusal {
    const at = Math.min(captured, seen.arrived);
    if (this.newest === 0) return this.accept(this.open(1, at, at, 0, false), seen, 'window');
    const held = this.ring.find(this.newest);
    const from = held < 0 ? (this.lastSeen ?? at) : this.ring.at[held]!;
    const steps = Math.round((at - from) / this.interval);
    const seq = this.newest + steps;
    if (seq > this.newest) {
      if (seq >= 2 ** 32) return 'future';
      return this.accept(this.open(seq, at, at, 0, true), seen, 'window');
    }
    if (seq < 1 || seq <= this.newest - this.ring.capacity) return 'old';
    const place = this.ring.find(seq);
    if (place < 0) return 'old';
    if (!this.ring.has(place, SEEN)) return this.accept(place, seen, 'window');
    const again = this.again(place, seen.packet);
    if (again !== 'replayed') return again;
    // Another ping within the same interval: it proves as much as the first.
    if (seq === this.newest && at > (this.lastSeen ?? 0)) {
      this.lastSeen = at;
      this.lastStored = this.ring.has(place, STORED) ? at : this.lastStored;
    }
    return 'outside';
  }

  /** Seen before. The same packet once more is a line that is read again, after a crash for instance: it may still have to be stored. */
  private again(place: number, packet: number): Sighting | Refusal {
    if (!this.ring.isCapture(place, packet)) return 'replayed';
    if (this.ring.has(place, STORED)) return 'doubled';
    this.refused.doubled++;
    return { series: this, seq: this.ring.seqs[place]!, raw: this.ring.raw[place]! };
  }

  /** Captured near its sending (read as late as may be), or read near its sending (whatever the sensor's clock says). */
  private inTime(at: number, captured: number, { packet, arrived }: Seen): boolean {
    const fresh = Math.max(60_000, 3 * this.interval);
    const near = (time: number): boolean => Math.abs(time - at) <= fresh;
    return near(captured) || near(packet) || near(arrived);
  }

  /** The sender counts from one again (its state was lost): what it sends now is younger than all before. */
  private startsAnew(raw: number): boolean {
    let newest = 0;
    for (let place = this.ring.first; place < this.ring.end; place++)
      if (this.ring.seqs[place] !== 0) newest = Math.max(newest, this.ring.raw[place]!);
    if (raw <= newest) return false;
    this.settle(Number.MAX_SAFE_INTEGER);
    this.ring.clear();
    this.gaps.clear();
    this.newest = 0;
    this.settled = 0;
    return true;
  }

  /** Makes place for a newer probe; with `fill`, the numbers that were skipped count as sent, if there was time for them. */
  private open(seq: number, at: number, raw: number, flags: number, fill: boolean): number {
    const before = this.newest;
    const held = this.ring.find(before);
    const skipped = seq - before - 1;
    if (before === 0) this.settled = seq - 1;
    // What is about to lose its place is counted first.
    if (skipped >= this.ring.capacity) this.settle(Number.MAX_SAFE_INTEGER);
    else this.settle(Math.max(at, raw + this.offset));
    if (fill && held >= 0 && skipped > 0) {
      const from = this.ring.at[held]!;
      const there = (at - from) / this.interval;
      if (skipped <= 1 + there * 1.5) {
        const first = Math.max(before + 1, seq - this.ring.capacity + 1);
        for (let k = first; k < seq; k++) {
          const share = (k - before) / (seq - before);
          this.ring.put(k, from + (at - from) * share, 0, MISSED);
        }
      }
    }
    this.newest = seq;
    return this.ring.put(seq, at, raw, flags);
  }

  private accept(place: number, { packet, arrived, skew }: Seen, identity: Identity): Sighting {
    const ring = this.ring;
    const [at, seq] = [ring.at[place]!, ring.seqs[place]!];
    ring.mark(place, SEEN);
    ring.capture(place, packet);
    ring.alerted[place] = this.note('alerted', at, packet + skew - at);
    ring.read[place] = this.note('read', at, arrived - at);
    if (ring.raw[place] === 0) ring.raw[place] = packet;
    this.unstoredSince ??= arrived;
    if (ring.has(place, COUNTED) && ring.has(place, LOST)) {
      ring.unmark(place, LOST);
      this.history.count(at, 0, -1);
      this.gaps.remove(seq);
    }
    if (at >= (this.lastSeen ?? Number.NEGATIVE_INFINITY)) {
      this.lastSeen = at;
      this.lastSeenSeq = seq;
      this.lastArrived = arrived;
      this.lastLatency = arrived - at;
      this.identity = identity;
    }
    return { series: this, seq, raw: ring.raw[place]! };
  }

  /** The latency, noted in the history where it can be one; NaN where clocks disagree. */
  private note(hop: 'alerted' | 'read' | 'stored', at: number, ms: number): number {
    if (!(ms >= LATENCY_MS.least && ms <= LATENCY_MS.most)) return Number.NaN;
    const value = Math.max(0, ms);
    this.history.latency(hop, at, value);
    return value;
  }

  private countOne(place: number): void {
    if (this.ring.has(place, COUNTED) || !this.ring.has(place, TOLD | SEEN | MISSED)) return;
    const came = this.ring.has(place, SEEN);
    this.ring.mark(place, came ? COUNTED : COUNTED | LOST);
    this.history.count(this.ring.at[place]!, 1, came ? 0 : 1);
    if (!came) this.gaps.add(this.ring.seqs[place]!);
  }
}
