const HALF_HOUR = 1_800_000;

/**
 * Milliseconds since the epoch of a wall-clock time without zone, as fast.log has it. In the hour that is repeated in autumn a time means two
 * moments: the later one counts, unless it lies ahead; a heartbeat of a minute ago must not look an hour old.
 */
export function localTime(
  fields: readonly [number, number, number, number, number, number],
  ms: number,
  now: number,
): number {
  const [year, month, day, hour, minute, second] = fields;
  const first = new Date(year, month - 1, day, hour, minute, second, ms);
  for (const step of [2, 1]) {
    const later = new Date(first.getTime() + step * HALF_HOUR);
    if (
      later.getHours() === first.getHours() &&
      later.getMinutes() === first.getMinutes() &&
      later.getTime() <= now + 1000
    )
      return later.getTime();
  }
  return first.getTime();
}
