import { expect, it } from 'vitest';
import { keepLargeBuffers, shareArenas, trimMemory } from './malloc.ts';

it('takes what it is told, with any C library and more than once', async () => {
  for (let round = 0; round < 2; round++) {
    await shareArenas();
    await keepLargeBuffers(true);
    await keepLargeBuffers(false);
    expect(await trimMemory()).toBeUndefined();
  }
});
