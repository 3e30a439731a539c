/** Suricata writes stats every second at the most often; faster they come only from a log that is being caught up with. Milliseconds. */
const LEAST_APART_MS = 100;

/** A stats event that waits, and when it arrived. */
export interface HeldStats {
  source: string;
  line: Buffer;
  arrived: number;
}

/**
 * Stats events are the longest lines of a log, and of a backlog only the newest one matters, since its counters are sums: those that come hot on
 * the heels of another are held back, each in the place of the one before it, and the last is handed over at the next tick. So catching up with a
 * day costs no more than reading it.
 */
export class StatsBacklog {
  private readonly last = new Map<string, number>();
  private readonly held = new Map<string, HeldStats>();

  /** Whether this line shall not be looked at now. Sources are named by the config: there are few. */
  isHeldBack(source: string, bytes: Buffer, start: number, end: number, now: number): boolean {
    const before = this.last.get(source);
    this.last.set(source, now);
    if (before === undefined || now < before || now - before >= LEAST_APART_MS) {
      this.held.delete(source);
      return false;
    }
    // A copy: the chunk lives no longer than the call.
    this.held.set(source, { source, line: Buffer.from(bytes.subarray(start, end)), arrived: now });
    return true;
  }

  /** What waits, once. */
  release(): HeldStats[] {
    const all = [...this.held.values()];
    this.held.clear();
    return all;
  }
}
