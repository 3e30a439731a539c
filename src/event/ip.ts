/**
 * IP addresses: canonical text (RFC 5952), numbers to compare, and which of them belong to one's own network.
 *
 * IPv4 is strict dotted decimal without leading zeros (a leading zero means octal to some readers, so such text is no address). An
 * IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) stays IPv6, for that is what was on the wire; only its text (RFC 5952 section 5) and the
 * question whether it is internal look at the IPv4 address inside.
 */
export interface Ip {
  /** Canonical text. */
  text: string;
  family: 4 | 6;
  /** IPv4: the address as unsigned 32-bit number; IPv6: 0. */
  v4: number;
  /** IPv6: 32 lower-case hexadecimal digits (order of text is order of addresses); IPv4: empty. */
  hex: string;
  /** IPv6: the address as four unsigned 32-bit words; IPv4: empty. */
  words: readonly number[];
}

const MAX_TEXT = 45;
const CACHE_SIZE = 4096;

// Every IPv6 address of a log is met again soon; making canonical text costs more than looking it up. Bounded: emptied when full.
const cache = new Map<string, Ip | null>();

/** Dotted decimal as unsigned 32-bit number, or -1. */
export function parseIpv4(text: string): number {
  const length = text.length;
  if (length < 7 || length > 15) return -1;
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (part < 0 || ++dots > 3) return -1;
      value = value * 256 + part;
      part = -1;
    } else if (code >= 48 && code <= 57) {
      if (part === 0) return -1;
      part = part < 0 ? code - 48 : part * 10 + code - 48;
      if (part > 255) return -1;
    } else {
      return -1;
    }
  }
  return dots === 3 && part >= 0 ? value * 256 + part : -1;
}

/** An address in any valid spelling, or null. Zones (`fe80::1%eth0`) and brackets are no part of an address. */
export function parseIp(text: string): Ip | null {
  const v4 = parseIpv4(text);
  if (v4 >= 0) return { text, family: 4, v4, hex: '', words: [] };
  return parseIpv6(text);
}

/** An IPv6 address, or null. The result is shared: do not change it. */
export function parseIpv6(text: string): Ip | null {
  if (text.length < 2 || text.length > MAX_TEXT) return null;
  const known = cache.get(text);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_SIZE) cache.clear();
  const groups = groupsOf(text);
  const ip: Ip | null =
    groups === null
      ? null
      : {
          text: textOf(groups),
          family: 6,
          v4: 0,
          hex: groups.map((group) => group.toString(16).padStart(4, '0')).join(''),
          words: [0, 2, 4, 6].map((i) => ((groups[i]! << 16) | groups[i + 1]!) >>> 0),
        };
  cache.set(text, ip);
  return ip;
}

