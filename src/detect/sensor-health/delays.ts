const KEEP = 32;
/** Lines that arrive within this of one another came in one read. */
const LOT_MS = 700;

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
    const values = this.places(most).map((place) => this.delays[place]!);
    if (values.length === 0) return null;
    values.sort((a, b) => a - b);
    const middle = values.length >> 1;
    const median = values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
    return { median, least: values[0]!, most: values.at(-1)!, count: values.length };
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
    let [lumps, lots] = [0, 0];
    let [arrival, least, most] = [Number.NaN, 0, 0];
    const close = (): void => {
      if (Number.isNaN(arrival)) return;
      lots++;
      if (most - least > spread) lumps++;
    };
    for (const place of this.places(KEEP)) {
      const [delay, arrived] = [this.delays[place]!, this.arrivals[place]!];
      if (Math.abs(arrived - arrival) <= LOT_MS) {
        least = Math.min(least, delay);
        most = Math.max(most, delay);
        continue;
      }
      close();
      if (lots === 3) return lumps >= 2;
      [arrival, least, most] = [arrived, delay, delay];
    }
    close();
    return lumps >= 2;
  }

  /** Newest first. */
  private places(most: number): number[] {
    const count = Math.min(most, this.used);
    return Array.from({ length: count }, (_, i) => (this.next - 1 - i + 2 * KEEP) % KEEP);
  }

  clear(): void {
    this.used = 0;
    this.next = 0;
  }
}
