import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SpareBuffers } from './spare-buffers.ts';

describe('spare buffers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are used again while batches follow each other, and let go at rest', () => {
    const quiet = vi.fn();
    const spare = new SpareBuffers(quiet);
    const large = Buffer.alloc(1024 * 1024);
    spare.giveBack(large);
    vi.advanceTimersByTime(2900);
    expect(spare.take()).toBe(large);
    spare.giveBack(large);
    vi.advanceTimersByTime(2900);
    expect(quiet).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(quiet).toHaveBeenCalledTimes(1);
    expect(spare.take()).not.toBe(large);
  });

  it('of very long lines are not kept', () => {
    const spare = new SpareBuffers(() => undefined);
    const huge = Buffer.allocUnsafeSlow(49 * 1024 * 1024);
    spare.giveBack(huge);
    expect(spare.take()).not.toBe(huge);
  });
});
