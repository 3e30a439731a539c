import { readFastSighting } from '../../detect/heartbeat/fast-line.ts';
import type { SidRange } from '../options.ts';
import { localTime } from './local-clock.ts';

/** How lines of one kind of log are read. Every line may come from an attacker. */
export interface LineReader {
  /** Milliseconds since the epoch of any line of this log; null where it has none. */
  time(line: string): number | null;
  /** The time of a heartbeat's line, or null for any other line. */
  heartbeat(line: string): number | null;
}

/** When the probe of a whole eve line was sent, by its signed token (milliseconds since the epoch); null where it carries none of ours. */
export type TokenTime = (line: string) => number | null;

/**
 * fast.log: `MM/DD/YYYY-HH:MM:SS.ffffff  [**] [1:sid:rev] …` (Suricata, fast). The time is read again, unlike in the station: a check must know
 * both meanings of the hour that is repeated in autumn, and a sensor may write in UTC.
 */
export function fastReader(sids: readonly SidRange[], utc: boolean, now: number): LineReader {
  const time = (line: string): number | null => {
    const match = /^(\d{2})\/(\d{2})\/(\d{4})-(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?/.exec(line);
    if (match === null) return null;
    const [month, day, year, hour, minute, second] = match.slice(1, 7).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const ms = Number(match[7] ?? 0);
    return utc
      ? Date.UTC(year, month - 1, day, hour, minute, second, ms)
      : localTime([year, month, day, hour, minute, second], ms, now);
  };
  return {
    time,
    heartbeat(line) {
      // Generator 1 is that of rules; most lines end here.
      if (!line.includes('[1:')) return null;
      const sighting = readFastSighting(line);
      return sighting !== null && isOurs(sids, sighting.sid) ? time(line) : null;
    },
  };
}

/** Suricata writes `timestamp` first, with an offset that has no colon. */
const EVE_TIME = /^\{"timestamp": ?"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?([+-]\d{2}):?(\d{2})"/;

export function eveReader(sids: readonly SidRange[], token: TokenTime | null): LineReader {
  const time = (line: string): number | null => {
    const match = EVE_TIME.exec(line);
    if (match === null) return null;
    const ms = Date.parse(`${match[1]!}${(match[2] ?? '').slice(0, 4)}${match[3]!}:${match[4]!}`);
    return Number.isNaN(ms) ? null : ms;
  };
  return {
    time,
    heartbeat(line) {
      // Most lines end here, unparsed.
      if (!line.includes('"signature_id"')) return null;
      const event = parsed(line);
      const alert = event?.['alert'];
      if (event?.['event_type'] !== 'alert' || typeof alert !== 'object' || alert === null) return null;
      const { signature_id: sid, gid } = alert as Record<string, unknown>;
      if (typeof sid !== 'number' || !isOurs(sids, sid) || (gid !== undefined && gid !== 1)) return null;
      // A replayed or forged line is as old as what it carries was signed.
      return token === null ? time(line) : token(line);
    },
  };
}

const isOurs = (sids: readonly SidRange[], sid: number): boolean =>
  sids.some(([first, last]) => sid >= first && sid <= last);

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
