/** Narrow no-break space: groups of thousands and units never part at a line's end. */
const THIN = '\u202f';

/** Exact: 1 234 567. */
export function exact(value: number): string {
  return Math.abs(value) < 1000 ? String(value) : value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, THIN);
}

function scaled(value: number, units: readonly string[], base: number): string {
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= base && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  // 999.6 must not become 1000: three digits are the promise.
  if (unit > 0 && Number(rest.toPrecision(3)) >= base && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  const text = unit === 0 ? String(Math.round(rest)) : String(Number(rest.toPrecision(3)));
  return units[unit] === '' ? text : `${text}${THIN}${units[unit]}`;
}

/** At most three digits, for axes and tight places: 12.3 k. */
export function short(value: number): string {
  return scaled(value, ['', 'k', 'M', 'G', 'T'], 1000);
}

/** SI bytes with at most three digits: 1.23 MB. */
export function bytes(value: number): string {
  return scaled(value, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'], 1000);
}

/** Events per second and the like: 12.3/s, 0.4/s, 0/s. */
export function rate(value: number): string {
  return `${value >= 100 || value === 0 ? short(value) : String(Number(value.toPrecision(2)))}/s`;
}

/** A length of time in one or at most two units: 3 s, 4 min, 2 h 5 min, 3 d. */
export function duration(millis: number, units: 1 | 2 = 2): string {
  const total = Math.max(0, Math.round(millis / 1000));
  if (total < 1) return `${Math.max(0, Math.round(millis))}${THIN}ms`;
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  const shown = parts.slice(first, first + (first === 3 || parts[first]![0] >= 10 ? 1 : units));
  return shown
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${THIN}${unit}`)
    .join(' ');
}

/** "4 min ago", "in 3 s". Milliseconds. */
export function ago(then: number, now: number, units: 1 | 2 = 2): string {
  const apart = now - then;
  if (Math.abs(apart) < 1000) return 'now';
  return apart > 0 ? `${duration(apart, units)} ago` : `in ${duration(-apart, units)}`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Local date and time of day of a point in microseconds, to the millisecond. */
export function localParts(micros: number): { date: string; time: string; fraction: string } {
  const at = new Date(Math.floor(micros / 1000));
  return {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
    fraction: String(((micros % 1e6) + 1e6) % 1e6).padStart(6, '0'),
  };
}

/** 2026-11-24 18:26:03 */
export function localTime(micros: number): string {
  const { date, time } = localParts(micros);
  return `${date} ${time}`;
}

/** How far this browser's zone is from UTC at that time: "UTC+1". */
export function offsetAt(millis: number): string {
  const east = -new Date(millis).getTimezoneOffset();
  const sign = east < 0 ? '−' : '+';
  const rest = Math.abs(east) % 60 === 0 ? '' : `:${two(Math.abs(east) % 60)}`;
  return east === 0 ? 'UTC' : `UTC${sign}${Math.floor(Math.abs(east) / 60)}${rest}`;
}

/** Zone of this browser, as it is at that time: "Europe/Oslo (UTC+1)". */
export function zoneAt(millis: number): string {
  const offset = offsetAt(millis);
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name === 'UTC' || name === undefined ? offset : `${name} (${offset})`;
}

/** Everything about one point in time, for a hover: local with zone, UTC, and how long ago. Microseconds, now in milliseconds. */
export function timeTitle(micros: number, now: number): string {
  const { date, time, fraction } = localParts(micros);
  const millis = Math.floor(micros / 1000);
  const utc = new Date(millis).toISOString().replace('T', ' ').slice(0, 19);
  return `${date} ${time}.${fraction} ${zoneAt(millis)}\n${utc}.${fraction} UTC\n${ago(millis, now)}`;
}

/** Width of a chart's bin in words: "1 min", "10 s". Microseconds. */
export function binWords(micros: number): string {
  return micros < 1000 ? `${micros}${THIN}µs` : duration(micros / 1000);
}

/** One or many: plural(1, 'event') is "1 event". */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${exact(count)} ${count === 1 ? one : many}`;
}
