/**
 * Link types as pcap and pcapng number them (https://www.tcpdump.org/linktypes.html): what the first byte of a frame begins.
 * Only those that a TZSP stream can carry, and those that common captures have.
 */
export const LINK_TYPE = {
  /** BSD loopback: the address family in the byte order of the writer, then IP. */
  NULL: 0,
  ETHERNET: 1,
  /** IEEE 802.5 Token Ring. */
  IEEE802_5: 6,
  SLIP: 8,
  /** RFC 1661 with or without the framing of RFC 1662. */
  PPP: 9,
  FDDI: 10,
  /** IPv4 or IPv6, told apart by the version. */
  RAW: 101,
  IEEE802_11: 105,
  /** `cooked` capture of Linux: 16 bytes before the payload. */
  LINUX_SLL: 113,
  /** 802.11 behind a Prism header. */
  IEEE802_11_PRISM: 119,
  /** 802.11 behind a radiotap header. */
  IEEE802_11_RADIOTAP: 127,
  /** 802.11 behind an AVS header. */
  IEEE802_11_AVS: 163,
  IPV4: 228,
  IPV6: 229,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(LINK_TYPE).map(([name, number]) => [number, name.toLowerCase()]),
);

/** A name for people: `ethernet`, `ieee802_11`, or `link type 147`. */
export function linkTypeName(linkType: number): string {
  return NAMES.get(linkType) ?? `link type ${linkType}`;
}
