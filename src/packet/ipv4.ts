import { header } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** RFC 791 section 3.1; the second byte as RFC 2474 and RFC 3168 divide it. Options follow up to `headerWords` × 4. */
const HEADER = header(
  ['version', 4],
  ['headerWords', 4],
  ['dscp', 6],
  ['ecn', 2],
  ['totalLength', 16],
  ['identification', 16],
  ['reserved', 1],
  ['dontFragment', 1],
  ['moreFragments', 1],
  ['fragmentUnits', 13],
  ['timeToLive', 8],
  ['protocol', 8],
  ['checksum', 16],
  ['source', 'ipv4'],
  ['destination', 'ipv4'],
);

export interface Ipv4 extends Layer {
  layer: 'ipv4';
  dscp: number;
  ecn: number;
  totalLength: number;
  identification: number;
  dontFragment: boolean;
  moreFragments: boolean;
  /** Bytes. */
  fragmentOffset: number;
  timeToLive: number;
  protocol: number;
  checksum: number;
  source: string;
  destination: string;
  optionBytes: number;
}

export function decodeIpv4(bytes: Uint8Array, start: number, end: number): Ipv4 | Reject {
  if (end <= start) return reject('ipv4', 'short', end);
  if (bytes[start]! >>> 4 !== 4) return reject('ipv4', 'version', start);
  if (end - start < HEADER.bytes) return reject('ipv4', 'short', end);
  const read = HEADER.read(bytes, start);
  const headerBytes = read.headerWords * 4;
  if (headerBytes < HEADER.bytes) return reject('ipv4', 'header_length', start);
  if (start + headerBytes > end) return reject('ipv4', 'short', end);
  // 0 is what a capture shows where the card makes segments of a large packet later (segmentation offload).
  const total = read.totalLength === 0 ? end - start : read.totalLength;
  if (total < headerBytes) return reject('ipv4', 'length', start + 2);
  return {
    layer: 'ipv4',
    start,
    payload: start + headerBytes,
    end: Math.min(end, start + total),
    dscp: read.dscp,
    ecn: read.ecn,
    totalLength: read.totalLength,
    identification: read.identification,
    dontFragment: read.dontFragment === 1,
    moreFragments: read.moreFragments === 1,
    fragmentOffset: read.fragmentUnits * 8,
    timeToLive: read.timeToLive,
    protocol: read.protocol,
    checksum: read.checksum,
    source: read.source,
    destination: read.destination,
    optionBytes: headerBytes - HEADER.bytes,
  };
}
