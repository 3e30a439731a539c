import type { Options } from '../options.ts';
import { parseRange, type Range } from '../range.ts';
import type { Reading } from '../reading.ts';
import type { Result, Thresholds } from '../result.ts';

/** What a check may ask of the station, and how it judges the answers. */
export interface Check {
  /** GET addresses; `judge` gets their answers in this order. */
  asks: readonly string[];
  /** True: a station that is down is itself the alarm. */
  downIsCritical?: boolean;
  judge(answers: readonly Reading[], options: Options): Result;
}

/** Without the histories of the plots, which no check needs. */
export const SENSORS = '/api/sensors?brief=1';
export const STATUS = '/api/status';

/** The thresholds from the command line; the default of a check counts where neither -w nor -c is given. */
export function thresholds(options: Options, warning: string, critical: string): Thresholds {
  return pair(options.warning, options.critical, warning, critical);
}

export function secondThresholds(options: Options, warning: string, critical: string): Thresholds {
  return pair(options.warning2, options.critical2, warning, critical);
}

function pair(
  warning: Range | null,
  critical: Range | null,
  defaultWarning: string,
  defaultCritical: string,
): Thresholds {
  return warning === null && critical === null
    ? { warning: parseRange(defaultWarning), critical: parseRange(defaultCritical) }
    : { warning, critical };
}

/** Nothing of the kind is there, as told to people; `all` leaves such a check out. */
export class NothingToCheck extends Error {}
