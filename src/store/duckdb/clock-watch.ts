/** A step of the wall clock larger than this is a jump, not drift. */
const JUMP_MS = 60_000;
/** At a start, the clock and the newest line in the store may be apart by this much before the clock is doubted. */
const START_GAP_MS = 3600_000;
/** How long a clock must have run evenly before ages that it tells may remove anything. */
const TRUST_AFTER_MS = 3600_000;

/**
 * Notices when the wall clock jumps against the monotonic one (a wrong time server, a dead clock battery): a sensor whose clock stands a day
 * ahead for a minute must not lose a day of events. A clock that was wrong before the start makes no jump, so it is doubted as well where
 * the store was long without a new line: after a real pause that only puts the removal off.
 */
export class ClockWatch {
  private last: { wall: number; steady: number } | null = null;
  private distrustUntil = 0;

  /**
   * Call it once at the start.
   *
   * @param newest when the newest line of earlier runs was taken in, milliseconds; null where there is none
   */
  started(newest: number | null, wall: number, steady: number): void {
    if (newest !== null && Math.abs(wall - newest) > START_GAP_MS) this.distrustUntil = steady + TRUST_AFTER_MS;
  }

  /** True while ages may be trusted. Call it at each look; both in milliseconds, `steady` monotonic. */
  trusted(wall: number, steady: number): boolean {
    const { last } = this;
    this.last = { wall, steady };
    if (last !== null && Math.abs(wall - last.wall - (steady - last.steady)) > JUMP_MS)
      this.distrustUntil = steady + TRUST_AFTER_MS;
    return steady >= this.distrustUntil;
  }
}
