import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addKey, BLOCK_BYTES, blocksFor, communityKey, flowKey, type Key, keyBlock, mayHoldKey } from './key-filter.ts';

const WORDS = BLOCK_BYTES / 4;

function filterOf(keys: readonly Key[]): (key: Key) => boolean {
  const blocks = blocksFor(keys.length);
  const words = new Uint32Array(blocks * WORDS);
  for (const key of keys) addKey(words, key);
  return (key) => {
    const at = keyBlock(key, blocks) * WORDS;
    return mayHoldKey(words.subarray(at, at + WORDS), key);
  };
}

describe('key filter', () => {
  it('never denies a key that was added', () => {
    const key = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(flowKey),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(communityKey),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 300 }), (keys) => {
        const mayHold = filterOf(keys);
        expect(keys.every(mayHold)).toBe(true);
      }),
    );
  });

  it('takes few others for its own, also where keys are neighbours', () => {
    const mayHold = filterOf(Array.from({ length: 20_000 }, (_, i) => flowKey(BigInt(i * 3))));
    let wrong = 0;
    for (let i = 0; i < 20_000; i++) wrong += mayHold(flowKey(BigInt(i * 3 + 1))) ? 1 : 0;
    for (let i = 0; i < 20_000; i++) wrong += mayHold(flowKey(BigInt(i) << 32n)) && i > 0 ? 1 : 0;
    for (let i = 0; i < 20_000; i++) wrong += mayHold(communityKey(i * 3)) ? 1 : 0;
    expect(wrong / 60_000).toBeLessThan(0.02);
  });
});
