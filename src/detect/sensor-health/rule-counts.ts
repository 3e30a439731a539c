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
  /** When the newest probe that came was sent. */
  private probeSent = Number.NEGATIVE_INFINITY;

  /** The newest word on them, from wherever it is. */
  note(rules: Rules | null, at: number): void {
    if (rules?.loaded !== this.newest?.loaded || rules?.failed !== this.newest?.failed) this.since = at;
    this.newest = rules;
  }

  /** A probe that was sent then has come. */
  cameThrough(sent: number): void {
    if (sent > this.probeSent) this.probeSent = sent;
  }

  /** A line may be read after a reload that it knows nothing of, and a reload is known some time after it was; so both are left to agree first. */
  settle(): void {
    if (this.newest !== null && this.probeSent > (this.since ?? 0)) this.alive = this.newest;
  }

  /** All times by `by` later. */
  shift(by: number): void {
    if (this.since !== null) this.since += by;
    this.probeSent += by;
  }
}
