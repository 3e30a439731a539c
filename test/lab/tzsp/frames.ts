/** Frames of which each is told from every other by its bytes. */

/** Ethernet of an experimental EtherType (IEEE 802 local experimental 1), numbered. @param size of the frame, at least 18 */
export function numbered(number: number, size = 64): Buffer {
  const frame = Buffer.alloc(size, number & 0xff);
  Buffer.from('02000000000a02000000000b88b5', 'hex').copy(frame);
  frame.writeUInt32BE(number >>> 0, 14);
  return frame;
}

export interface Udp4 {
  from: string;
  to: string;
  fromPort?: number;
  toPort: number;
  payload: Uint8Array;
  identification?: number;
  /** TPID of each tag, outermost first. */
  tags?: readonly number[];
  destination?: string;
}

const MACS = Buffer.from('02000000000a02000000000b', 'hex');

/** Ethernet, IPv4 and UDP with right checksums of IP and none of UDP (RFC 768 lets that be 0). */
export function udp4(of: Udp4): Buffer {
  const udp = Buffer.alloc(8 + of.payload.length);
  udp.writeUInt16BE(of.fromPort ?? 40_000, 0);
  udp.writeUInt16BE(of.toPort, 2);
  udp.writeUInt16BE(udp.length, 4);
  udp.set(of.payload, 8);
  const packet = ipv4({ ...of, protocol: 17, payload: udp });
  const tags = (of.tags ?? []).map((tpid) => Buffer.of(tpid >> 8, tpid & 255, 0, 42));
  const macs = Buffer.from(MACS);
  if (of.destination !== undefined) Buffer.from(of.destination.replaceAll(':', ''), 'hex').copy(macs);
  return Buffer.concat([macs, ...tags, Buffer.of(8, 0), packet]);
}

export interface Ipv4 {
  from: string;
  to: string;
  protocol: number;
  payload: Uint8Array;
  identification?: number;
  /** In bytes; a multiple of 8. */
  fragmentOffset?: number;
  moreFragments?: boolean;
}

/** One packet (RFC 791). */
export function ipv4(of: Ipv4): Buffer {
  const packet = Buffer.alloc(20 + of.payload.length);
  packet[0] = 0x45;
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt16BE(of.identification ?? 0, 4);
  packet.writeUInt16BE((of.moreFragments === true ? 0x2000 : 0) | ((of.fragmentOffset ?? 0) >> 3), 6);
  packet[8] = 64;
  packet[9] = of.protocol;
  Buffer.from(of.from.split('.').map(Number)).copy(packet, 12);
  Buffer.from(of.to.split('.').map(Number)).copy(packet, 16);
  packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10);
  packet.set(of.payload, 20);
  return packet;
}

/** The Internet checksum (RFC 1071). */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
