import { expect, it } from 'vitest';
import { RecordEnds } from './record-ends.ts';

it('knows which records have gone out whole, however long it goes on', () => {
  const ends = new RecordEnds();
  let end = 0;
  for (let turn = 0; turn < 5; turn++) {
    const from = end;
    for (let i = 0; i < 50_000; i++) ends.add((end += 20));
    expect(ends.pass(from + 39)).toBe(1);
    expect(ends.pass(from + 40)).toBe(1);
    expect(ends.pass(from + 40)).toBe(0);
    expect(ends.count).toBe(49_998);
    if (turn % 2 === 0) expect(ends.pass(end)).toBe(49_998);
    else ends.clear();
    expect(ends.count).toBe(0);
  }
});
