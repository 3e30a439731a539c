/** The time range of the whole page. Points in time are microseconds since the epoch, as in the API. */
export type Range =
  | { kind: 'last'; text: string }
  | { kind: 'all' }
  | { kind: 'span'; from: number; to: number | null };

/** Half-open [from, to); null is open. */
export interface Bounds {
  from: number | null;
  to: number | null;
}

export const PRESETS: readonly { text: string; words: string; short: string }[] = [
  { text: '5m', words: 'Last 5 minutes', short: '5 m' },
  { text: '1h', words: 'Last hour', short: '1 h' },
  { text: '24h', words: 'Last 24 hours', short: '24 h' },
  { text: '7d', words: 'Last 7 days', short: '7 d' },
  { text: '30d', words: 'Last 30 days', short: '30 d' },
];

export const DEFAULT_RANGE: Range = { kind: 'last', text: '24h' };

const UNIT_MICROS = new Map([
  ['s', 1e6],
  ['m', 60e6],
  ['h', 3600e6],
  ['d', 86_400e6],
  ['w', 604_800e6],
]);

/** Length of a text such as `24h`; null where it is none. */
export function lengthOf(text: string): number | null {
  const match = /^(\d{1,6})([smhdw])$/.exec(text);
  return match ? Number(match[1]) * UNIT_MICROS.get(match[2]!)! : null;
}

/** The range as points in time. `now` in microseconds. */
export function boundsOf(range: Range, now: number): Bounds {
  if (range.kind === 'all') return { from: null, to: null };
  if (range.kind === 'span') return { from: range.from, to: range.to };
  return { from: now - (lengthOf(range.text) ?? 86_400e6), to: null };
}

/** Open at its end: new events belong to it. */
export function isOpen(range: Range): boolean {
  return range.kind !== 'span' || range.to === null;
}

/** Three times as wide around the same middle; open again where it reaches the present. */
export function widened(range: Range, now: number): Range {
  if (range.kind === 'all') return range;
  const { from, to } = boundsOf(range, now);
  const end = to ?? now;
  const length = Math.max(end - (from ?? end), 1e6);
  const wide: Range = { kind: 'span', from: Math.round((from ?? end) - length), to: Math.round(end + length) };
  return wide.to! >= now ? { ...wide, to: null } : wide;
}

/** Microseconds as ISO 8601 in UTC, no more digits than needed. */
export function isoOf(micros: number): string {
  const base = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19);
  const fraction = String(((micros % 1e6) + 1e6) % 1e6).padStart(6, '0');
  const digits = fraction.replace(/0+$/, '');
  return digits === '' ? `${base}Z` : `${base}.${digits}Z`;
}

/** Microseconds of an ISO text or a number of microseconds; null where it is neither. */
export function microsOf(text: string): number | null {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(text);
  if (!match) return null;
  const millis = Date.parse(`${match[1]}Z`);
  return Number.isNaN(millis) ? null : millis * 1000 + Number((match[2] ?? '').padEnd(6, '0'));
}

export function rangeFrom(params: URLSearchParams): Range {
  const last = params.get('last');
  if (last === 'all') return { kind: 'all' };
  if (last !== null && lengthOf(last) !== null) return { kind: 'last', text: last };
  const from = microsOf(params.get('from') ?? '');
  if (from === null) return DEFAULT_RANGE;
  return { kind: 'span', from, to: microsOf(params.get('to') ?? '') };
}

export function rangeInto(params: URLSearchParams, range: Range): void {
  if (range.kind === 'all') params.set('last', 'all');
  else if (range.kind === 'last') params.set('last', range.text);
  else {
    params.set('from', isoOf(range.from));
    if (range.to !== null) params.set('to', isoOf(range.to));
  }
}
