/** Latencies are sorted into steps of a third: 0.1 ms to ten minutes in 56 steps. */
const STEPS = 56;
const SMALLEST_MS = 0.1;
const RATIO = 1.33;
const LOG_RATIO = Math.log(RATIO);
/** Different steps that one slot of time tells apart; a way through a network has few. */
const KEPT = 12;
const MOST = 65_535;

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

function stepOf(ms: number): number {
  if (!(ms > SMALLEST_MS)) return 0;
  return Math.min(STEPS - 1, Math.floor(Math.log(ms / SMALLEST_MS) / LOG_RATIO) + 1);
}

/** The middle (geometric) of a step, milliseconds. */
export function millisOf(step: number): number {
  return rounded(step === 0 ? SMALLEST_MS : SMALLEST_MS * RATIO ** (Math.min(STEPS - 1, step) - 0.5));
}

/** Which rows are the slots of one window: `count` rows from `first` on, each for `slotMs`; what is old falls out. */
export interface Slots {
  first: number;
  count: number;
  slotMs: number;
}

/**
 * Latencies in slots of time. A row holds up to twelve steps with their counts of 16 bits (a count stays at 65535 rather than turning
 * around); where a thirteenth comes, two neighbours become one. Percentiles are exact to the step, which is ± 15 %, or to two of them.
 */
export class LatencyRows {
  /** Number of the slot (time / slotMs) that each row holds, plus one; 0 is none. */
  private readonly numbers: Uint32Array;
  /** In ascending order of the steps; a count of 0 ends the row. */
  private readonly counts: Uint16Array;
  private readonly steps: Uint8Array;
  /** Its first row; others may have the rows before and behind. */
  private readonly base: number;

  /** @param arrays rows, rows × 12 and rows × 12 elements, of this one and of others; what stands there is taken over */
  constructor(arrays: { numbers: Uint32Array; counts: Uint16Array; steps: Uint8Array }, base = 0) {
    this.base = base;
    this.numbers = arrays.numbers;
    this.counts = arrays.counts;
    this.steps = arrays.steps;
  }

  static readonly kept = KEPT;

  /** `time` of the probe, milliseconds since the epoch. A time before the oldest slot is left out. */
  add({ first, count, slotMs }: Slots, time: number, ms: number): void {
    const number = Math.floor(time / slotMs) + 1;
    if (!(number > 0 && number < 2 ** 32)) return;
    const row = this.base + first + (number % count);
    if (this.numbers[row]! > number) return;
    if (this.numbers[row] !== number) {
      this.counts.fill(0, row * KEPT, (row + 1) * KEPT);
      this.numbers[row] = number;
    }
    this.raise(row * KEPT, stepOf(ms));
  }

  /** Empties the slots that begin later than `time`. */
  dropAfter({ first, count, slotMs }: Slots, time: number): void {
    const last = Math.floor(time / slotMs) + 1;
    const begin = this.base + first;
    for (let row = begin; row < begin + count; row++) {
      if (this.numbers[row]! <= last) continue;
      this.numbers[row] = 0;
      this.counts.fill(0, row * KEPT, (row + 1) * KEPT);
    }
  }

  /** Of the slots that begin within `from` … `to`; null where none has a latency. */
  percentiles(slots: Slots, from: number, to: number): Percentiles | null {
    const total = this.sum(slots, from, to);
    if (total === 0) return null;
    const at = (share: number): number => millisOf(stepAt(total, share));
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }

  /** The step of the 95th percentile, or null. */
  p95Step(slots: Slots, from: number, to: number): number | null {
    const total = this.sum(slots, from, to);
    return total === 0 ? null : stepAt(total, 0.95);
  }

  /** Adds up into {@link sums}. */
  private sum({ first, count, slotMs }: Slots, from: number, to: number): number {
    sums.fill(0);
    let total = 0;
    const [oldest, newest] = [Math.ceil(from / slotMs) + 1, Math.floor(to / slotMs) + 1];
    const begin = this.base + first;
    for (let row = begin; row < begin + count; row++) {
      const number = this.numbers[row]!;
      if (number < oldest || number > newest || number === 0) continue;
      for (let at = row * KEPT; at < (row + 1) * KEPT && this.counts[at]! > 0; at++) {
        sums[Math.min(STEPS - 1, this.steps[at]!)]! += this.counts[at]!;
        total += this.counts[at]!;
      }
    }
    return total;
  }

  private raise(from: number, step: number): void {
    const { counts, steps } = this;
    let used = 0;
    while (used < KEPT && counts[from + used]! > 0) used++;
    let place = 0;
    while (place < used && steps[from + place]! < step) place++;
    if (place < used && steps[from + place] === step) {
      if (counts[from + place]! < MOST) counts[from + place]!++;
      return;
    }
    if (used === KEPT) {
      this.join(from);
      // Where it belongs may have moved, and what was joined may now be just this step.
      return this.raise(from, step);
    }
    steps.copyWithin(from + place + 1, from + place, from + used);
    counts.copyWithin(from + place + 1, from + place, from + used);
    steps[from + place] = step;
    counts[from + place] = 1;
  }

  /** Makes one of the two neighbours of a full row that are closest to each other, of equals the rarest. */
  private join(from: number): void {
    const { counts, steps } = this;
    let best = 0;
    let cost = Number.POSITIVE_INFINITY;
    for (let i = 0; i < KEPT - 1; i++) {
      const apart = (steps[from + i + 1]! - steps[from + i]!) * 2 * MOST + counts[from + i]! + counts[from + i + 1]!;
      if (apart >= cost) continue;
      best = i;
      cost = apart;
    }
    const [left, right] = [from + best, from + best + 1];
    if (counts[right]! > counts[left]!) steps[left] = steps[right]!;
    counts[left] = Math.min(MOST, counts[left]! + counts[right]!);
    steps.copyWithin(right, right + 1, from + KEPT);
    counts.copyWithin(right, right + 1, from + KEPT);
    counts[from + KEPT - 1] = 0;
  }
}

/** Used by one call after the other: a report asks for it thousands of times. */
const sums = new Float64Array(STEPS);

/** The step in which the share of {@link sums} is reached. */
function stepAt(total: number, share: number): number {
  const rank = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (let step = 0; step < STEPS; step++) {
    seen += sums[step]!;
    if (seen >= rank) return step;
  }
  return STEPS - 1;
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
