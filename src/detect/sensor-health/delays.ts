const KEEP = 32;
/** Lines that arrive within this of one another came in one read. */
const LOT_MS = 700;

/** Used by one call after the other. */
const sorting = new Float64Array(KEEP);

export interface Delay {
  median: number;
  least: number;
  most: number;
  count: number;
}

/**
 * Arrival minus the time that stands in the line, of the newest lines, milliseconds. A clock that is off shows as the same delay in each
 * line; a buffered log as delays that differ, because lines wait for one another; a slow reader as both, so ask for its lag first.
 */
export class Delays {
  private readonly delays = new Float64Array(KEEP);
  private readonly arrivals = new Float64Array(KEEP);
  private used = 0;
  private next = 0;

  add(delay: number, arrived: number): void {
    if (!Number.isFinite(delay) || !Number.isFinite(arrived)) return;
    this.delays[this.next] = delay;
    this.arrivals[this.next] = arrived;
    this.next = (this.next + 1) % KEEP;
    this.used = Math.min(KEEP, this.used + 1);
  }

  /** Median, smallest and largest of the newest `most` lines; null where there is none. */
  newest(most: number): Delay | null {
    const count = Math.min(most, this.used);
    if (count === 0) return null;
    for (let i = 0; i < count; i++) sorting[i] = this.delays[this.place(i)]!;
    const values = sorting.subarray(0, count).sort();
    const middle = count >> 1;
    const median = count % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
    return { median, least: values[0]!, most: values[count - 1]!, count };
  }

  /** Smallest and largest of the newest `most` lines; null where there is none. Hundreds of sensors are asked each second. */
  span(most: number): Pick<Delay, 'least' | 'most' | 'count'> | null {
    const count = Math.min(most, this.used);
    if (count === 0) return null;
    let least = this.delays[this.place(0)]!;
    let largest = least;
    for (let i = 1; i < count; i++) {
      const delay = this.delays[this.place(i)]!;
      if (delay < least) least = delay;
      else if (delay > largest) largest = delay;
    }
    return { least, most: largest, count };
  }

  /** What must be added to the sensor's clock: the median where all agree that it is off, else 0. */
  correction(): number {
    const delay = this.newest(5);
    if (delay === null || delay.count < 3 || delay.most - delay.least > 3000) return 0;
    return Math.abs(delay.median) > 2000 ? delay.median : 0;
  }

  /**
   * True where lines keep coming in lumps: two of the newest three lots hold lines that arrived together although they are `spread` apart. One
   * such lot is a process that stood still for once; one line between two of them came just when the buffer was full.
   */
  lumpy(spread: number): boolean {
    let lumps = 0;
    let lots = 0;
    let arrival = Number.NaN;
    let least = 0;
    let most = 0;
    for (let i = 0; i < this.used; i++) {
      const place = this.place(i);
      const delay = this.delays[place]!;
      const arrived = this.arrivals[place]!;
      if (Math.abs(arrived - arrival) <= LOT_MS) {
        least = Math.min(least, delay);
        most = Math.max(most, delay);
        continue;
      }
      if (i > 0) {
        lots++;
        if (most - least > spread) lumps++;
        if (lots === 3) return lumps >= 2;
      }
      arrival = arrived;
      least = delay;
      most = delay;
    }
    if (this.used > 0 && most - least > spread) lumps++;
    return lumps >= 2;
  }

  /** Of the newest line (0), of the one before it (1) … */
  private place(age: number): number {
    return (this.next - 1 - age + 2 * KEEP) % KEEP;
  }

  clear(): void {
    this.used = 0;
    this.next = 0;
  }
}
