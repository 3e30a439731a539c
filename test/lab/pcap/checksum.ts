import { cat, u16, u32 } from './bytes.ts';

/** The Internet checksum (RFC 1071) over `bytes`, an odd last byte padded with zero. */
export function internetChecksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  if (bytes.length % 2 === 1) sum += bytes[bytes.length - 1]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** The checksum of a TCP, UDP or ICMPv6 segment with its pseudo header (RFC 793, RFC 8200 section 8.1). */
export function transportChecksum(source: Buffer, destination: Buffer, protocol: number, segment: Buffer): number {
  const pseudo =
    source.length === 4
      ? cat(source, destination, 0, protocol, u16(segment.length))
      : cat(source, destination, u32(segment.length), 0, 0, 0, protocol);
  return internetChecksum(cat(pseudo, segment));
}

/** CRC-16 as DNP3 has it on every block (polynomial 0x3D65, reflected, inverted; IEEE 1815 section 9). */
export function dnp3Crc(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa6bc : crc >>> 1;
  }
  return ~crc & 0xffff;
}
