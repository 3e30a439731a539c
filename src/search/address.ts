import { type IpRange, parseCidr, parseIp } from '../event/ip.ts';

/** `10.0.0.0/8`, `2001:db8::/32`; null where the text is no network (a single address is none). */
export function parseNetwork(text: string): IpRange | null {
  return text.includes('/') ? parseCidr(text) : null;
}

export interface AddressBounds {
  /** Null is the lowest, or the highest, address of the other end's family. */
  from: string | null;
  to: string | null;
  includeFrom: boolean;
  includeTo: boolean;
}

/** The addresses between two ends; null where an end is no address, both are open, or they are of two families. */
export function addressRange(bounds: AddressBounds): IpRange | null {
  const from = bounds.from === null ? null : parseIp(bounds.from);
  const to = bounds.to === null ? null : parseIp(bounds.to);
  if ((from === null && bounds.from !== null) || (to === null && bounds.to !== null)) return null;
  const family = from?.family ?? to?.family;
  if (family === undefined || (from !== null && to !== null && from.family !== to.family)) return null;
  if (family === 4) {
    const low = from === null ? 0 : bounds.includeFrom ? from.v4 : from.v4 + 1;
    const high = to === null ? 2 ** 32 - 1 : bounds.includeTo ? to.v4 : to.v4 - 1;
    return { family, prefix: 0, from: low, to: high };
  }
  const low = from === null ? 0n : BigInt(`0x${from.hex}`) + (bounds.includeFrom ? 0n : 1n);
  const high = to === null ? HIGHEST_V6 : BigInt(`0x${to.hex}`) - (bounds.includeTo ? 0n : 1n);
  // Nothing lies behind the last address or before the first: an empty range whose ends still are addresses.
  if (low > HIGHEST_V6 || high < 0n) return { family, prefix: 0, from: hex(HIGHEST_V6), to: hex(0n) };
  return { family, prefix: 0, from: hex(low), to: hex(high) };
}

const HIGHEST_V6 = (1n << 128n) - 1n;

function hex(value: bigint): string {
  return value.toString(16).padStart(32, '0');
}

export function inRange(text: string, range: IpRange): boolean {
  const ip = parseIp(text);
  if (ip === null || ip.family !== range.family) return false;
  return range.family === 4 ? ip.v4 >= range.from && ip.v4 <= range.to : ip.hex >= range.from && ip.hex <= range.to;
}
