import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SpareBuffers } from './spare-buffers.ts';

describe('spare buffers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are used again while batches follow each other, and let go at rest', () => {
    const spare = new SpareBuffers();
    const large = Buffer.alloc(1024 * 1024);
    spare.giveBack(large, large.length / 2);
    vi.advanceTimersByTime(2900);
    expect(spare.take()).toBe(large);
    spare.giveBack(large, large.length / 2);
    vi.advanceTimersByTime(2900);
    expect(spare.take()).toBe(large);
    spare.giveBack(large, large.length / 2);
    vi.advanceTimersByTime(3100);
    expect(spare.take()).not.toBe(large);
  });

  it('of a flood are not kept by the small batches after it', () => {
    const spare = new SpareBuffers();
    const large = Buffer.alloc(16 * 1024 * 1024);
    spare.giveBack(large, 100_000);
    const small = spare.take();
    expect(small.length).toBeLessThan(1024 * 1024);
    spare.giveBack(small, 100);
    expect(spare.take()).toBe(small);
  });

  it('of a flood are not kept behind the small one of the batch that followed it', () => {
    const spare = new SpareBuffers();
    const large = spare.take();
    const small = spare.take();
    spare.giveBack(Buffer.alloc(16 * 1024 * 1024), 16 * 1024 * 1024);
    spare.giveBack(small, 100);
    let most = large.length;
    for (let i = 0; i < 3; i++) {
      const buffer = spare.take();
      most = buffer.length;
      spare.giveBack(buffer, 100);
    }
    expect(most).toBeLessThan(1024 * 1024);
    expect([spare.take(), spare.take()].every(({ length }) => length < 1024 * 1024)).toBe(true);
  });

  it('of very long lines are not kept', () => {
    const spare = new SpareBuffers();
    const huge = Buffer.allocUnsafeSlow(49 * 1024 * 1024);
    spare.giveBack(huge, huge.length);
    expect(spare.take()).not.toBe(huge);
  });
});
