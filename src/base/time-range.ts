import type { ErrorCode } from './error-codes.ts';
import { VardeError } from './errors.ts';

/**
 * Points in time as people write them, for the command line and the page: relative (`5m`, `24h`, `7d`, `1h30m`: that long ago), `now`,
 * ISO 8601 with or without a zone (without: the local time of this machine), or a number since 1970-01-01 UTC.
 */
export interface TimeOptions {
  /** Milliseconds since the epoch; `24h` counts back from here. */
  now: number;
  /** What the text is called, for the error: `--since`, `from`. */
  name: string;
  /** Code of the error that is thrown: `usage` on the command line, `bad_request` over HTTP. */
  code: Extract<ErrorCode, 'usage' | 'bad_request'>;
  /** A bare number is always microseconds (HTTP API), or its unit is told by its size: seconds, milliseconds, microseconds (command line). */
  numbers: 'microseconds' | 'by_size';
}

const UNIT_MICROS = new Map([
  ['s', 1e6],
  ['m', 60e6],
  ['h', 3600e6],
  ['d', 86_400e6],
  ['w', 7 * 86_400e6],
]);

const RELATIVE = /^-?(?:\d{1,9}[smhdw]){1,5}$/;
const NUMBER = /^-?\d{1,20}$/;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:\s?(Z|[+-]\d\d(?::?\d\d)?))?)?$/i;

/** Microseconds since the epoch of a written time; throws a VardeError that names the text and shows what is accepted. */
export function parseTime(text: string, options: TimeOptions): number {
  const given = text.trim();
  const micros = relative(given, options.now) ?? number(given, options.numbers) ?? iso(given);
  if (micros === null) {
    // A plus in a web address is a space: the commonest slip with zones.
    const hint =
      /\d \d\d:?\d\d$/.test(given.slice(-12)) && given.length < 40 ? ' In a web address, write + as %2B.' : '';
    refuse(
      given,
      options,
      `is no time. Write 5m, 24h or 7d (that long ago), 2026-11-24, 2026-11-24T18:30:00Z, or microseconds since 1970.${hint}`,
    );
  }
  if (!Number.isSafeInteger(micros))
    refuse(given, options, 'is too far away; times from 1685 to 2255 can be asked for.');
  return micros;
}

/** The half-open range [from, to) in microseconds; absent texts leave it open. An end before its start is an error. */
export function parseTimeRange(
  from: string | null | undefined,
  to: string | null | undefined,
  options: Omit<TimeOptions, 'name'> & { names: { from: string; to: string } },
): { from: number | null; to: number | null } {
  const start = from ? parseTime(from, { ...options, name: options.names.from }) : null;
  const end = to ? parseTime(to, { ...options, name: options.names.to }) : null;
  if (start !== null && end !== null && start > end) {
    throw new VardeError(
      options.code,
      `The range ends before it starts: ${options.names.from} lies behind ${options.names.to}.`,
      {
        details: { parameter: options.names.to },
      },
    );
  }
  return { from: start, to: end };
}

function refuse(given: string, options: TimeOptions, what: string): never {
  const shown = JSON.stringify(given.slice(0, 60));
  throw new VardeError(options.code, `${options.name}: ${shown} ${what}`, { details: { parameter: options.name } });
}

function relative(text: string, now: number): number | null {
  if (text === 'now') return Math.round(now * 1000);
  if (text.length > 60 || !RELATIVE.test(text)) return null;
  let ago = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)([smhdw])/g)) ago += Number(amount) * UNIT_MICROS.get(unit!)!;
  return Math.round(now * 1000) - ago;
}

function number(text: string, meaning: TimeOptions['numbers']): number | null {
  if (!NUMBER.test(text)) return null;
  const value = Number(text);
  if (meaning === 'microseconds') return value;
  // 1e11 seconds and 1e14 milliseconds are both the year 5138: no real time is read in the wrong unit.
  if (Math.abs(value) < 1e11) return value * 1e6;
  return Math.abs(value) < 1e14 ? value * 1e3 : value;
}

function iso(text: string): number | null {
  const match = ISO.exec(text.slice(0, 60));
  if (!match || text.length > 60) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  // Date takes the years 0 to 99 for the twentieth century.
  if (year! < 100) return null;
  // 24:00 is the end of a day in ISO 8601, and :60 a leap second; nothing else may overflow.
  if (month! < 1 || month! > 12 || day! < 1 || day! > daysIn(year!, month!) || minute! > 59 || second! > 60)
    return null;
  if (hour! > 24 || (hour === 24 && (minute !== 0 || second !== 0))) return null;
  const fraction = Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  const zone = zoneMinutes(match[8]);
  if (zone === null) return null;
  const millis =
    zone === undefined
      ? new Date(year!, month! - 1, day, hour, minute, second).getTime()
      : Date.UTC(year!, month! - 1, day, hour, minute, second) - zone * 60_000;
  return millis * 1000 + fraction;
}

/** Minutes east of Greenwich; undefined without a zone, null where it is impossible. */
function zoneMinutes(zone: string | undefined): number | null | undefined {
  if (zone === undefined) return undefined;
  if (zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
