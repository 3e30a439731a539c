import { isIP } from 'node:net';
import { PROBE_KINDS, type ProbeKind, type SentProbe } from '../probe/sent-probe.ts';

/** A sender reports each probe at once; more in one call is a mistake or an attack. */
export const MAX_PROBES = 2000;

/** A sender's clock may be wrong, and the heartbeat tells so; a time that no clock shows is refused. Milliseconds. */
const EARLIEST = Date.UTC(2000, 0);
const FUTURE_MS = 366 * 86_400_000;
const MAX_SEQ = 0xffff_ffff;

/** One probe of a report, with unknown keys left out; else what is wrong with it. */
export function readSentProbe(value: unknown, now: number): SentProbe | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object.';
  const probe = value as Partial<Record<keyof SentProbe, unknown>>;
  const { path, kind, seq, sent, source_ip, source_port, destination_ip, destination_port, error, answered_ms } = probe;
  if (typeof path !== 'string' || !/^[A-Za-z0-9][\w.-]{0,62}$/.test(path))
    return 'needs path, the name of a probe path.';
  if (!isKind(kind)) return `needs kind, one of ${PROBE_KINDS.join(', ')}.`;
  if (!isWhole(seq, 1, MAX_SEQ)) return `needs seq, a whole number from 1 to ${MAX_SEQ}.`;
  if (!isNumber(sent, EARLIEST, now + FUTURE_MS)) return 'needs sent, milliseconds since 1970.';
  if (source_ip !== null && !isAddress(source_ip)) return 'has a source_ip that is no address.';
  if (!isAddress(destination_ip)) return 'has a destination_ip that is no address.';
  if (source_port !== null && !isWhole(source_port, 0, 65_535)) return 'has a source_port that is no port.';
  if (destination_port !== null && !isWhole(destination_port, 0, 65_535))
    return 'has a destination_port that is no port.';
  if (error !== null && (typeof error !== 'string' || !/^\w{1,40}$/.test(error)))
    return 'has an error that is no code.';
  if (answered_ms !== null && !isNumber(answered_ms, 0, 86_400_000)) return 'has an answered_ms that is no time.';
  return { path, kind, seq, sent, source_ip, source_port, destination_ip, destination_port, error, answered_ms };
}

/** What a sender's clock showed when it reported; undefined where it does not say. Null: not a time. */
export function readReportedAt(value: unknown, now: number): number | null | undefined {
  if (value === undefined || value === null) return undefined;
  return isNumber(value, EARLIEST, now + FUTURE_MS) ? value : null;
}

function isKind(value: unknown): value is ProbeKind {
  return PROBE_KINDS.some((kind) => kind === value);
}

function isNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return isNumber(value, least, most) && Number.isInteger(value);
}

function isAddress(value: unknown): value is string {
  // A zone behind an address (fe80::1%eth0) is part of it; its name is as long as an interface's.
  return typeof value === 'string' && value.length <= 62 && isIP(value) !== 0;
}
