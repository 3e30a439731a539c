import { LatencyRows, millisOf, percentilesOf, type Percentiles, type Slots } from './histogram.ts';
import { FAILED, LOST, SEEN, TOLD, MISSED, type ProbeRing } from './ring.ts';
import type { ChainReport, WindowReport } from './report.ts';
import { gather, scatter, type Stretch } from './stretch.ts';

const BIN_MS = 300_000;
const BINS = 288;
const MOST_DAYS = 65_535;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY_SLOT_MS = 4 * HOUR_MS;

const LATENCY_HOPS = ['answered', 'alerted', 'read', 'stored'] as const;
export type LatencyHop = (typeof LATENCY_HOPS)[number];

/** Slots of latency for the hour and for the day, one behind the other; one more than the window, for the one that is only begun. */
function layOut(): { hour: Record<LatencyHop, Slots>; day: Record<LatencyHop, Slots>; rows: number } {
  const hour = {} as Record<LatencyHop, Slots>;
  const day = {} as Record<LatencyHop, Slots>;
  let rows = 0;
  const take = (spanMs: number, slotMs: number): Slots => {
    const slots = { first: rows, count: spanMs / slotMs + 1, slotMs };
    rows += slots.count;
    return slots;
  };
  for (const hop of LATENCY_HOPS) {
    // That of reading is in the plot, bin by bin.
    hour[hop] = take(HOUR_MS, hop === 'read' ? BIN_MS : 2 * BIN_MS);
    day[hop] = take(DAY_MS, DAY_SLOT_MS);
  }
  return { hour, day, rows };
}

const { hour: HOUR, day: DAY, rows: ROWS } = layOut();
const CELLS = ROWS * LatencyRows.kept;
const SHARED_HISTORIES = 32;

/** Histories of many chains, one behind the other. */
class Columns {
  /** Day since the epoch of each bin: with its place that tells which one it is. 0: none. */
  readonly days = new Uint16Array(BINS * SHARED_HISTORIES);
  readonly sent = new Uint16Array(BINS * SHARED_HISTORIES);
  readonly lost = new Uint16Array(BINS * SHARED_HISTORIES);
  /** Step of the latency (see histogram.ts), plus one; 0 is none. */
  readonly p95 = new Uint8Array(BINS * SHARED_HISTORIES);
  readonly rows = {
    numbers: new Uint32Array(ROWS * SHARED_HISTORIES),
    counts: new Uint16Array(CELLS * SHARED_HISTORIES),
    steps: new Uint8Array(CELLS * SHARED_HISTORIES),
  };
  used = 0;
}

let open = new Columns();

/**
 * Sent, lost and latency of one path and kind over a day, in 4496 bytes: bins of five minutes for the counts, histograms for the latencies.
 * Times are those of the probes, by the station's clock.
 */
export class History {
  static readonly bytes = BINS * 7 + ROWS * (4 + LatencyRows.kept * 3);
  private readonly columns: Columns;
  /** Which of the histories in the columns it is. */
  private readonly index: number;
  /** Place of its first bin. */
  private readonly first: number;
  private readonly rows: LatencyRows;
  /** Number of the newest bin that anything was noted in; what was taken over may hold any. */
  private newest = Number.POSITIVE_INFINITY;
  /** Number of the bin whose latencies are still being gathered. */
  private open = -1;

  constructor() {
    if (open.used === SHARED_HISTORIES) open = new Columns();
    this.columns = open;
    this.index = open.used++;
    this.first = this.index * BINS;
    this.rows = new LatencyRows(open.rows, this.index * ROWS);
  }

  private stretches(): Stretch[] {
    const { days, sent, lost, p95, rows } = this.columns;
    const of = (column: Stretch['column'], count: number): Stretch => ({ column, first: this.index * count, count });
    return [
      of(rows.numbers, ROWS),
      of(days, BINS),
      of(sent, BINS),
      of(lost, BINS),
      of(rows.counts, CELLS),
      of(p95, BINS),
      of(rows.steps, CELLS),
    ];
  }

  /** What it holds, to be kept over a restart. */
  contents(): Uint8Array {
    return gather(this.stretches());
  }

  /** Takes over the contents of an earlier history, of the same length. */
  load(contents: Uint8Array): void {
    scatter(this.stretches(), contents);
    this.newest = Number.POSITIVE_INFINITY;
    this.open = -1;
  }

