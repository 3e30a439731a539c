import { isDate } from './time.ts';

let lastMinute = '';
let lastMinuteMillis = 0;

/**
 * Reads a time of Suricata's fast.log: `11/24/2026-02:26:05.818575`, or with a year of two digits (`11/24/26-…`: 70 to 99 are 1970 to 1999).
 *
 * The log tells neither zone nor summer time: it is the local time of the sensor's process. It is read in the zone of THIS process (the `TZ`
 * variable, else the system's zone, as `Intl` reports it). An hour that the clock shows twice counts as the first of both; one that it skips
 * is taken as the clock would have shown it without the change. Without a year (`11/24-…`) it is no instant, because guessing the
 * year needs today's date and the same line would then read differently tomorrow.
 *
 * @returns microseconds since 1970-01-01 UTC, or NaN.
 */
export function parseLocalInstant(text: string): number {
  const dash = text.indexOf('-');
  if (dash !== 10 && dash !== 8) return Number.NaN;
  const minuteEnd = dash + 6;
  const rest = /^:([0-5][0-9]|60)(?:\.([0-9]{1,9}))?$/.exec(text.slice(minuteEnd, minuteEnd + 14));
  if (rest === null || text.length > minuteEnd + 13) return Number.NaN;
  const minute = text.slice(0, minuteEnd);
  if (minute !== lastMinute) {
    const parts = /^([0-9]{2})\/([0-9]{2})\/([0-9]{4}|[0-9]{2})-([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(minute);
    if (parts === null) return Number.NaN;
    const [month, day, shortYear, hour, minutes] = parts.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const year = parts[3]!.length === 4 ? shortYear : shortYear + (shortYear >= 70 ? 1900 : 2000);
    if (!isDate(year, month, day)) return Number.NaN;
    lastMinuteMillis = new Date(year, month - 1, day, hour, minutes).getTime();
    lastMinute = minute;
  }
  const micros =
    lastMinuteMillis * 1000 + Number(rest[1]) * 1_000_000 + Number((rest[2] ?? '').padEnd(6, '0').slice(0, 6));
  return micros >= 0 ? micros : Number.NaN;
}
