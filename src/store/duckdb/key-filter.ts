/**
 * Which keys a segment holds, as a split-block Bloom filter (Putze, Sanders, Singler 2007; the form that Parquet uses): "no" is certain, "yes"
 * is wrong for about one key in two hundred. A question reads one block of 32 bytes of it instead of the whole column.
 */
export type KeyKind = 'flow' | 'community';

/** A key as two halves of 32 bits. */
export interface Key {
  kind: KeyKind;
  high: number;
  low: number;
}

export const BLOCK_BYTES = 32;
const LANES = 8;
const BITS_PER_KEY = 12;
/** Odd constants, one per lane (Parquet's). */
const SALTS = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31] as const;
const KINDS: Record<KeyKind, number> = { flow: 0x9e3779b9, community: 0x7f4a7c15 };

/** A Suricata flow id: any unsigned number of 64 bits. */
export function flowKey(id: bigint): Key {
  return { kind: 'flow', high: Number(id >> 32n), low: Number(id & 0xffffffffn) };
}

/** The start of a community id, as the column `community_key` has it. */
export function communityKey(key: number): Key {
  return { kind: 'community', high: 0, low: key };
}

/** Blocks that a filter for so many different keys has. */
export function blocksFor(keys: number): number {
  return Math.max(1, Math.ceil((keys * BITS_PER_KEY) / (BLOCK_BYTES * 8)));
}

/** @param words all blocks of a filter, eight words each */
export function addKey(words: Uint32Array, { kind, high, low }: Key): void {
  const hash = hashOf(kind, high, low);
  const at = blockOf(hash, words.length / LANES) * LANES;
  const bits = scramble(hash ^ high);
  for (let lane = 0; lane < LANES; lane++) words[at + lane]! |= 1 << (Math.imul(bits, SALTS[lane]!) >>> 27);
}

/** Which block of a filter of that many would hold the key. */
export function keyBlock({ kind, high, low }: Key, blocks: number): number {
  return blockOf(hashOf(kind, high, low), blocks);
}

/** @param block the one that {@link keyBlock} names */
export function mayHoldKey(block: Uint32Array, { kind, high, low }: Key): boolean {
  const bits = scramble(hashOf(kind, high, low) ^ high);
  for (let lane = 0; lane < LANES; lane++)
    if ((block[lane]! & (1 << (Math.imul(bits, SALTS[lane]!) >>> 27))) === 0) return false;
  return true;
}

function hashOf(kind: KeyKind, high: number, low: number): number {
  return scramble(scramble(low ^ KINDS[kind]) ^ Math.imul(high, 0x85ebca6b) ^ (high >>> 13));
}

/** The finalizer of MurmurHash3. */
function scramble(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The hash's place among so many blocks, by multiplication instead of division. */
function blockOf(hash: number, blocks: number): number {
  return Math.floor((hash / 0x1_0000_0000) * blocks);
}
