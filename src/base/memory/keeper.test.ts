import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryKeeper, type MemoryMeans } from './keeper.ts';

const MIB = 1024 * 1024;

describe('the memory keeper', () => {
  let done: string[];
  let clock: { now: number; cpu: number; used: number };
  /** Milliseconds that a collection takes, and what it leaves. */
  let sweeping: { takes: number; leaves: number };
  let keeper: MemoryKeeper;

  beforeEach(() => {
    done = [];
    clock = { now: 0, cpu: 0, used: 30 * MIB };
    sweeping = { takes: 20, leaves: 30 * MIB };
    const means: MemoryMeans = {
      now: () => clock.now,
      cpu: () => clock.cpu,
      used: () => clock.used,
      room: (size) => void done.push(size),
      collect: async () => void done.push('collect'),
      sweep() {
        done.push('sweep');
        clock.now += sweeping.takes;
        clock.used = sweeping.leaves;
      },
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
    expect(done).toEqual(['small']);
    expect(await live(1, 1.5)).toEqual([]);
    expect(await live(12, 0.1)).toEqual(['small', 'collect']);
  });

  it('holds nothing back while there is much to do', async () => {
    await live(12, 0.1);
    expect(await live(60, 1)).toEqual(['large']);
    expect(await live(5, 0.1)).toEqual([]);
    expect(await live(6, 0.1)).toEqual(['small', 'collect']);
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
    expect(await live(1, 0.9)).not.toContain('large');
  });

  it('does not hold back who is in between from the start', async () => {
    expect(await live(30, 0.42)).toEqual(['large']);
  });

  it('sweeps only where what is used has grown; compiled code is kept', async () => {
    await live(12, 0.1);
    expect(await live(600, 0.1)).not.toContain('sweep');
    clock.used += 11 * MIB;
    expect(await live(60, 0.1)).not.toContain('sweep');
    clock.used += 2 * MIB;
    expect(await live(1, 0.1)).toContain('sweep');
    // A large heap may grow by more.
    sweeping.leaves = 200 * MIB;
    clock.used = 245 * MIB;
    await live(10, 0.1);
    clock.used = 245 * MIB;
    expect(await live(60, 0.1)).not.toContain('sweep');
    clock.used = 255 * MIB;
    expect(await live(1, 0.1)).toContain('sweep');
    expect(done).not.toContain('collect');
  });

  it('measures growth from the least since, whoever collected', async () => {
    await live(12, 0.1);
    clock.used = 20 * MIB;
    await live(1, 0.1);
    clock.used = 33 * MIB;
    expect(await live(1, 0.1)).toContain('sweep');
  });

  it('sweeps for a hundredth of the time at most', async () => {
    sweeping.takes = 300;
    await live(12, 0.1);
    let swept = 0;
    for (let i = 0; i < 300; i++) {
      clock.used = 50 * MIB;
      swept += (await live(1, 0.1)).filter((what) => what === 'sweep').length;
    }
    expect(swept).toBe(10);
  });
});
