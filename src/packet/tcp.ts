import { header, readU16, readU32 } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** RFC 9293 section 3.1. */
const HEADER = header(
  ['sourcePort', 16],
  ['destinationPort', 16],
  ['sequence', 32],
  ['acknowledgment', 32],
  ['dataOffset', 4],
  ['reserved', 4],
  // FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.
  ['flags', 8],
  ['window', 16],
  ['checksum', 16],
  ['urgentPointer', 16],
);

/** https://www.iana.org/assignments/tcp-parameters: kinds without a length, and those that are read, with the length they must have. */
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = { kind: 2, length: 4 } as const;
const WINDOW_SCALE = { kind: 3, length: 3 } as const;
const SACK_PERMITTED = { kind: 4, length: 2 } as const;
const TIMESTAMPS = { kind: 8, length: 10 } as const;

export interface TcpOptions {
  maximumSegmentSize?: number;
  windowScale?: number;
  sackPermitted?: true;
  timestamp?: { value: number; echo: number };
}

export interface Tcp extends Layer {
  layer: 'tcp';
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  flags: number;
  window: number;
  checksum: number;
  urgentPointer: number;
  /** Those that could be read: an option that is cut ends the list. */
  options: TcpOptions;
}

export function decodeTcp(bytes: Uint8Array, start: number, end: number): Tcp | Reject {
  if (end - start < HEADER.bytes) return reject('tcp', 'short', end);
  const { dataOffset, reserved: _, ...read } = HEADER.read(bytes, start);
  const headerBytes = dataOffset * 4;
  if (headerBytes < HEADER.bytes) return reject('tcp', 'header_length', start + 12);
  if (headerBytes > end - start) return reject('tcp', 'short', end);
  const payload = start + headerBytes;
  return { layer: 'tcp', start, payload, end, ...read, options: readOptions(bytes, start + HEADER.bytes, payload) };
}

function readOptions(bytes: Uint8Array, start: number, end: number): TcpOptions {
  const options: TcpOptions = {};
  for (let at = start; at < end;) {
    const kind = bytes[at]!;
    if (kind === END_OF_OPTIONS) break;
    if (kind === NO_OPERATION) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || length > end - at) break;
    const is = (option: { kind: number; length: number }): boolean => kind === option.kind && length === option.length;
    if (is(MAXIMUM_SEGMENT_SIZE)) options.maximumSegmentSize = readU16(bytes, at + 2);
    else if (is(WINDOW_SCALE)) options.windowScale = bytes[at + 2]!;
    else if (is(SACK_PERMITTED)) options.sackPermitted = true;
    else if (is(TIMESTAMPS)) options.timestamp = { value: readU32(bytes, at + 2), echo: readU32(bytes, at + 6) };
    at += length;
  }
  return options;
}
