import { expect, it } from 'vitest';
import { createShared } from './shared.ts';

function lab() {
  let now = 0;
  const open: { signal: AbortSignal; resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const shared = createShared(1000, () => now);
  const ask = (signal = new AbortController().signal, key = 'k') =>
    shared.ask(
      key,
      signal,
      (inner) => new Promise<number>((resolve, reject) => open.push({ signal: inner, resolve, reject })),
    );
  return { ask, open, tick: (ms: number) => (now += ms) };
}

it('asks once for all who wait, and keeps the answer for a moment', async () => {
  const { ask, open, tick } = lab();
  const both = Promise.all([ask(), ask()]);
  open[0]!.resolve(1);
  expect(await both).toEqual([1, 1]);
  tick(999);
  expect(await ask()).toBe(1);
  tick(1);
  const again = ask();
  open[1]!.resolve(2);
  expect(await again).toBe(2);
});

it('cancels only when the last one has gone, and starts anew for who comes then', async () => {
  const { ask, open } = lab();
  const [one, two] = [new AbortController(), new AbortController()];
  const [first, second] = [ask(one.signal), ask(two.signal)];
  one.abort();
  await expect(first).rejects.toMatchObject({ code: 'query_cancelled' });
  expect(open[0]!.signal.aborted).toBe(false);
  two.abort();
  await expect(second).rejects.toMatchObject({ code: 'query_cancelled' });
  expect(open[0]!.signal.aborted).toBe(true);
  const third = ask();
  open[1]!.resolve(3);
  expect(await third).toBe(3);
});

it('keeps no failure', async () => {
  const { ask, open } = lab();
  const failed = ask();
  open[0]!.reject(new Error('no'));
  await expect(failed).rejects.toThrow('no');
  const again = ask();
  open[1]!.resolve(1);
  expect(await again).toBe(1);
});

it('keeps different questions apart', async () => {
  const { ask, open } = lab();
  const both = Promise.all([ask(undefined, 'a'), ask(undefined, 'b')]);
  open[0]!.resolve(1);
  open[1]!.resolve(2);
  expect(await both).toEqual([1, 2]);
});
