import { ETHER_TYPE, MAX_LENGTH_FIELD } from './ethernet.ts';
import { header } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** IEEE 802.1Q clause 9.6, behind the type 0x8100 (or 0x88a8) that stands in the header before. */
const HEADER = header(['priority', 3], ['dropEligible', 1], ['id', 12], ['typeOrLength', 16]);

export interface Vlan extends Layer {
  layer: 'vlan';
  priority: number;
  dropEligible: number;
  id: number;
  etherType: number | null;
  length: number | null;
}

export function isVlan(etherType: number): boolean {
  return etherType === ETHER_TYPE.VLAN || etherType === ETHER_TYPE.SERVICE_VLAN || etherType === ETHER_TYPE.OLD_QINQ;
}

export function decodeVlan(bytes: Uint8Array, start: number, end: number): Vlan | Reject {
  if (end - start < HEADER.bytes) return reject('vlan', 'short', end);
  const { priority, dropEligible, id, typeOrLength } = HEADER.read(bytes, start);
  const payload = start + HEADER.bytes;
  const isLength = typeOrLength <= MAX_LENGTH_FIELD;
  return {
    layer: 'vlan',
    start,
    payload,
    end: isLength ? Math.min(end, payload + typeOrLength) : end,
    priority,
    dropEligible,
    id,
    etherType: isLength ? null : typeOrLength,
    length: isLength ? typeOrLength : null,
  };
}
