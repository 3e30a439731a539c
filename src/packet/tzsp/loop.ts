import { ETHER_TYPE, ETHERNET_HEADER_BYTES } from '../ethernet.ts';
import { readU16, readU32 } from '../fields.ts';
import { LINK_TYPE } from '../link-types.ts';
import { isVlan } from '../vlan.ts';
import type { FragmentMemory } from './fragment-memory.ts';
import { OwnAddresses } from './own-addresses.ts';
import { TZSP_VERSION, TzspType } from './types.ts';

const UDP = 17;
const MAX_VLAN_TAGS = 4;
const IPV6_FRAGMENT = 44;
const IPV6_HEADER_BYTES = 40;
/** Hop-by-hop, routing and destination options may stand before the fragment header (RFC 8200 section 4.5). */
const IPV6_OPTIONS: ReadonlySet<number> = new Set([0, 43, 60]);
const MAX_IPV6_HEADERS = 8;
const UDP_HEADER_BYTES = 8;
const NOBODY = new OwnAddresses([]);

/**
 * Is the frame `bytes[start, end)` itself a datagram of the stream that we receive: UDP to one of our ports at one of our addresses? A router
 * that mirrors the interface by which it sends to us sends its own stream again, and each datagram would bring the next.
 *
 * Behind a port forward, as in a container, the router sends to an address that we do not have. So TZSP to one of our ports from `sender`, which is
 * whoever sent this frame, is a loop wherever it goes.
 *
 * Sees through VLAN tags and IPv6's options. With `fragments` the later fragments of such a datagram are known too, where the first came
 * before; without, they are not. Allocates nothing as long as the answer is no. Never throws.
 */
export function isOwnStream(
  bytes: Uint8Array,
  start: number,
  end: number,
  ports: ReadonlySet<number>,
  addresses: OwnAddresses,
  fragments: FragmentMemory | null = null,
  linkType: number = LINK_TYPE.ETHERNET,
  sender: OwnAddresses = NOBODY,
): boolean {
  if (linkType === LINK_TYPE.RAW) {
    const version = start < end ? bytes[start]! >>> 4 : 0;
    if (version === 4) return isOwnV4(bytes, start, end, ports, addresses, fragments, sender);
    return version === 6 && isOwnV6(bytes, start, end, ports, addresses, fragments, sender);
  }
  if (linkType !== LINK_TYPE.ETHERNET || end - start < ETHERNET_HEADER_BYTES) return false;
  let at = start + ETHERNET_HEADER_BYTES;
  let etherType = readU16(bytes, at - 2);
  for (let tags = 0; tags < MAX_VLAN_TAGS && isVlan(etherType); tags++) {
    if (end - at < 4) return false;
    etherType = readU16(bytes, at + 2);
    at += 4;
  }
  if (etherType === ETHER_TYPE.IPV4) return isOwnV4(bytes, at, end, ports, addresses, fragments, sender);
  return etherType === ETHER_TYPE.IPV6 && isOwnV6(bytes, at, end, ports, addresses, fragments, sender);
}

function isOwnV4(
  bytes: Uint8Array,
  at: number,
  end: number,
  ports: ReadonlySet<number>,
  addresses: OwnAddresses,
  fragments: FragmentMemory | null,
  sender: OwnAddresses,
): boolean {
  if (end - at < 20 || bytes[at]! >>> 4 !== 4 || bytes[at + 9] !== UDP) return false;
  const flags = readU16(bytes, at + 6);
  const source = readU32(bytes, at + 12);
  if ((flags & 0x1fff) !== 0) {
    return (
      fragments !== null &&
      (addresses.hasV4(readU32(bytes, at + 16)) || sender.hasV4(source)) &&
      fragments.has(source, readU16(bytes, at + 4))
    );
  }
  const udp = at + (bytes[at]! & 15) * 4;
  if (udp < at + 20 || end - udp < 4 || !ports.has(readU16(bytes, udp + 2))) return false;
  if (!addresses.hasV4(readU32(bytes, at + 16)) && !(sender.hasV4(source) && isTzsp(bytes, udp, end))) return false;
  if ((flags & 0x2000) !== 0) fragments?.add(source, readU16(bytes, at + 4));
  return true;
}

function isOwnV6(
  bytes: Uint8Array,
  at: number,
  end: number,
  ports: ReadonlySet<number>,
  addresses: OwnAddresses,
  fragments: FragmentMemory | null,
  sender: OwnAddresses,
): boolean {
  if (end - at < IPV6_HEADER_BYTES || bytes[at]! >>> 4 !== 6) return false;
  let next = bytes[at + 6]!;
  let header = at + IPV6_HEADER_BYTES;
  let identification = -1;
  for (let headers = 0; next !== UDP; headers++) {
    if (headers === MAX_IPV6_HEADERS || end - header < 8) return false;
    const isFragment = next === IPV6_FRAGMENT;
    if (!isFragment && !IPV6_OPTIONS.has(next)) return false;
    if (isFragment) {
      identification = readU32(bytes, header + 4);
      if (readU16(bytes, header + 2) >>> 3 !== 0) {
        return (
          fragments !== null &&
          fragments.has(sourceV6(bytes, at), identification) &&
          (addresses.hasV6(bytes, at + 24) || sender.hasV6(bytes, at + 8))
        );
      }
    }
    next = bytes[header]!;
    header += isFragment ? 8 : (bytes[header + 1]! + 1) * 8;
  }
  if (end - header < 4 || !ports.has(readU16(bytes, header + 2))) return false;
  if (!addresses.hasV6(bytes, at + 24) && !(sender.hasV6(bytes, at + 8) && isTzsp(bytes, header, end))) return false;
  if (identification >= 0) fragments?.add(sourceV6(bytes, at), identification);
  return true;
}

/** Does TZSP follow a UDP header: version 1, and a type that carries a frame? */
function isTzsp(bytes: Uint8Array, udp: number, end: number): boolean {
  const at = udp + UDP_HEADER_BYTES;
  return end - at >= 2 && bytes[at] === TZSP_VERSION && bytes[at + 1]! <= TzspType.FOR_TRANSMIT;
}

/** The lower 32 bits of the source: with the identification and our own destination they tell a datagram well enough. */
function sourceV6(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 20);
}
