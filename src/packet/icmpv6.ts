import { header, ipv6Text } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** RFC 4443 section 2.1. */
const HEADER = header(['type', 8], ['code', 8], ['checksum', 16]);
/** RFC 4443 section 4. */
const ECHO = header(['identifier', 16], ['sequence', 16]);
const ECHO_TYPES: ReadonlySet<number> = new Set([128, 129]);
/** RFC 4861 sections 4.3 and 4.4: neighbour solicitation and advertisement carry the target behind 32 reserved bits. */
const NEIGHBOUR_TYPES: ReadonlySet<number> = new Set([135, 136]);
const RESERVED_BYTES = 4;
const ADDRESS_BYTES = 16;

export interface Icmpv6 extends Layer {
  layer: 'icmpv6';
  type: number;
  code: number;
  checksum: number;
  echo: { identifier: number; sequence: number } | null;
  /** Of neighbour solicitation and advertisement. */
  target: string | null;
}

export function decodeIcmpv6(bytes: Uint8Array, start: number, end: number): Icmpv6 | Reject {
  if (end - start < HEADER.bytes) return reject('icmpv6', 'short', end);
  const read = HEADER.read(bytes, start);
  const body = start + HEADER.bytes;
  const base = { layer: 'icmpv6', start, end, ...read } as const;
  if (ECHO_TYPES.has(read.type)) {
    if (end - body < ECHO.bytes) return reject('icmpv6', 'short', end);
    return { ...base, payload: body + ECHO.bytes, echo: ECHO.read(bytes, body), target: null };
  }
  if (NEIGHBOUR_TYPES.has(read.type)) {
    const address = body + RESERVED_BYTES;
    if (end - address < ADDRESS_BYTES) return reject('icmpv6', 'short', end);
    return { ...base, payload: address + ADDRESS_BYTES, echo: null, target: ipv6Text(bytes, address) };
  }
  return { ...base, payload: body, echo: null, target: null };
}
