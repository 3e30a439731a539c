import type { Ip } from './ip.ts';
import { digest, sha1Block } from './sha1.ts';

/**
 * Community ID version 1 with seed 0 (https://github.com/corelight/community-id-spec): one name for a flow, the same in Suricata, Zeek and
 * everything else. `1:` and the base64 of SHA-1 over seed, addresses, protocol and ports, the smaller endpoint first.
 */

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMP6 = 58;
const SCTP = 132;

/** ICMP and ICMPv6 types that come in pairs: both directions get one id, the types stand in for the ports. */
const ICMP_PAIRS: ReadonlyMap<number, number> = pairs([8, 0], [13, 14], [15, 16], [10, 9], [17, 18]);
const ICMP6_PAIRS: ReadonlyMap<number, number> = pairs(
  [128, 129],
  [133, 134],
  [135, 136],
  [130, 131],
  [139, 140],
  [144, 145],
);

function pairs(...list: [number, number][]): Map<number, number> {
  return new Map(list.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));
}

/** True where the id of this protocol needs ports (or ICMP type and code in their place). */
export function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP || protocol === ICMP || protocol === ICMP6 || protocol === SCTP;
}

const block = new Int32Array(16);
/** Bytes written into `block` so far: addresses make it 10 or 34, so all later fields are aligned to 16 bits only. */
let used = 0;

function put16(value: number): void {
  const word = used >>> 2;
  block[word] = (used & 2) === 0 ? value << 16 : block[word]! | value;
  used += 2;
}

function put32(value: number): void {
  put16(value >>> 16);
  put16(value & 0xffff);
}

function putIp(v4: number, ip: Ip | null): void {
  if (ip === null) put32(v4);
  else for (let i = 0; i < 4; i++) put32(ip.words[i]!);
}

/**
 * Hashes a flow into the shared digest. Both addresses are of one family: numbers where `source6` and `destination6` are null. Ports are
 * ICMP type and code where the protocol is ICMP or ICMPv6; they are ignored where {@link hasPorts} says so.
 */
function hash(
  source4: number,
  source6: Ip | null,
  destination4: number,
  destination6: Ip | null,
  protocol: number,
  port1: number,
  port2: number,
): void {
  let sourcePort = port1;
  let destinationPort = port2;
  let oneWay = false;
  if (protocol === ICMP || protocol === ICMP6) {
    const pair = (protocol === ICMP ? ICMP_PAIRS : ICMP6_PAIRS).get(port1);
    if (pair === undefined) oneWay = true;
    else destinationPort = pair;
  }
  const order =
    source6 !== null && destination6 !== null ? compare(source6.hex, destination6.hex) : source4 - destination4;
  const swap = !oneWay && (order > 0 || (order === 0 && sourcePort > destinationPort));

  block.fill(0);
  used = 0;
  put16(0);
  putIp(swap ? destination4 : source4, swap ? destination6 : source6);
  putIp(swap ? source4 : destination4, swap ? source6 : destination6);
  put16(protocol << 8);
  if (hasPorts(protocol)) {
    put16(swap ? destinationPort : sourcePort);
    put16(swap ? sourcePort : destinationPort);
  }
  // Padding of RFC 3174: a one bit behind the message, its length in bits in the last word.
  const length = used;
  put16(0x8000);
  block[15] = length * 8;
  sha1Block(block);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** First 32 bits of the id of an IPv4 flow. See {@link hash} for ports. */
export function communityKeyV4(
  source: number,
  destination: number,
  protocol: number,
  port1: number,
  port2: number,
): number {
  hash(source, null, destination, null, protocol, port1, port2);
  return digest[0]! >>> 0;
}

/** First 32 bits of the id of an IPv6 flow. */
export function communityKeyV6(source: Ip, destination: Ip, protocol: number, port1: number, port2: number): number {
  hash(0, source, 0, destination, protocol, port1, port2);
  return digest[0]! >>> 0;
}

/** The whole id of a flow between two addresses of one family, such as `1:LQU9qZlK+B5F3KDmev6m5PMibrg=`. */
export function communityId(source: Ip, destination: Ip, protocol: number, port1: number, port2: number): string {
  const six = source.family === 6;
  hash(source.v4, six ? source : null, destination.v4, six ? destination : null, protocol, port1, port2);
  const bytes = Buffer.alloc(20);
  for (let i = 0; i < 5; i++) bytes.writeInt32BE(digest[i]!, i * 4);
  return `1:${bytes.toString('base64')}`;
}

/** First 32 bits of an id given as text, or -1 where it is no version 1 id. */
export function communityKeyOf(id: string): number {
  if (id.length !== 30 || id.charCodeAt(0) !== 49 || id.charCodeAt(1) !== 58 || id.charCodeAt(29) !== 61) return -1;
  for (let i = 8; i < 29; i++) if (sextet(id.charCodeAt(i)) < 0) return -1;
  let key = 0;
  for (let i = 2; i < 7; i++) {
    const bits = sextet(id.charCodeAt(i));
    if (bits < 0) return -1;
    key = (key << 6) | bits;
  }
  const last = sextet(id.charCodeAt(7));
  return last < 0 ? -1 : ((key << 2) | (last >>> 4)) >>> 0;
}

/** Value of a base64 digit, or -1. */
function sextet(code: number): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 43) return 62;
  return code === 47 ? 63 : -1;
}