  /**
   * Empties what was written by a clock that ran ahead and has been set back: a slot of the future would take nothing up until its time comes,
   * and what was counted by a wrong clock belongs nowhere.
   */
  heed(now: number): void {
    // A probe may lie a little ahead where a sender's clock is.
    const last = Math.floor(now / BIN_MS) + 1;
    if (this.newest <= last) return;
    const { days } = this.columns;
    for (let bin = 0; bin < BINS; bin++) if (days[this.first + bin]! * BINS + bin > last) days[this.first + bin] = 0;
    for (const hop of LATENCY_HOPS) for (const slots of [HOUR[hop], DAY[hop]]) this.rows.dropAfter(slots, now + BIN_MS);
    this.newest = last;
    this.open = Math.min(this.open, last);
  }

  /** Counts a probe, or takes it back (`by` -1) where it came after all. */
  count(at: number, sent: number, lost: number): void {
    const place = this.place(at, sent > 0);
    if (place < 0) return;
    this.columns.sent[place] = Math.min(65_535, Math.max(0, this.columns.sent[place]! + sent));
    this.columns.lost[place] = Math.min(65_535, Math.max(0, this.columns.lost[place]! + lost));
  }

  latency(hop: LatencyHop, at: number, ms: number): void {
    const number = Math.floor(at / BIN_MS);
    if (hop === 'read') this.freeze(number);
    this.newest = Math.max(this.newest, number);
    this.rows.add(HOUR[hop], at, ms);
    this.rows.add(DAY[hop], at, ms);
  }

  windows(now: number, ring: ProbeRing, dueMs: number): WindowReport[] {
    return [this.five(now, ring, dueMs), this.window('1h', now, HOUR_MS), this.window('24h', now, DAY_MS)];
  }

  /** Rows of the plot, from the first bin that has something on. */
  plot(now: number): ChainReport['history'] {
    const rows: ChainReport['history'] = [];
    const last = Math.floor(now / BIN_MS);
    for (let number = last - BINS + 1; number <= last; number++) {
      const place = this.placeOf(number);
      const held = this.holds(place, number);
      if (!held && rows.length === 0) continue;
      rows.push(
        held
          ? [number * BIN_MS, this.columns.sent[place]!, this.columns.lost[place]!, this.p95Of(number, place)]
          : [number * BIN_MS, 0, 0, null],
      );
    }
    return rows;
  }

  private placeOf(number: number): number {
    return this.first + (number % BINS);
  }

  private holds(place: number, number: number): boolean {
    const day = Math.floor(number / BINS);
    return day > 0 && this.columns.days[place] === day;
  }

  private place(at: number, make: boolean): number {
    const number = Math.floor(at / BIN_MS);
    const place = this.placeOf(number);
    const day = Math.floor(number / BINS);
    if (!(day > 0) || day > MOST_DAYS || this.columns.days[place]! > day) return -1;
    if (this.columns.days[place] !== day) {
      if (!make) return -1;
      this.columns.days[place] = day;
      this.newest = Math.max(this.newest, number);
      this.columns.sent[place] = 0;
      this.columns.lost[place] = 0;
      this.columns.p95[place] = 0;
    }
    return place;
  }

  /** Writes the percentile of the bin before into the plot, as its latencies will be gone after an hour. */
  private freeze(number: number): void {
    if (number <= this.open) return;
    if (this.open > 0) {
      const place = this.placeOf(this.open);
      const step = this.liveStep(this.open);
      if (this.holds(place, this.open) && step !== null) this.columns.p95[place] = step + 1;
    }
    this.open = number;
  }

  private liveStep(number: number): number | null {
    return this.rows.p95Step(HOUR.read, number * BIN_MS, number * BIN_MS);
  }

  private p95Of(number: number, place: number): number | null {
    const step = this.liveStep(number) ?? this.columns.p95[place]! - 1;
    return step < 0 ? null : millisOf(step);
  }

  private window(name: '1h' | '24h', now: number, span: number): WindowReport {
    let [sent, lost] = [0, 0];
    const last = Math.floor(now / BIN_MS);
    for (let number = last - span / BIN_MS + 1; number <= last; number++) {
      const place = this.placeOf(number);
      if (!this.holds(place, number)) continue;
      sent += this.columns.sent[place]!;
      lost += this.columns.lost[place]!;
    }
    const latency: WindowReport['latency'] = {};
    for (const hop of LATENCY_HOPS) {
      const found = this.rows.percentiles((name === '1h' ? HOUR : DAY)[hop], now - span, now);
      if (found !== null) latency[hop] = found;
    }
    return { window: name, sent, lost, loss_percent: share(lost, sent), latency };
  }

  /** The last five minutes exactly, from the probes themselves. */
  private five(now: number, ring: ProbeRing, dueMs: number): WindowReport {
    let [sent, lost] = [0, 0];
    const values: Record<LatencyHop, number[]> = { answered: [], alerted: [], read: [], stored: [] };
    for (let place = ring.first; place < ring.end; place++) {
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
