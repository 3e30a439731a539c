import { LatencySlots, percentilesOf, type Percentiles } from './histogram.ts';
import { FAILED, LOST, SEEN, TOLD, MISSED, type ProbeRing } from './ring.ts';
import type { ChainReport, WindowReport } from './report.ts';

const BIN_MS = 300_000;
const BINS = 288;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Slots of latency for the hour and for the day; one more than the window, for the one that is only begun. */
const HOUR_SLOTS = 13;
const DAY_SLOT_MS = 4 * HOUR_MS;
const DAY_SLOTS = 7;

export const LATENCY_HOPS = ['answered', 'alerted', 'read', 'stored'] as const;
export type LatencyHop = (typeof LATENCY_HOPS)[number];

/** Latencies of one hop over an hour and a day. */
class HopLatency {
  readonly buffer: ArrayBuffer;
  readonly hour: LatencySlots;
  readonly day: LatencySlots;

  constructor(buffer = new ArrayBuffer(HopLatency.bytes)) {
    this.buffer = buffer;
    this.hour = new LatencySlots(BIN_MS, HOUR_SLOTS, buffer, 0);
    this.day = new LatencySlots(DAY_SLOT_MS, DAY_SLOTS, buffer, LatencySlots.bytes(HOUR_SLOTS));
  }

  static readonly bytes = LatencySlots.bytes(HOUR_SLOTS) + LatencySlots.bytes(DAY_SLOTS);
}

/**
 * Sent, lost and latency of one path and kind over a day, of a fixed size (about 14 kB with all hops): bins of five minutes for the
 * counts, histograms for the latencies. Times are those of the probes, by the station's clock.
 */
export class History {
  readonly bins: ArrayBuffer;
  private readonly numbers: Uint32Array;
  private readonly sent: Uint16Array;
  private readonly lost: Uint16Array;
  private readonly p95: Float32Array;
  private readonly hops = new Map<LatencyHop, HopLatency>();
  /** Number of the bin whose latencies are still being gathered. */
  private open = -1;

  constructor(bins = new ArrayBuffer(History.bytes)) {
    this.bins = bins;
    this.numbers = new Uint32Array(bins, 0, BINS);
    this.p95 = new Float32Array(bins, BINS * 4, BINS);
    this.sent = new Uint16Array(bins, BINS * 8, BINS);
    this.lost = new Uint16Array(bins, BINS * 10, BINS);
  }

  static readonly bytes = BINS * 12;

  /** Counts a probe, or takes it back (`by` -1) where it came after all. */
  count(at: number, sent: number, lost: number): void {
    const place = this.place(at, sent > 0);
    if (place < 0) return;
    this.sent[place] = Math.min(65_535, Math.max(0, this.sent[place]! + sent));
    this.lost[place] = Math.min(65_535, Math.max(0, this.lost[place]! + lost));
  }

  latency(hop: LatencyHop, at: number, ms: number): void {
    let own = this.hops.get(hop);
    if (own === undefined) {
      own = new HopLatency();
      this.hops.set(hop, own);
    }
    if (hop === 'read') this.freeze(Math.floor(at / BIN_MS), own);
    own.hour.add(at, ms);
    own.day.add(at, ms);
  }

  windows(now: number, ring: ProbeRing, dueMs: number): WindowReport[] {
    return [this.five(now, ring, dueMs), this.window('1h', now, HOUR_MS), this.window('24h', now, DAY_MS)];
  }

  /** Rows of the plot, from the first bin that has something on. */
  plot(now: number): ChainReport['history'] {
    const rows: ChainReport['history'] = [];
    const last = Math.floor(now / BIN_MS);
    for (let number = last - BINS + 1; number <= last; number++) {
      const place = number % BINS;
      const held = this.numbers[place] === number;
      if (!held && rows.length === 0) continue;
      rows.push(
        held
          ? [number * BIN_MS, this.sent[place]!, this.lost[place]!, this.p95Of(number, place)]
          : [number * BIN_MS, 0, 0, null],
      );
    }
    return rows;
  }

