/** A stretch of time, half open, in microseconds since 1970-01-01 UTC. */
export interface Period {
  from: bigint;
  to: bigint;
}

const ISO =
  /^([+-]\d{6}|\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}:?(?:\d{2})?)?)?)?)?$/;

/**
 * The period that an ISO 8601 time names: `2026-11-24` is that whole day, `2026-11-24T10:00` that minute, a fraction
 * the unit of its last digit. Without a zone it is UTC. Null where the text is no time.
 */
export function parsePeriod(text: string): Period | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const numbers = [
    Number(year),
    Number(month ?? 1),
    Number(day ?? 1),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
  ];
  const [y, mo, d, h, mi, s] = numbers as [number, number, number, number, number, number];
  if (mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 60) return null;
  const at = utc(y, mo, d, h, mi, s);
  if (Number.isNaN(at) || new Date(utc(y, mo, d, 0, 0, 0)).getUTCDate() !== d) return null;
  const shift = zone === undefined || zone === 'Z' ? 0 : zoneMinutes(zone);
  if (Math.abs(shift) > 18 * 60) return null;
  const micros = (ms: number): bigint => BigInt(ms - shift * 60_000) * 1000n;
  const from = micros(at) + BigInt((fraction ?? '').padEnd(6, '0').slice(0, 6));
  if (fraction !== undefined) return { from, to: from + 10n ** BigInt(Math.max(0, 6 - fraction.length)) };
  if (second !== undefined) return { from, to: from + 1_000_000n };
  if (minute !== undefined) return { from, to: from + 60_000_000n };
  if (hour !== undefined) return { from, to: from + 3_600_000_000n };
  if (day !== undefined) return { from, to: from + 86_400_000_000n };
  return { from, to: micros(month === undefined ? utc(y + 1, 1, 1, 0, 0, 0) : utc(y, mo + 1, 1, 0, 0, 0)) };
}

/** `Date.UTC` that takes the years 0 to 99 as they stand. */
function utc(y: number, mo: number, d: number, h: number, mi: number, s: number): number {
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  return date.setUTCHours(h, mi, s, 0);
}

function zoneMinutes(zone: string): number {
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0);
  return zone.startsWith('-') ? -minutes : minutes;
}
