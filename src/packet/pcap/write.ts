/**
 * Writing pcap (https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcap.html), little endian.
 *
 *     file header    magic u32 | major u16 | minor u16 | reserved u32 | reserved u32 | snap length u32 | link type u32
 *     packet record  seconds u32 | micro- or nanoseconds u32 | captured length u32 | original length u32 | data
 */
export const PCAP_MAGIC = { MICROSECONDS: 0xa1b2c3d4, NANOSECONDS: 0xa1b23c4d } as const;
export const GLOBAL_HEADER_BYTES = 24;
export const RECORD_HEADER_BYTES = 16;
/** What tcpdump calls unlimited (MAXIMUM_SNAPLEN of libpcap): readers refuse more. */
export const MAX_SNAP_LENGTH = 262_144;

/** The 24 bytes at the start of a file. `nano`: records carry nanoseconds. */
export function globalHeader(linkType: number, nano: boolean): Buffer {
  const out = Buffer.alloc(GLOBAL_HEADER_BYTES);
  out.writeUInt32LE(nano ? PCAP_MAGIC.NANOSECONDS : PCAP_MAGIC.MICROSECONDS, 0);
  out.writeUInt16LE(2, 4);
  out.writeUInt16LE(4, 6);
  out.writeUInt32LE(MAX_SNAP_LENGTH, 16);
  out.writeUInt32LE(linkType, 20);
  return out;
}

/**
 * Writes the 16 bytes before a packet into `into` from `at` on, without an allocation. `fraction`: micro- or nanoseconds, as the file's header
 * says. Numbers are taken modulo 2^32, so this never throws.
 */
export function recordHeader(
  into: Uint8Array,
  at: number,
  seconds: number,
  fraction: number,
  capturedLength: number,
  originalLength: number,
): void {
  writeU32(into, at, seconds);
  writeU32(into, at + 4, fraction);
  writeU32(into, at + 8, capturedLength);
  writeU32(into, at + 12, originalLength);
}

function writeU32(into: Uint8Array, at: number, value: number): void {
  into[at] = value;
  into[at + 1] = value >>> 8;
  into[at + 2] = value >>> 16;
  into[at + 3] = value >>> 24;
}
