/**
 * How long to wait before the next batch. A wake-up costs as much as several frames: under load a short wait makes batches of many frames; when it is
 * quiet none is made, so that a single frame is passed on at once.
 */
const QUIET_PER_SEC = 4000;
const MAX_MICROS = 200;
/** Frames that a batch shall hold. */
const WANTED = 16;
/** A batch this large needs no help. */
const LARGE = 64;

export class Pace {
  private rate = 0;
  private since = 0;
  private frames = 0;

  /** @param now milliseconds @returns microseconds to wait; 0 for none */
  after(batch: number, now: number): number {
    this.frames += batch;
    const passed = now - this.since;
    if (passed >= 10 || passed < 0) {
      this.rate = passed > 0 && passed < 1000 ? (this.frames * 1000) / passed : 0;
      this.frames = 0;
      this.since = now;
    }
    if (batch >= LARGE || this.rate < QUIET_PER_SEC) return 0;
    return Math.min(MAX_MICROS, Math.round((WANTED * 1e6) / this.rate));
  }
}