  /** Buffers of the hops that have latencies, for a snapshot. */
  *hopBuffers(): Generator<[LatencyHop, ArrayBuffer]> {
    for (const [hop, own] of this.hops) yield [hop, own.buffer];
  }

  restoreHop(hop: LatencyHop, buffer: ArrayBuffer): void {
    if (buffer.byteLength === HopLatency.bytes) this.hops.set(hop, new HopLatency(buffer));
  }

  static readonly hopBytes = HopLatency.bytes;

  private place(at: number, make: boolean): number {
    const number = Math.floor(at / BIN_MS);
    const place = number % BINS;
    if (!(number > 0) || number >= 2 ** 32 || this.numbers[place]! > number) return -1;
    if (this.numbers[place] !== number) {
      if (!make) return -1;
      this.numbers[place] = number;
      this.sent[place] = 0;
      this.lost[place] = 0;
      this.p95[place] = Number.NaN;
    }
    return place;
  }

  /** Writes the percentile of the bin before into the plot, as its latencies will be gone after an hour. */
  private freeze(number: number, own: HopLatency): void {
    if (number <= this.open) return;
    if (this.open > 0) {
      const place = this.open % BINS;
      const found = own.hour.percentiles(this.open * BIN_MS, this.open * BIN_MS);
      if (this.numbers[place] === this.open && found !== null) this.p95[place] = found.p95;
    }
    this.open = number;
  }

  private p95Of(number: number, place: number): number | null {
    const live = this.hops.get('read')?.hour.percentiles(number * BIN_MS, number * BIN_MS) ?? null;
    const value = live === null ? this.p95[place]! : live.p95;
    return Number.isNaN(value) || value === 0 ? null : Math.round(value * 100) / 100;
  }

  private window(name: '1h' | '24h', now: number, span: number): WindowReport {
    let [sent, lost] = [0, 0];
    const last = Math.floor(now / BIN_MS);
    for (let number = last - span / BIN_MS + 1; number <= last; number++) {
      const place = number % BINS;
      if (this.numbers[place] !== number) continue;
      sent += this.sent[place]!;
      lost += this.lost[place]!;
    }
    const latency: WindowReport['latency'] = {};
    for (const [hop, own] of this.hops) {
      const found = (name === '1h' ? own.hour : own.day).percentiles(now - span, now);
      if (found !== null) latency[hop] = found;
    }
    return { window: name, sent, lost, loss_percent: share(lost, sent), latency };
  }

  /** The last five minutes exactly, from the probes themselves. */
  private five(now: number, ring: ProbeRing, dueMs: number): WindowReport {
    let [sent, lost] = [0, 0];
    const values: Record<LatencyHop, number[]> = { answered: [], alerted: [], read: [], stored: [] };
    for (let place = 0; place < ring.capacity; place++) {
      const age = now - ring.at[place]!;
      if (ring.seqs[place] === 0 || age < 0 || age >= BIN_MS) continue;
      for (const hop of LATENCY_HOPS) if (!Number.isNaN(ring[hop][place]!)) values[hop].push(ring[hop][place]!);
      const seen = ring.has(place, SEEN);
      if (!ring.has(place, TOLD | SEEN | MISSED | FAILED) || (!seen && age < dueMs)) continue;
      sent++;
      if (!seen || ring.has(place, LOST)) lost++;
    }
    const latency: WindowReport['latency'] = {};
    for (const hop of LATENCY_HOPS) {
      const found: Percentiles | null = percentilesOf(values[hop]);
      if (found !== null) latency[hop] = found;
    }
    return { window: '5m', sent, lost, loss_percent: share(lost, sent), latency };
  }
}

function share(lost: number, sent: number): number | null {
  return sent === 0 ? null : Math.round((lost / sent) * 10_000) / 100;
}
