import type { Random } from '../pcap/random.ts';

/** 2026-01-15, a Thursday, 00:00 UTC, in microseconds; and the units that the scenes count in. */
export const DAY_START = Date.UTC(2026, 0, 15) * 1000;
export const SECOND = 1e6;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** How busy each hour is, relative to the others. */
export const RHYTHM = {
  home: [2, 1, 0.5, 0.3, 0.3, 1, 5, 8, 5, 3, 3, 4, 5, 4, 4, 6, 9, 11, 13, 15, 16, 14, 9, 4],
  office: [0, 0, 0, 0, 0, 0.2, 1, 5, 13, 15, 14, 13, 7, 13, 14, 13, 11, 6, 2, 1, 0.5, 0.3, 0.1, 0],
  always: Array.from({ length: 24 }, () => 1),
  night: [6, 8, 9, 10, 9, 6, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5],
} as const;

export type Rhythm = keyof typeof RHYTHM;

/** About `count` random moments of the day, denser in the hours that the rhythm says are busy. */
export function moments(random: Random, count: number, rhythm: Rhythm): number[] {
  const weights = RHYTHM[rhythm];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const out: number[] = [];
  weights.forEach((weight, hour) => {
    const expected = (count * weight) / total;
    const whole = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
    for (let index = 0; index < whole; index += 1) out.push(DAY_START + hour * HOUR + random.next() * HOUR);
  });
  return out.map(Math.round).sort((a, b) => a - b);
}

/** A moment each `period`, each moved by up to `jitter` to either side, over the whole day or a part of it. */
export function each(random: Random, period: number, jitter: number, from = 0, to = DAY): number[] {
  const out: number[] = [];
  for (let at = from + period / 2; at < to - jitter; at += period)
    out.push(Math.round(DAY_START + at + (random.next() * 2 - 1) * jitter));
  return out;
}

/** A moment of the day by the clock: `clock('13:45')`. */
export function clock(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return DAY_START + hours * HOUR + minutes * MINUTE;
}

/** Is a moment within one of these parts of the day, each `['09:05', '10:25']`? */
export function withinParts(time: number, parts: readonly (readonly [string, string])[]): boolean {
  return parts.some(([from, to]) => time >= clock(from) && time < clock(to));
}
