import { header } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** RFC 8200 section 3. */
const HEADER = header(
  ['version', 4],
  ['trafficClass', 8],
  ['flowLabel', 20],
  ['payloadLength', 16],
  ['nextHeader', 8],
  ['hopLimit', 8],
  ['source', 'ipv6'],
  ['destination', 'ipv6'],
);

/** RFC 8200 section 4.5. */
const FRAGMENT = header(
  ['nextHeader', 8],
  ['reserved', 8],
  ['units', 13],
  ['reserved2', 2],
  ['more', 1],
  ['identification', 32],
);

/** Extension headers (https://www.iana.org/assignments/ipv6-parameters) and how long each is, from the byte behind its next header. */
const EXTENSIONS: ReadonlyMap<number, (lengthField: number) => number> = new Map([
  [0, units8], // hop-by-hop options
  [43, units8], // routing
  [44, () => FRAGMENT.bytes],
  [51, (field) => (field + 2) * 4], // authentication: RFC 4302 counts words of 32 bits less two
  [60, units8], // destination options
  [135, units8], // mobility
  [139, units8], // host identity
  [140, units8], // shim6
]);
const FRAGMENT_HEADER = 44;

/** Section 4.1 allows each but once, one twice; more of them is a waste of our time. */
const MAX_EXTENSIONS = 16;

function units8(lengthField: number): number {
  return (lengthField + 1) * 8;
}

export interface Ipv6 extends Layer {
  layer: 'ipv6';
  trafficClass: number;
  flowLabel: number;
  payloadLength: number;
  hopLimit: number;
  source: string;
  destination: string;
  /** Numbers of the extension headers in their order. */
  extensions: number[];
  /** What `payload` begins with, behind the extension headers. */
  protocol: number;
  /** Offset in bytes. */
  fragment: { offset: number; more: boolean; identification: number } | null;
}

export function decodeIpv6(bytes: Uint8Array, start: number, end: number): Ipv6 | Reject {
  if (end <= start) return reject('ipv6', 'short', end);
  if (bytes[start]! >>> 4 !== 6) return reject('ipv6', 'version', start);
  if (end - start < HEADER.bytes) return reject('ipv6', 'short', end);
  const { trafficClass, flowLabel, payloadLength, nextHeader, hopLimit, source, destination } = HEADER.read(
    bytes,
    start,
  );
  let payload = start + HEADER.bytes;
  // 0: a jumbogram (RFC 2675), or segmentation offload.
  const last = payloadLength === 0 ? end : Math.min(end, payload + payloadLength);
  const extensions: number[] = [];
  let protocol = nextHeader;
  let fragment: Ipv6['fragment'] = null;
  for (;;) {
    const lengthOf = EXTENSIONS.get(protocol);
    // Behind the header of a later fragment there is its data, whatever it says comes next.
    if (lengthOf === undefined || (fragment !== null && fragment.offset > 0)) break;
    if (extensions.length === MAX_EXTENSIONS) return reject('ipv6', 'too_deep', payload);
    if (last - payload < 8) return reject('ipv6', 'short', last);
    const length = lengthOf(bytes[payload + 1]!);
    if (length > last - payload) return reject('ipv6', 'short', last);
    if (protocol === FRAGMENT_HEADER) {
      const { units, more, identification } = FRAGMENT.read(bytes, payload);
      fragment = { offset: units * 8, more: more === 1, identification };
    }
    extensions.push(protocol);
    protocol = bytes[payload]!;
    payload += length;
  }
  return {
    layer: 'ipv6',
    start,
    payload,
    end: last,
    trafficClass,
    flowLabel,
    payloadLength,
    hopLimit,
    source,
    destination,
    extensions,
    protocol,
    fragment,
  };
}
