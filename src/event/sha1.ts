/**
 * SHA-1 (RFC 3174) of a message of at most 55 bytes, that is one block. `node:crypto` needs about ten times as long for so short an
 * input, and every event that lacks a community id needs one hash at ingest. Not for security.
 */

// Fixed scratch space: this module is synchronous, nothing of it outlives a call.
const schedule = new Int32Array(80);

/** The digest of the last call to {@link sha1Block}: five 32-bit words. */
export const digest = new Int32Array(5);

/**
 * Hashes the block whose first 16 words are `words` (big-endian bytes; padding and length, see {@link padded}, are already in them). The
 * result is left in {@link digest}.
 */
export function sha1Block(words: Int32Array): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = words[i]!;
  for (let i = 16; i < 80; i++) {
    const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
    w[i] = (x << 1) | (x >>> 31);
  }
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  let e = 0xc3d2e1f0 | 0;
  let i = 0;
  for (; i < 20; i++) {
    const t = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + 0x5a827999 + w[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (; i < 40; i++) {
    const t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + w[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (; i < 60; i++) {
    const t = (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + e + (0x8f1bbcdc | 0) + w[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (; i < 80; i++) {
    const t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + (0xca62c1d6 | 0) + w[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  digest[0] = (a + 0x67452301) | 0;
  digest[1] = (b + (0xefcdab89 | 0)) | 0;
  digest[2] = (c + (0x98badcfe | 0)) | 0;
  digest[3] = (d + 0x10325476) | 0;
  digest[4] = (e + (0xc3d2e1f0 | 0)) | 0;
}
