import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { SeqState } from './seq-state.ts';

function file(): string {
  const made = mkdtempSync(join(tmpdir(), 'varde-seq-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return join(made, 'seq.json');
}

async function opened(path: string): Promise<{ state: SeqState; warnings: unknown[] }> {
  const warnings: unknown[] = [];
  const state = new SeqState(path, (error) => warnings.push(error));
  await state.open(['icmp', 'udp'].map((kind) => ({ path: 'lan', kind, intervalSecs: 10 })));
  onTestFinished(() => state.close());
  return { state, warnings };
}

const take = (state: SeqState, count: number, kind = 'icmp', interval = 10): number[] =>
  Array.from({ length: count }, () => state.chain('lan', kind, interval)());

it('counts from one, each chain by itself, and goes on exactly after a clean stop', async () => {
  const path = file();
  const first = await opened(path);
  expect(take(first.state, 3)).toEqual([1, 2, 3]);
  expect(take(first.state, 2, 'udp')).toEqual([1, 2]);
  await first.state.close();
  const second = await opened(path);
  expect(take(second.state, 1)).toEqual([4]);
  await second.state.close();
  const third = await opened(path);
  expect(take(third.state, 1, 'udp')).toEqual([3]);
  expect(take(third.state, 1)).toEqual([5]);
  expect([...first.warnings, ...second.warnings, ...third.warnings]).toEqual([]);
});

it('gives no number twice after a crash, and leaves out few', async () => {
  const path = file();
  const running = await opened(path);
  const used: number[] = [];
  const numbers = (): [string, number][] =>
    (JSON.parse(readFileSync(path, 'utf8')) as { next: [string, number][] }).next;
  // Before the first is given it is reserved already.
  expect(numbers()[0]?.[1]).toBeGreaterThan(1);
  for (let i = 0; i < 51; i++) {
    used.push(...take(running.state, 1));
    const reserved = (): void => {
      expect(numbers()[0]?.[1]).toBeGreaterThan(used.at(-1)!);
      // At most a minute's worth, for an interval of ten seconds.
      expect(numbers()[0]?.[1]).toBeLessThanOrEqual(used.at(-1)! + 1 + 6);
    };
    await vi.waitFor(reserved, { timeout: 20_000 });
  }
  expect(used).toEqual(Array.from({ length: 51 }, (_, i) => i + 1));
});

it('reserves again what was used up while it was being written', async () => {
  const path = file();
  const { state } = await opened(path);
  // All at once: every number falls into the time of one save.
  const used = take(state, 40);
  const kept = (): number => (JSON.parse(readFileSync(path, 'utf8')) as { next: [string, number][] }).next[0]![1];
  await vi.waitFor(() => expect(kept()).toBeGreaterThan(used.at(-1)!), { timeout: 20_000 });
});

it('lets no second process in, and lets it in when the first has gone', async () => {
  const path = file();
  const { state } = await opened(path);
  // flock(1) is another process.
  const held = (): number | null => spawnSync('flock', ['-n', `${path}.lock`, 'true']).status;
  expect(held()).toBe(1);
  await expect(new SeqState(path, () => undefined).open([])).rejects.toMatchObject({ code: 'probe_locked' });
  await state.close();
  expect(held()).toBe(0);
});

it('goes on behind what was reserved when the process was killed', async () => {
  const path = file();
  const { state } = await opened(path);
  const last = take(state, 2).at(-1)!;
  const crashed = readFileSync(path);
  await state.close();
  writeFileSync(path, crashed);
  const [next] = take((await opened(path)).state, 1);
  expect(next).toBeGreaterThan(last);
  expect(next).toBeLessThan(last + 10);
});

it('counts on without a file that can be written, and says so', async () => {
  const path = file();
  mkdirSync(path);
  const { state, warnings } = await opened(path);
  expect(take(state, 3)).toEqual([1, 2, 3]);
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(0));
});

it.each([
  '',
  '{',
  'null',
  '[]',
  '{"version":2,"next":[]}',
  '{"version":1,"next":[["lan icmp",-1],["lan icmp","x"],7,["__proto__",5]]}',
])('begins anew behind a file that is not its own: %s', async (text) => {
  const path = file();
  writeFileSync(path, text);
  expect(take((await opened(path)).state, 2)).toEqual([1, 2]);
});
