/**
 * The TZSP header's fields (TaZmen Sniffer Protocol): version u8, type u8, encapsulation u16 in network order, then tags. There is no RFC; the
 * tables agree with Wireshark's dissector and scapy's layer, which differ from each other only in what is noted here.
 */

export const TZSP_VERSION = 1;
/** The port that senders use by default (0x9090, not registered with IANA). */
export const TZSP_PORT = 37008;
export const TZSP_HEADER_BYTES = 4;

export const TzspType = {
  RECEIVED: 0,
  FOR_TRANSMIT: 1,
  RESERVED: 2,
  CONFIGURATION: 3,
  /** No tags and no frame; also called null. */
  KEEPALIVE: 4,
  /** Opens a way through a firewall; no tags and no frame. */
  PORT_OPENER: 5,
} as const;
export type TzspType = (typeof TzspType)[keyof typeof TzspType];

export interface Encapsulation {
  value: number;
  name: string;
  /** LINKTYPE of pcap files (tcpdump.org/linktypes), or null where pcap has none. */
  linkType: number | null;
}

export const ENCAPSULATIONS: readonly Encapsulation[] = [
  { value: 1, name: 'Ethernet', linkType: 1 },
  { value: 2, name: 'Token Ring', linkType: 6 },
  { value: 3, name: 'SLIP', linkType: 8 },
  { value: 4, name: 'PPP', linkType: 9 },
  { value: 5, name: 'FDDI', linkType: 10 },
  { value: 7, name: 'raw IP', linkType: 101 },
  { value: 18, name: 'IEEE 802.11', linkType: 105 },
  { value: 119, name: 'IEEE 802.11 with Prism header', linkType: 119 },
  // Wireshark only.
  { value: 126, name: 'IEEE 802.11 with radiotap header', linkType: 127 },
  { value: 127, name: 'IEEE 802.11 with AVS header', linkType: 163 },
];

export const ETHERNET = 1;

const LINK_TYPES = new Map(ENCAPSULATIONS.map((it) => [it.value, it.linkType]));

/** LINKTYPE for pcap files; -1 for an encapsulation that is unknown or has none. */
export function linkTypeOf(encapsulation: number): number {
  return LINK_TYPES.get(encapsulation) ?? -1;
}
