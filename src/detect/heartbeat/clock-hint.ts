/** A line whose number is new and whose time is not: two that follow each other this closely (in intervals) or closer are no sender's pace. */
const PACE = { least: 0.4, most: 3 };

/**
 * When a sender's clock was last seen to be wrong, from the lines that are refused for their time: probes from the future, or numbers that go on
 * at the sender's pace with times that lie behind. It only helps to name a cause; whoever replays a capture at that pace makes nothing alive with it.
 */
export class ClockHint {
  /** Arrival of the line that showed it, milliseconds since the epoch; null: never. */
  at: number | null = null;
  private behind: { seq: number; arrived: number } | null = null;

  sawFuture(arrived: number): void {
    this.at = arrived;
  }

  /** A genuine token with a number that none had before, sent too long ago by its own clock. */
  sawBehind(seq: number, arrived: number, { interval, longest }: { interval: number; longest: number }): void {
    const before = this.behind;
    if (before !== null && seq <= before.seq) return;
    this.behind = { seq, arrived };
    if (before === null) return;
    const passed = arrived - before.arrived;
    if (passed >= PACE.least * interval && passed <= PACE.most * longest) this.at = arrived;
  }

  /** All times by `by` later: the station's clock was set. */
  shift(by: number): void {
    if (this.at !== null) this.at += by;
    this.behind = null;
  }
}
