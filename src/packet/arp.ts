import { formatIpv4 } from '../event/ip.ts';
import { header, macText, readU32 } from './fields.ts';
import { type Layer, reject, type Reject } from './layer.ts';

/** RFC 826. Four addresses of the given lengths follow: hardware and protocol of the sender, hardware and protocol of the target. */
const HEADER = header(
  ['hardware', 16],
  ['protocol', 16],
  ['hardwareLength', 8],
  ['protocolLength', 8],
  ['operation', 16],
);

export interface Arp extends Layer {
  layer: 'arp';
  /** 1: Ethernet. */
  hardware: number;
  /** An EtherType. */
  protocol: number;
  /** 1 request, 2 reply. */
  operation: number;
  /** MAC or IPv4 address where the length is that of one, else hexadecimal. */
  senderHardware: string;
  senderProtocol: string;
  targetHardware: string;
  targetProtocol: string;
}

export function decodeArp(bytes: Uint8Array, start: number, end: number): Arp | Reject {
  if (end - start < HEADER.bytes) return reject('arp', 'short', end);
  const { hardware, protocol, hardwareLength, protocolLength, operation } = HEADER.read(bytes, start);
  let at = start + HEADER.bytes;
  const payload = at + 2 * (hardwareLength + protocolLength);
  if (payload > end) return reject('arp', 'short', end);
  const next = (length: number): string => {
    const from = at;
    at += length;
    return addressText(bytes, from, length);
  };
  return {
    layer: 'arp',
    start,
    payload,
    end: payload,
    hardware,
    protocol,
    operation,
    senderHardware: next(hardwareLength),
    senderProtocol: next(protocolLength),
    targetHardware: next(hardwareLength),
    targetProtocol: next(protocolLength),
  };
}

function addressText(bytes: Uint8Array, at: number, length: number): string {
  if (length === 6) return macText(bytes, at);
  if (length === 4) return formatIpv4(readU32(bytes, at));
  return Buffer.from(bytes.subarray(at, at + length)).toString('hex');
}
