import type { Series } from './series.ts';

/**
 * Why a heartbeat line did not count. `unsigned`: it shows no token, though lines of this path did. `outside`: neither ours nor anyone's fault (a
 * second ping within the interval); not shown.
 */
export type Refusal = (typeof REFUSALS)[number] | 'outside';
export const REFUSALS = ['forged', 'unsigned', 'replayed', 'old', 'future', 'doubled'] as const;

/** One line of ours on its way into the store. */
export interface Sighting {
  series: Series;
  seq: number;
  /** The sender's time of the probe: tells it from one that later takes its number. */
  raw: number;
}

/** A candidate as the series needs it. `skew` is what must be added to the sensor's clock to get the station's. */
export interface Seen {
  packet: number;
  arrived: number;
  skew: number;
}

export interface LastError {
  code: string;
  at: number;
}
