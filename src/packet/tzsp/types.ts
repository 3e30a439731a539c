import { LINK_TYPE } from '../link-types.ts';

/**
 * The TaZmen Sniffer Protocol: one captured frame per UDP datagram.
 *
 *     0        1        2                 4
 *     version  type     encapsulation     tags … END  frame
 *     u8 = 1   u8       u16 big endian
 *
 * There is no standard; this follows the description at https://en.wikipedia.org/wiki/TZSP and Wireshark's dissector (packet-tzsp.c).
 */

/** Not registered with IANA; 0x9090. */
export const TZSP_PORT = 37_008;
export const TZSP_VERSION = 1;
export const TZSP_HEADER_BYTES = 4;

export const TZSP_TYPE = {
  /** A frame that the sender received. */
  RECEIVED: 0,
  /** A frame that is to be sent; some senders stream with this type. */
  FOR_TRANSMIT: 1,
  RESERVED: 2,
  CONFIGURATION: 3,
  /** Neither tags nor frame. */
  KEEPALIVE: 4,
  /** Opens a way through address translation: neither tags nor frame. */
  PORT_OPENER: 5,
} as const;

export const TZSP_ENCAPSULATION = {
  ETHERNET: 1,
  TOKEN_RING: 2,
  SLIP: 3,
  PPP: 4,
  FDDI: 5,
  RAW_IP: 7,
  IEEE802_11: 18,
  IEEE802_11_PRISM: 119,
  /** Known to Wireshark only. */
  IEEE802_11_RADIOTAP: 126,
  IEEE802_11_AVS: 127,
} as const;

/** Which pcap link type a frame of an encapsulation has. */
export const ENCAPSULATIONS: readonly (readonly [encapsulation: number, linkType: number])[] = [
  [TZSP_ENCAPSULATION.ETHERNET, LINK_TYPE.ETHERNET],
  [TZSP_ENCAPSULATION.TOKEN_RING, LINK_TYPE.IEEE802_5],
  [TZSP_ENCAPSULATION.SLIP, LINK_TYPE.SLIP],
  [TZSP_ENCAPSULATION.PPP, LINK_TYPE.PPP],
  [TZSP_ENCAPSULATION.FDDI, LINK_TYPE.FDDI],
  [TZSP_ENCAPSULATION.RAW_IP, LINK_TYPE.RAW],
  [TZSP_ENCAPSULATION.IEEE802_11, LINK_TYPE.IEEE802_11],
  [TZSP_ENCAPSULATION.IEEE802_11_PRISM, LINK_TYPE.IEEE802_11_PRISM],
  [TZSP_ENCAPSULATION.IEEE802_11_RADIOTAP, LINK_TYPE.IEEE802_11_RADIOTAP],
  [TZSP_ENCAPSULATION.IEEE802_11_AVS, LINK_TYPE.IEEE802_11_AVS],
];

// All known encapsulations are below 128: a flat table costs the hot path one load.
const LINK_TYPES = new Int16Array(128).fill(-1);
for (const [encapsulation, linkType] of ENCAPSULATIONS) LINK_TYPES[encapsulation] = linkType;

/** The pcap link type of an encapsulation, or -1 where there is none. */
export function linkTypeOf(encapsulation: number): number {
  return encapsulation < 128 ? LINK_TYPES[encapsulation]! : -1;
}
