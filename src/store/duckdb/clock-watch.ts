/** A step of the wall clock larger than this is a jump, not drift. */
const JUMP_MS = 60_000;
/** How long a clock must have run evenly before ages that it tells may remove anything. */
const TRUST_AFTER_MS = 3600_000;

/**
 * Notices when the wall clock jumps against the monotonic one (a wrong time server, a dead clock battery): a sensor whose clock stands a day
 * ahead for a minute must not lose a day of events.
 */
export class ClockWatch {
  private last: { wall: number; steady: number } | null = null;
  private distrustUntil = 0;

  /** True while ages may be trusted. Call it at each look; both in milliseconds, `steady` monotonic. */
  trusted(wall: number, steady: number): boolean {
    const { last } = this;
    this.last = { wall, steady };
    if (last !== null && Math.abs(wall - last.wall - (steady - last.steady)) > JUMP_MS)
      this.distrustUntil = steady + TRUST_AFTER_MS;
    return steady >= this.distrustUntil;
  }
}
