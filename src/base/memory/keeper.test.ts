import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryKeeper, type MemoryMeans } from './keeper.ts';

const MIB = 1024 * 1024;

describe('the memory keeper', () => {
  let done: string[];
  let clock: { now: number; cpu: number; resident: number };
  let keeper: MemoryKeeper;

  beforeEach(() => {
    done = [];
    clock = { now: 0, cpu: 0, resident: 200 * MIB };
    const means: MemoryMeans = {
      now: () => clock.now,
      cpu: () => clock.cpu,
      resident: () => clock.resident,
      growYoung: (factor) => void done.push(`grow ${factor}`),
      collect: async () => void done.push('collect'),
      trim: async () => void done.push('trim'),
    };
    keeper = new MemoryKeeper(means);
  });

  const live = async (secs: number, share: number): Promise<string[]> => {
    done.length = 0;
    for (let i = 0; i < secs; i++) {
      clock.now += 1000;
      clock.cpu += 1000 * share;
      await keeper.look();
    }
    return [...done];
  };

  it('lets nothing grow at the start, and clears up after it', async () => {
    expect(done).toEqual(['grow 1']);
    expect(await live(1, 1.5)).toEqual([]);
    expect(await live(12, 0.1)).toEqual(['grow 1', 'collect']);
  });

  it('holds nothing back while there is much to do, and only trims while there is little', async () => {
    await live(12, 0.1);
    expect(await live(60, 1)).toEqual(['grow 2']);
    expect(await live(5, 0.1)).toEqual([]);
    expect(await live(1, 0.4)).toEqual([]);
    expect(await live(11, 0.1)).toEqual(['grow 1', 'collect']);
    expect(await live(61, 0.1)).toEqual(['trim', 'trim']);
  });

  it('collects again only where memory has grown', async () => {
    await live(12, 0.1);
    expect(await live(600, 0.1)).not.toContain('collect');
    clock.resident += 20 * MIB;
    expect(await live(5, 0.1)).toEqual(['collect']);
    clock.resident += 20 * MIB;
    expect(await live(290, 0.1)).not.toContain('collect');
    expect(await live(20, 0.1)).toContain('collect');
  });

  it('is not disturbed by a single busy moment', async () => {
    await live(12, 0.1);
    await live(1, 0.9);
    expect(done).toEqual([]);
  });
});
