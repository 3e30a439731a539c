/**
 * pcapng (https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcapng.html): blocks of
 *
 *     type u32 | total length u32 | body, padded to 32 bits | total length u32
 *
 * in the byte order that the section header's magic shows.
 */
export const BLOCK = {
  /** The same in both byte orders. */
  SECTION_HEADER: 0x0a0d0d0a,
  INTERFACE_DESCRIPTION: 1,
  /** Obsolete, but still found. */
  PACKET: 2,
  SIMPLE_PACKET: 3,
  ENHANCED_PACKET: 6,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type and the two lengths. */
export const BLOCK_FRAME_BYTES = 12;

/** Options: code u16, length u16, value padded to 32 bits; ended by code 0. */
export const OPTION = {
  END: 0,
  COMMENT: 1,
  /** In a section header: hardware 2, operating system 3, application 4. */
  SHB_USERAPPL: 4,
  IF_NAME: 2,
  IF_DESCRIPTION: 3,
  /** u8: most significant bit 0: 10^-n seconds, 1: 2^-n. Without it microseconds. */
  IF_TSRESOL: 9,
  /** i64: seconds to add to each time stamp. */
  IF_TSOFFSET: 14,
} as const;

/** To 32 bits. */
export function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}
