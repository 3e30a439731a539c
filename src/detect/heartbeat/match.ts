import { parseIp } from '../../event/ip.ts';
import { parseInstant } from '../../event/time.ts';
import type { ProbeKind } from '../../probe/sent-probe.ts';
import { MARKER, readToken, type ReadToken } from '../../probe/token.ts';
import { own } from '../sensor-health/counters.ts';

/** The rule of the recipe that people already run: hping3 sends `heartbeat_ping`, this sid answers. It counts as an ICMP probe. */
export const SEED_SID = 5_100_000;

/** Where a rule of ours belongs. */
export interface SidOwner {
  path: string;
  kind: ProbeKind;
}

/** An alert that may be one of our probes, taken apart. Every text in it is hostile. */
export interface Candidate {
  sid: number;
  /** A token whose HMAC is right, `forged` where the log shows what was said and there is none, null where it does not show it. */
  token: ReadToken | 'forged' | null;
  /** When the packet was captured, by the sensor's clock, milliseconds since the epoch. */
  packet: number;
  source_ip: string | null;
  source_port: number | null;
  destination_ip: string | null;
  destination_port: number | null;
}

/** Texts longer than this are no names and no payloads of ours; a token stands in the first bytes of either. */
const TEXT_LENGTH = 2048;
const MOST_QUERIES = 16;

/** Reads a parsed eve line of type alert; null where it is none, or has no readable time. Never throws. */
export function readCandidate(event: unknown, key: Buffer): Candidate | null {
  if (own(event, 'event_type') !== 'alert') return null;
  const time = own(event, 'timestamp');
  const packet = typeof time === 'string' ? parseInstant(time) / 1000 : Number.NaN;
  const sid = own(own(event, 'alert'), 'signature_id');
  if (typeof sid !== 'number' || !Number.isSafeInteger(sid) || Number.isNaN(packet)) return null;
  return {
    sid,
    token: tokenOf(event, key, sid),
    packet,
    source_ip: address(own(event, 'src_ip')),
    source_port: port(own(event, 'src_port')),
    destination_ip: address(own(event, 'dest_ip')),
    destination_port: port(own(event, 'dest_port')),
  };
}

/** A log that shows what was said, and no token in it, shows the probe of somebody else. */
function tokenOf(event: unknown, key: Buffer, sid: number): Candidate['token'] {
  const said = strings(saidIn(event));
  for (const text of [...said, ...strings([own(event, 'packet')])]) {
    const token = readToken(key, text);
    if (token !== null) return token;
  }
  // The seed's probe says `heartbeat_ping` and no more.
  const foreign = sid === SEED_SID ? said.some((text) => text.toLowerCase().includes(MARKER)) : said.length > 0;
  return foreign ? 'forged' : null;
}

/**
 * Where Suricata logs what a probe said: names and host fields by protocol, the payload. The packet alone does not tell: an alert on a stream
 * comes with whichever packet it was noticed at.
 */
function saidIn(event: unknown): unknown[] {
  const dns = own(event, 'dns');
  const found: unknown[] = [
    own(event, 'payload_printable'),
    own(event, 'payload'),
    own(own(event, 'tls'), 'sni'),
    own(own(event, 'http'), 'hostname'),
    own(dns, 'rrname'),
  ];
  // Suricata 7 writes `query`, 8 writes `queries`.
  for (const list of [own(dns, 'query'), own(dns, 'queries')]) {
    if (Array.isArray(list))
      for (const query of (list as unknown[]).slice(0, MOST_QUERIES)) found.push(own(query, 'rrname'));
  }
  return found;
}

function strings(values: readonly unknown[]): string[] {
  return values.flatMap((text) => (typeof text === 'string' && text !== '' ? [text.slice(0, TEXT_LENGTH)] : []));
}

/** Suricata writes IPv6 in full, the sender in short. */
function address(value: unknown): string | null {
  return typeof value === 'string' && value.length <= 64 ? (parseIp(value)?.text ?? null) : null;
}

function port(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535 ? value : null;
}

/** Canonical text of an address of a sent probe; null stays null. */
export function canonical(value: string | null): string | null {
  return address(value);
}
