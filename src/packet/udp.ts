import { header } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** RFC 768. */
const HEADER = header(['sourcePort', 16], ['destinationPort', 16], ['length', 16], ['checksum', 16]);

export interface Udp extends Layer {
  layer: 'udp';
  sourcePort: number;
  destinationPort: number;
  length: number;
  checksum: number;
}

export function decodeUdp(bytes: Uint8Array, start: number, end: number): Udp | Reject {
  if (end - start < HEADER.bytes) return reject('udp', 'short', end);
  const read = HEADER.read(bytes, start);
  // 0: in a jumbogram (RFC 2675 section 4).
  if (read.length !== 0 && read.length < HEADER.bytes) return reject('udp', 'length', start + 4);
  const last = read.length === 0 ? end : Math.min(end, start + read.length);
  return { layer: 'udp', start, payload: start + HEADER.bytes, end: last, ...read };
}
