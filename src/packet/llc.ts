import { header } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** IEEE 802.2 clause 3.2: two access points, and a control field of one byte in U frames, of two in I and S frames. */
const HEADER = header(['dsap', 8], ['ssap', 8], ['control', 8]);
const U_FRAME = 0b11;
/** IEEE 802 clause 9.5 (SNAP), where both access points are 0xaa and the control is UI: organisation, then what it means by the protocol. */
const SNAP = header(['oui', 24], ['protocol', 16]);
const SNAP_SAP = 0xaa;
const UNNUMBERED_INFORMATION = 0x03;
/** RFC 1042: under this organisation the protocol is an EtherType. */
const ENCAPSULATED_ETHERNET = 0;

export interface Llc extends Layer {
  layer: 'llc';
  dsap: number;
  ssap: number;
  /** I and S frames: both bytes, the first in the lower half, as the standard numbers the bits. */
  control: number;
  snap: { oui: number; protocol: number } | null;
  /** Of SNAP under organisation 0, else null. */
  etherType: number | null;
}

export function decodeLlc(bytes: Uint8Array, start: number, end: number): Llc | Reject {
  if (end - start < HEADER.bytes) return reject('llc', 'short', end);
  const { dsap, ssap, control } = HEADER.read(bytes, start);
  let payload = start + HEADER.bytes;
  if ((control & U_FRAME) !== U_FRAME) {
    if (payload === end) return reject('llc', 'short', end);
    const wide = control | (bytes[payload]! << 8);
    return { layer: 'llc', start, payload: payload + 1, end, dsap, ssap, control: wide, snap: null, etherType: null };
  }
  if (dsap !== SNAP_SAP || ssap !== SNAP_SAP || control !== UNNUMBERED_INFORMATION)
    return { layer: 'llc', start, payload, end, dsap, ssap, control, snap: null, etherType: null };
  if (end - payload < SNAP.bytes) return reject('llc', 'short', end);
  const snap = SNAP.read(bytes, payload);
  payload += SNAP.bytes;
  const etherType = snap.oui === ENCAPSULATED_ETHERNET ? snap.protocol : null;
  return { layer: 'llc', start, payload, end, dsap, ssap, control, snap, etherType };
}
