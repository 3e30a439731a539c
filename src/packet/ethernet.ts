import { header } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** Numbers of IEEE 802 (https://www.iana.org/assignments/ieee-802-numbers). */
export const ETHER_TYPE = {
  IPV4: 0x0800,
  ARP: 0x0806,
  /** 802.1Q. */
  VLAN: 0x8100,
  IPV6: 0x86dd,
  /** 802.1ad: the outer tag of QinQ. */
  SERVICE_VLAN: 0x88a8,
  /** QinQ before 802.1ad; some switches still write it. */
  OLD_QINQ: 0x9100,
} as const;

/** IEEE 802.3 clause 3.1: up to here the field is the length of an LLC frame, from 1536 on the type. */
export const MAX_LENGTH_FIELD = 1500;
export const ETHERNET_HEADER_BYTES = 14;

/** IEEE 802.3 clause 3.1. */
const HEADER = header(['destination', 'mac'], ['source', 'mac'], ['typeOrLength', 16]);

export interface Ethernet extends Layer {
  layer: 'ethernet';
  destination: string;
  source: string;
  /** Null where the field is a length (then LLC follows). */
  etherType: number | null;
  length: number | null;
}

export function decodeEthernet(bytes: Uint8Array, start: number, end: number): Ethernet | Reject {
  if (end - start < HEADER.bytes) return reject('ethernet', 'short', end);
  const { destination, source, typeOrLength } = HEADER.read(bytes, start);
  const payload = start + HEADER.bytes;
  const isLength = typeOrLength <= MAX_LENGTH_FIELD;
  return {
    layer: 'ethernet',
    start,
    payload,
    end: isLength ? Math.min(end, payload + typeOrLength) : end,
    destination,
    source,
    etherType: isLength ? null : typeOrLength,
    length: isLength ? typeOrLength : null,
  };
}
