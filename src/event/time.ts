/** Microseconds in a second, a minute and a day. */
const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

/** The last instant that still is an exact integer of microseconds and no nonsense: the end of the year 2199. */
const MAX_MICROS = Date.UTC(2200, 0, 1) * 1000 - 1;

const ZERO = 48;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

// Log lines come in order: the date up to the minute, and the zone, are the same from line to line, so the last ones are remembered.
let lastMinute = '';
let lastMinuteMicros = 0;
let lastZone = '';
let lastZoneMicros = 0;

/**
 * Reads an ISO 8601 instant as Suricata writes it (`2026-11-24T02:26:05.818575+0000`); also `Z`, `+hh:mm`, `+hh`, a blank for the `T`, and one
 * to nine fraction digits (cut to the microsecond).
 *
 * Suricata prints the microseconds with at least six digits; exactly seven digits are therefore no finer fraction but a count of microseconds
 * beyond one second (seen with captures whose packet header says so): `11.1011041` is 12.011041 seconds.
 *
 * @returns microseconds since 1970-01-01 UTC, exact, or NaN where the text is no instant between 1970 and 2199.
 */
export function parseInstant(text: string): number {
  if (text.length < 20) return Number.NaN;
  let micros: number;
  if (lastMinute !== '' && text.startsWith(lastMinute)) {
    micros = lastMinuteMicros;
  } else {
    micros = minuteOf(text);
    if (Number.isNaN(micros)) return micros;
    lastMinute = text.slice(0, 16);
    lastMinuteMicros = micros;
  }
  if (text.charCodeAt(16) !== 58) return Number.NaN;
  const seconds = twoDigits(text, 17);
  // 60 is a leap second; it is counted on into the next minute, as Unix time does.
  if (!(seconds <= 60)) return Number.NaN;
  micros += seconds * SECOND;

  let at = 19;
  const mark = text.charCodeAt(at);
  if (mark === 46 || mark === 44) {
    let value = 0;
    let digits = 0;
    for (at++; at < text.length; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      if (digits < 7) value = value * 10 + digit;
      digits++;
    }
    if (digits === 0 || digits > 9) return Number.NaN;
    if (digits > 7) value = Math.floor(value / 10);
    for (let i = digits; i < 6; i++) value *= 10;
    micros += value;
  }
  const zone = zoneOf(text, at);
  micros -= zone;
  return micros >= 0 && micros <= MAX_MICROS ? micros : Number.NaN;
}

/** Two decimal digits at `at`, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** `YYYY-MM-DDThh:mm` as microseconds, taken as UTC. */
function minuteOf(text: string): number {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const separator = text.charCodeAt(10);
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58) return Number.NaN;
  if (separator !== 84 && separator !== 116 && separator !== 32) return Number.NaN;
  return isDate(year, month, day) && hour <= 23 && minute <= 59
    ? Date.UTC(year, month - 1, day, hour, minute) * 1000
    : Number.NaN;
}

/** True for a day of the calendar between 1969 (a zone may lift its last hours into 1970) and 2199. */
export function isDate(year: number, month: number, day: number): boolean {
  if (!(year >= 1969 && year <= 2199 && month >= 1 && month <= 12 && day >= 1 && day <= DAYS[month - 1]!)) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** The zone behind the seconds as microseconds east of UTC, or NaN. */
function zoneOf(text: string, at: number): number {
  if (lastZone !== '' && text.length - at === lastZone.length && text.endsWith(lastZone)) return lastZoneMicros;
  const zone = text.slice(at, at + 7);
  if (zone.length !== text.length - at) return Number.NaN;
  let micros: number;
  if (zone === 'Z' || zone === 'z') {
    micros = 0;
  } else {
    const sign = zone.charCodeAt(0);
    const hours = twoDigits(zone, 1);
    const colon = zone.charCodeAt(3) === 58 ? 1 : 0;
    const minutes = zone.length === 3 ? 0 : twoDigits(zone, 3 + colon);
    if (zone.length !== 3 && zone.length !== 5 + colon) return Number.NaN;
    if ((sign !== 43 && sign !== 45) || !(hours <= 23) || !(minutes <= 59)) return Number.NaN;
    micros = (sign === 43 ? 1 : -1) * (hours * 60 + minutes) * MINUTE;
  }
  lastZone = zone;
  lastZoneMicros = micros;
  return micros;
}

/** ISO 8601 in UTC with exactly six fraction digits: `2026-11-24T02:26:05.818575Z`. `micros` is an integer from 0 on. */
export function formatInstant(micros: number): string {
  const millis = Math.floor(micros / 1000);
  const rest = micros - millis * 1000;
  return `${new Date(millis).toISOString().slice(0, 23)}${String(rest).padStart(3, '0')}Z`;
}
