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
      sweep: () => void done.push('sweep'),
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

  it('holds nothing back while there is much to do', async () => {
    await live(12, 0.1);
    expect(await live(60, 1)).toEqual(['grow 2']);
    expect(await live(5, 0.1)).toEqual([]);
    expect(await live(6, 0.1)).toEqual(['grow 1', 'collect']);
  });

  it('gives back what was freed while there is little to do', async () => {
    await live(12, 0.1);
    expect(await live(30, 0.1)).toEqual(Array.from({ length: 6 }, () => 'trim'));
    expect(await live(30, 0.4)).toEqual(Array.from({ length: 6 }, () => 'trim'));
  });

  it('goes by the mean: who is busy in every other moment is neither calm nor held back', async () => {
    for (let i = 0; i < 30; i++) {
      await live(1, 0.8);
      expect(done).not.toContain('collect');
      await live(1, 0.1);
      expect(done).not.toContain('collect');
    }
    await live(12, 0.1);
    expect(await live(1, 0.9)).not.toContain('grow 2');
  });

  it('does not hold back who is in between from the start', async () => {
    expect(await live(30, 0.42)).toEqual(['grow 2']);
  });

  it('sweeps only where memory has grown, and no more than once a minute; compiled code is kept', async () => {
    await live(12, 0.1);
    expect(await live(600, 0.1)).not.toContain('sweep');
    clock.resident += 30 * MIB;
    expect(await live(6, 0.1)).toContain('sweep');
    expect(await live(50, 0.1)).not.toContain('sweep');
    expect(await live(20, 0.1)).toContain('sweep');
    expect(done).not.toContain('collect');
  });

  it('goes on where its size cannot be told', async () => {
    clock.resident = Number.NaN;
    await live(12, 0.1);
    expect(await live(300, 0.1)).not.toContain('sweep');
  });
});
