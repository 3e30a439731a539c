/**
 * Threshold ranges of the Monitoring Plugins Development Guidelines, "Threshold and Ranges": `[@][start:][end]`.
 *
 *     10      alert below 0 or above 10        ~:10    alert above 10
 *     10:     alert below 10                   10:20   alert outside of 10 … 20
 *     @10:20  alert inside of 10 … 20, both ends included
 */
export interface Range {
  /** The range as it was given: it goes into the performance data unchanged. */
  text: string;
  start: number;
  end: number;
  /** True for `@`: alert inside instead of outside. */
  inside: boolean;
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** Null where the text is no range. `start` must not be greater than `end`. */
export function parseRange(text: string): Range | null {
  const inside = text.startsWith('@');
  const body = inside ? text.slice(1) : text;
  const colon = body.indexOf(':');
  const start = colon === -1 ? 0 : bound(body.slice(0, colon), -Infinity, 0);
  const end = bound(body.slice(colon + 1), null, colon === -1 ? null : Infinity);
  // A lone colon names no end at all.
  if (start === null || end === null || body === ':' || start > end) return null;
  return { text, start, end, inside };
}

/** One end of a range: a number, `~` where that is allowed, or nothing where that has a meaning. */
function bound(text: string, tilde: number | null, empty: number | null): number | null {
  if (text === '~') return tilde;
  if (text === '') return empty;
  // Longer numbers than this are no thresholds.
  return text.length <= 40 && NUMBER.test(text) ? Number(text) : null;
}

/** Whether a value raises an alert. */
export function alerts(range: Range, value: number): boolean {
  const within = value >= range.start && value <= range.end;
  return range.inside ? within : !within;
}

/** The greatest finite end: beyond it nothing changes any more; null where there is none. */
export function horizon(...ranges: (Range | null)[]): number | null {
  const ends = ranges.flatMap((range) => (range === null ? [] : [range.start, range.end])).filter(Number.isFinite);
  return ends.length === 0 ? null : Math.max(...ends);
}
