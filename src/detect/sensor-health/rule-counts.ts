import type { Counters } from './counters.ts';

export type Rules = NonNullable<Counters['rules']>;

/** What is known of a sensor's rules over time. Times are the station's, in milliseconds. */
export class RuleCounts {
  /** As they were at the last reload or start before the newest one. */
  before: Rules | null = null;
  /** Since when the newest word on them has been the same. */
  since: number | null = null;
  /** Those that have let a probe through. */
  alive: Rules | null = null;
  private newest: Rules | null = null;
  /** The newest probe that came. */
  private probe = { sent: Number.NEGATIVE_INFINITY, arrived: Number.NEGATIVE_INFINITY };

  /**
   * The newest word on them, and when it was said. Rules have let a probe through where they were said to be the same before it was sent and
   * after it came: a line may be read after a reload that it knows nothing of, and a reload is known some time after it was.
   */
  note(rules: Rules | null, at: number): void {
    if (rules?.loaded !== this.newest?.loaded || rules?.failed !== this.newest?.failed) this.since = at;
    this.newest = rules;
    const { sent, arrived } = this.probe;
    if (rules !== null && sent > (this.since ?? 0) && at > arrived) this.alive = rules;
  }

  /** A probe that was sent then has come. */
  cameThrough(sent: number, arrived: number): void {
    if (sent > this.probe.sent) this.probe = { sent, arrived };
  }

  /** All times by `by` later. */
  shift(by: number): void {
    if (this.since !== null) this.since += by;
    this.probe = { sent: this.probe.sent + by, arrived: this.probe.arrived + by };
  }
}