/** The eight 16-bit groups of an IPv6 address, or null. */
function groupsOf(text: string): number[] | null {
  const gap = text.indexOf('::');
  if (gap < 0) {
    const groups = groupList(text, true);
    return groups?.length === 8 ? groups : null;
  }
  if (text.indexOf('::', gap + 1) >= 0) return null;
  const head = gap === 0 ? [] : groupList(text.slice(0, gap), false);
  const tail = gap + 2 === text.length ? [] : groupList(text.slice(gap + 2), true);
  if (head === null || tail === null || head.length + tail.length > 7) return null;
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

/** Groups between colons; a dotted IPv4 address may stand for the last two where `last` is set. */
function groupList(text: string, last: boolean): number[] | null {
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (last && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseIpv4(part);
      if (v4 < 0) return null;
      groups.push(Math.floor(v4 / 65536), v4 % 65536);
      continue;
    }
    if (part.length < 1 || part.length > 4) return null;
    let group = 0;
    for (let k = 0; k < part.length; k++) {
      const digit = hexDigit(part.charCodeAt(k));
      if (digit < 0) return null;
      group = group * 16 + digit;
    }
    groups.push(group);
  }
  return groups;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** RFC 5952: lower case, no leading zeros, the longest run of at least two zero groups (the first of equals) as `::`. */
function textOf(groups: readonly number[]): string {
  if (isMapped(groups)) return `::ffff:${formatIpv4(groups[6]! * 65536 + groups[7]!)}`;
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength) {
      best = i;
      bestLength = end - i;
    }
    if (end > i) i = end;
  }
  const hex = groups.map((group) => group.toString(16));
  return best < 0 ? hex.join(':') : `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

function isMapped(groups: readonly number[]): boolean {
  return (
    groups[5] === 0xffff && groups[0] === 0 && groups[1] === 0 && groups[2] === 0 && groups[3] === 0 && groups[4] === 0
  );
}

/** Dotted decimal of an unsigned 32-bit number. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/**
 * True for addresses that never leave one's own network: private (RFC 1918), loopback, link-local, "this network" (0/8), limited broadcast,
 * multicast that routers keep inside (224.0.0/24, 239/8); in IPv6 loopback and unspecified, link-local, unique local (RFC 4193), multicast
 * of a scope below global (RFC 7346).
 */
export function isInternal(ip: Ip): boolean {
  return ip.family === 4 ? isInternalV4(ip.v4) : isInternalV6(ip.words);
}

/** {@link isInternal} of an IPv4 address as a number. */
export function isInternalV4(v4: number): boolean {
  switch (v4 >>> 24) {
    case 0:
    case 10:
    case 127:
    case 239:
      return true;
    case 172:
      return ((v4 >>> 16) & 0xf0) === 16;
    case 192:
      return ((v4 >>> 16) & 0xff) === 168;
    case 169:
      return ((v4 >>> 16) & 0xff) === 254;
    case 224:
      return v4 >>> 8 === 0xe00000;
    default:
      return v4 === 0xffffffff;
  }
}

function isInternalV6(words: readonly number[]): boolean {
  const [a, b, c, d] = words as [number, number, number, number];
  if (a === 0 && b === 0) {
    if (c === 0) return d === 0 || d === 1;
    return c === 0xffff && isInternalV4(d);
  }
  const first = a >>> 24;
  if ((first & 0xfe) === 0xfc) return true;
  if (first === 0xff) return ((a >>> 16) & 15) < 14;
  return a >>> 22 === 0x3fa;
}

/** network.direction, from which of the two is internal. */
export function directionOf(
  sourceInternal: boolean,
  destinationInternal: boolean,
): 'internal' | 'outbound' | 'inbound' | 'external' {
  if (sourceInternal) return destinationInternal ? 'internal' : 'outbound';
  return destinationInternal ? 'inbound' : 'external';
}

/** A range of addresses, both ends included: numbers for IPv4, 32 hexadecimal digits for IPv6. */
export type IpRange =
  | { family: 4; prefix: number; from: number; to: number }
  | { family: 6; prefix: number; from: string; to: string };

/** `10.0.0.0/8`, `2001:db8::/32`, or a single address. Bits behind the prefix are ignored. Null where it is neither. */
export function parseCidr(text: string): IpRange | null {
  if (text.length > MAX_TEXT + 4) return null;
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === null) return null;
  const bits = ip.family === 4 ? 32 : 128;
  let prefix = bits;
  if (slash >= 0) {
    const digits = text.slice(slash + 1);
    if (!/^(0|[1-9][0-9]{0,2})$/.test(digits) || Number(digits) > bits) return null;
    prefix = Number(digits);
  }
  if (ip.family === 4) {
    const size = 2 ** (32 - prefix);
    const from = ip.v4 - (ip.v4 % size);
    return { family: 4, prefix, from, to: from + size - 1 };
  }
  const host = (1n << BigInt(128 - prefix)) - 1n;
  const value = BigInt(`0x${ip.hex}`);
  const from = value & ~host;
  return { family: 6, prefix, from: hex128(from), to: hex128(from | host) };
}

function hex128(value: bigint): string {
  return value.toString(16).padStart(32, '0');
}
