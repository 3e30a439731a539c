/** A small seeded generator (mulberry32): the same seed gives the same day on every machine. */
export function seeded(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    below: (end: number): number => Math.floor(next() * end),
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!,
    /** Earlier entries far more often than later ones. */
    often: <T>(list: readonly T[]): T => list[Math.floor(next() ** 2.5 * list.length)]!,
    hex: (digits: number): string => {
      let text = '';
      while (text.length < digits) text += Math.floor(next() * 16).toString(16);
      return text;
    },
  };
}

export type Random = ReturnType<typeof seeded>;
