import { describe, expect, it } from 'vitest';
import { DuplicateTable } from './duplicates.ts';

describe('duplicates', () => {
  const frame = (text: string): Buffer => Buffer.from(`xx${text}yy`);
  const seen = (table: DuplicateTable, text: string, now: number): boolean =>
    table.seen(1, frame(text), 2, frame(text).length - 2, now);

  it('are the same bytes within the window, and nothing else', () => {
    const table = new DuplicateTable(100);
    expect(seen(table, 'one', 1000)).toBe(false);
    expect(seen(table, 'one', 1100)).toBe(true);
    expect(seen(table, 'onf', 1100)).toBe(false);
    expect(seen(table, 'on', 1100)).toBe(false);
    expect(seen(table, 'one', 1101)).toBe(false);
  });

  it('are of one router: what another sends is none', () => {
    const table = new DuplicateTable(100);
    const bytes = Buffer.from('the same');
    const turns = [1, 2, 2, 1, 3].map((router) => table.seen(router, bytes, 0, bytes.length, 1));
    expect(turns).toEqual([false, false, true, true, false]);
  });

  it('count from the frame that was let through: a dropped one does not lengthen the window', () => {
    const table = new DuplicateTable(100);
    expect([0, 90, 150, 240].map((now) => seen(table, 'same', now))).toEqual([false, true, false, true]);
  });

  it('are forgotten rather than guessed when the ring has gone round', () => {
    const table = new DuplicateTable(1000, 4096, 64);
    const big = Buffer.alloc(1500, 7);
    expect(table.seen(1, big, 0, big.length, 0)).toBe(false);
    for (let i = 0; i < 8; i++) {
      const other = Buffer.alloc(1500, i + 20);
      expect(table.seen(1, other, 0, other.length, 1)).toBe(false);
    }
    expect(table.seen(1, big, 0, big.length, 2)).toBe(false);
    expect(table.seen(1, big, 0, big.length, 3)).toBe(true);
  });

  it('of frames larger than the ring are let through', () => {
    const table = new DuplicateTable(1000, 1024, 64);
    const huge = Buffer.alloc(2000, 1);
    expect(table.seen(1, huge, 0, huge.length, 0)).toBe(false);
    expect(table.seen(1, huge, 0, huge.length, 1)).toBe(false);
  });
});
