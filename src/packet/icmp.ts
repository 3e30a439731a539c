import { header } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** RFC 792. The second half depends on the type. */
const HEADER = header(['type', 8], ['code', 8], ['checksum', 16]);
const ECHO = header(['identifier', 16], ['sequence', 16]);

/** https://www.iana.org/assignments/icmp-parameters; those that carry an identifier and a sequence number. */
const WITH_SEQUENCE: ReadonlySet<number> = new Set([
  0, // echo reply
  8, // echo
  13, // timestamp
  14, // timestamp reply
]);
const REST_BYTES = 4;

export interface Icmp extends Layer {
  layer: 'icmp';
  type: number;
  code: number;
  checksum: number;
  echo: { identifier: number; sequence: number } | null;
}

export function decodeIcmp(bytes: Uint8Array, start: number, end: number): Icmp | Reject {
  if (end - start < HEADER.bytes + REST_BYTES) return reject('icmp', 'short', end);
  const read = HEADER.read(bytes, start);
  const rest = start + HEADER.bytes;
  const echo = WITH_SEQUENCE.has(read.type) ? ECHO.read(bytes, rest) : null;
  return { layer: 'icmp', start, payload: rest + REST_BYTES, end, ...read, echo };
}
