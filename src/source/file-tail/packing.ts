/** How the bytes of a file are packed; told by its first bytes, never by its name. */
export type Packing = 'plain' | 'gzip' | 'zstd';

/** RFC 1952 section 2.3.1 (ID1, ID2, CM = deflate). */
const GZIP = [0x1f, 0x8b, 0x08];
/** RFC 8878 section 3.1.1. */
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/**
 * The packing of a file that begins with `head`; null while too little is there to tell. RFC 8878's skippable frames (0x184D2A5?) may come
 * first in a zstd file.
 */
export function packingOf(head: Buffer): Packing | null {
  if (head.length === 0) return null;
  if (startsLike(head, GZIP)) return head.length >= GZIP.length ? 'gzip' : null;
  const first = head[0]!;
  const zstd = first >= 0x50 && first <= 0x5f ? [first, 0x2a, 0x4d, 0x18] : ZSTD;
  if (startsLike(head, zstd)) return head.length >= zstd.length ? 'zstd' : null;
  return 'plain';
}

function startsLike(head: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => index >= head.length || head[index] === byte);
}
