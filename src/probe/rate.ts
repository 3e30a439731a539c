import type { ProbePath } from '../config/schema.ts';

/** Most probes a second, all together: 200 sensors with five kinds each every ten seconds are 100. */
export const MOST_PER_SECOND = 200;
/** Most probes a second to one target: five kinds, each every second. */
export const MOST_PER_TARGET = 5;

type Paced = Pick<ProbePath, 'name' | 'target' | 'kinds' | 'interval_secs'>;

/** Why these paths would send more than a heartbeat needs, in words, or null. A typing error must not become a flood. */
export function rateProblem(paths: readonly Paced[]): string | null {
  const targets = new Map<string, number>();
  let all = 0;
  for (const { name, target, kinds, interval_secs } of paths) {
    if (!(interval_secs > 0)) return `the path "${name}" has no interval`;
    const rate = kinds.length / interval_secs;
    all += rate;
    targets.set(target, (targets.get(target) ?? 0) + rate);
  }
  for (const [target, rate] of targets)
    if (rate > MOST_PER_TARGET) return `${number(rate)} probes a second to ${target}; the limit is ${MOST_PER_TARGET}`;
  return all > MOST_PER_SECOND ? `${number(all)} probes a second in all; the limit is ${MOST_PER_SECOND}` : null;
}

function number(rate: number): string {
  return String(Math.round(rate * 10) / 10);
}
