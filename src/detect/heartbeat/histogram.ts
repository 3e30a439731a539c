/** Latencies are sorted into steps of a third: 0.1 ms to ten minutes in 56 counts. */
const STEPS = 56;
const SMALLEST_MS = 0.1;
const RATIO = 1.33;
const LOG_RATIO = Math.log(RATIO);

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

function stepOf(ms: number): number {
  if (!(ms > SMALLEST_MS)) return 0;
  return Math.min(STEPS - 1, Math.floor(Math.log(ms / SMALLEST_MS) / LOG_RATIO) + 1);
}

/**
 * Latencies in slots of time, so that what is old falls out: `slots` × 56 counts of 16 bits (a count stays at 65535 rather than turning
 * around). Percentiles are exact to the step, which is ± 15 %.
 */
export class LatencySlots {
  readonly slotMs: number;
  private readonly slots: number;
  private readonly counts: Uint16Array;
  /** Number of the slot (time / slotMs) that each place holds, plus one; 0 is none. */
  private readonly numbers: Float64Array;

  /** Lives in `buffer` from `offset` (a multiple of 8) on, for {@link LatencySlots.bytes}; what stands there is taken over. */
  constructor(slotMs: number, slots: number, buffer: ArrayBuffer, offset: number) {
    this.slotMs = slotMs;
    this.slots = slots;
    this.numbers = new Float64Array(buffer, offset, slots);
    this.counts = new Uint16Array(buffer, offset + slots * 8, slots * STEPS);
  }

  static bytes(slots: number): number {
    return slots * (8 + STEPS * 2);
  }

  /** `time` of the probe, milliseconds since the epoch. A time before the oldest slot is left out. */
  add(time: number, ms: number): void {
    const number = Math.floor(time / this.slotMs);
    if (number < 0) return;
    const place = number % this.slots;
    if (this.numbers[place]! > number + 1) return;
    if (this.numbers[place] !== number + 1) {
      this.counts.fill(0, place * STEPS, (place + 1) * STEPS);
      this.numbers[place] = number + 1;
    }
    const at = place * STEPS + stepOf(ms);
    if (this.counts[at]! < 65_535) this.counts[at]!++;
  }

  /** Of the slots that begin within `from` … `to`; null where none has a latency. */
  percentiles(from: number, to: number): Percentiles | null {
    const sums = new Float64Array(STEPS);
    let total = 0;
    const [first, last] = [Math.ceil(from / this.slotMs), Math.floor(to / this.slotMs)];
    for (let place = 0; place < this.slots; place++) {
      const number = this.numbers[place]! - 1;
      if (number < first || number > last || number < 0) continue;
      for (let step = 0; step < STEPS; step++) {
        const count = this.counts[place * STEPS + step]!;
        sums[step]! += count;
        total += count;
      }
    }
    if (total === 0) return null;
    return { p50: quantile(sums, total, 0.5), p95: quantile(sums, total, 0.95), p99: quantile(sums, total, 0.99) };
  }
}

/** The middle (geometric) of the step in which the share is reached, milliseconds. */
function quantile(sums: Float64Array, total: number, share: number): number {
  const rank = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (let step = 0; step < STEPS; step++) {
    seen += sums[step]!;
    if (seen >= rank) return rounded(step === 0 ? SMALLEST_MS : SMALLEST_MS * RATIO ** (step - 0.5));
  }
  return 0;
}

/** Exact percentiles (nearest rank) of some latencies; null of none. */
export function percentilesOf(values: number[]): Percentiles | null {
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  const at = (share: number): number => rounded(values[Math.max(1, Math.ceil(values.length * share)) - 1]!);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function rounded(ms: number): number {
  return ms < 10 ? Math.round(ms * 100) / 100 : Math.round(ms * 10) / 10;
}
