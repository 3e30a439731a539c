import { getHeapSpaceStatistics } from 'node:v8';
import { expect, it } from 'vitest';
import { collectGarbage } from './collect.ts';

const MIB = 1024 * 1024;

const size = (name: string): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === name)!.physical_space_size;

it('collects what is garbage, shrinks the room for new objects, and can do so again', async () => {
  for (let round = 0; round < 3; round++) {
    let kept: { text: string }[] = [];
    for (let i = 0; i < 1_000_000; i++) kept[i % 200_000] = { text: `text ${i}` };
    expect(size('new_space')).toBeGreaterThan(8 * MIB);
    kept = [];
    await collectGarbage();
    expect(size('new_space')).toBeLessThan(4 * MIB);
    expect(kept).toEqual([]);
  }
});

it('may be asked for twice at once', async () => {
  await Promise.all([collectGarbage(), collectGarbage()]);
});
