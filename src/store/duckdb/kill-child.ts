/** For the kill test: what the killed process does, and what must be found after it. */
import { DuckdbStore } from './writer.ts';
import { feed, noQuestions, testOptions } from './test-store.ts';

export const KILL_FILES = ['00000000000000aa', '00000000000000bb', '00000000000000cc'];

/** Line `i` of file `k`: some are refused, some are long; any process can tell them again. */
export function lineOf(k: number, i: number): string {
  if (i % 37 === 5) return `refused ${k} ${i}`;
  return `${1_700_000_000_000_000 + i * 1000 + k} ${'x'.repeat((i * 7919) % 3000)}`;
}

export function isRefused(i: number): boolean {
  return i % 37 === 5;
}

/** Commits without end: small batches, now and then a large one or a flush. Says `open` when it is, `ready` behind the first commit. */
export async function commitForever(folder: { data: string; fresh: string }): Promise<never> {
  const store = new DuckdbStore(
    testOptions({ ...folder, remove: async () => undefined }, { flush_to_disk_secs: 1 }),
    noQuestions,
  );
  await store.open();
  process.stdout.write('open\n');
  // Each life meets the large batch and the flush at another moment.
  const start = Math.floor(Math.random() * 42);
  for (let turn = start; ; turn++) {
    const batch = store.batch();
    for (const [k, id] of KILL_FILES.entries()) {
      const record = store.records().get(id);
      const from = record?.lines_read ?? 0;
      const count = turn % 6 === 4 ? 2000 : 1 + ((turn * 31 + k) % 60);
      const lines = Array.from({ length: count }, (_, n) => lineOf(k, from + n));
      feed(batch, lines, record?.position ?? 0, { id });
    }
    await store.commit(batch);
    if (turn === start) process.stdout.write('ready\n');
    if (turn % 7 === 3) await store.flush();
  }
}
