import { array, assert, boolean, integer, property, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { Gaps } from './gaps.ts';

/** The same with a set: runs of numbers that follow each other. */
function runs(numbers: ReadonlySet<number>): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const seq of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last?.to === seq - 1) last.to = seq;
    else found.push({ from: seq, to: seq });
  }
  return found;
}

it('holds what is missing as ranges', () => {
  // Each step is the next number (missing or not), and one that may have come after all.
  assert(
    property(array(tuple(boolean(), integer({ min: 1, max: 36 })), { maxLength: 36 }), (steps) => {
      const gaps = new Gaps();
      const missing = new Set<number>();
      steps.forEach(([isMissing, late], i) => {
        if (isMissing) {
          gaps.add(i + 1);
          missing.add(i + 1);
        }
        if (late <= i) {
          gaps.remove(late);
          missing.delete(late);
        }
        expect(gaps.list()).toEqual(runs(missing));
      });
      const again = new Gaps();
      again.restore(JSON.parse(JSON.stringify(gaps.list())));
      expect(again.list()).toEqual(gaps.list());
    }),
  );
});

it('holds the newest twenty', () => {
  const gaps = new Gaps();
  for (let seq = 1; seq < 100; seq += 2) gaps.add(seq);
  expect(gaps.list()).toHaveLength(20);
  expect(gaps.list()[0]).toEqual({ from: 61, to: 61 });
  gaps.clear();
  gaps.add(10);
  gaps.add(11);
  gaps.add(12);
  for (let seq = 20; seq < 57; seq += 2) gaps.add(seq);
  gaps.remove(11);
  expect(gaps.list()).toHaveLength(20);
  expect(gaps.list()[0]).toEqual({ from: 12, to: 12 });
});
