/** When the next probe of a chain is due: the interval, changed by chance by up to `jitter_percent` of it. */
export function nextPauseMs(
  pace: { interval_secs: number; jitter_percent: number },
  random: () => number = Math.random,
): number {
  const part = (pace.jitter_percent / 100) * (2 * random() - 1);
  return Math.max(1, Math.round(pace.interval_secs * 1000 * (1 + part)));
}

/** Chains begin at most this far apart, so that a thousand of them do not begin with a burst. */
const APART_MS = 50;

/** How long chain `index` of `total` waits at the start: they follow each other closely, and all have begun within the interval. */
export function firstPauseMs(index: number, total: number, intervalSecs: number): number {
  return Math.round(index * Math.min(APART_MS, (intervalSecs * 1000) / total));
}
