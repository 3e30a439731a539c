const KEEP = 32;

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

  /** Median, smallest and largest of the lines that came since `since`; null where fewer than `least` came. */
  since(since: number, least = 1): { median: number; least: number; most: number; count: number } | null {
    const values: number[] = [];
    for (let i = 0; i < this.used; i++) if (this.arrivals[i]! >= since) values.push(this.delays[i]!);
    if (values.length < least || values.length === 0) return null;
    values.sort((a, b) => a - b);
    const middle = values.length >> 1;
    const median = values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
    return { median, least: values[0]!, most: values.at(-1)!, count: values.length };
  }

  clear(): void {
    this.used = 0;
    this.next = 0;
  }
}
