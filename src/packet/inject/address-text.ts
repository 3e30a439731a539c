import { parseIpv6 } from '../../event/ip.ts';

/** Canonical text (RFC 5952) of an IPv6 address given as four unsigned 32-bit numbers. */
export function canonicalIpv6Words(words: readonly number[]): string {
  const groups = words.flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]);
  const text = groups.join(':');
  return parseIpv6(text)?.text ?? text;
}
