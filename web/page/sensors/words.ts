import { duration } from '../../part/format.ts';

/** 0.74 %, 12.5 %; a dash where it is not known. */
export function percent(value: number | null): string {
  return value === null ? '–' : `${Number(value.toPrecision(value >= 10 ? 3 : 2))}\u202f%`;
}

/** 0.4 ms, 12 ms, 3 s. */
export function millis(value: number): string {
  return value < 1000 ? `${Number(value.toPrecision(3))}\u202fms` : duration(value);
}
