import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { damaged } from './damaged.ts';
import type { Engine } from './engine.ts';
import { runOnSegments } from './run-on-segments.ts';
import type { Segment } from './segments.ts';
import {
  FILE_ID,
  fileRecord,
  numberLines,
  numbersParser,
  openTestStore,
  rowsOf,
  store,
  testFolder,
  type TestFolder,
} from './test-store.ts';
import type { DuckdbStore } from './writer.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => folder.remove());

async function clean(): Promise<void> {
  for (const name of await readdir(folder.fresh)) await rm(join(folder.fresh, name));
}

/** As the page asks: reads every segment, and sets aside what cannot be read. */
function ask(target: DuckdbStore): Promise<number> {
  const context = target.questionContext();
  const segments = context.catalogue.segments({ from: null, to: null });
  return runOnSegments(context, segments, undefined, async (connection, left) => {
    for (const { path } of left) await connection.runAndReadAll('SELECT * FROM read_parquet($path)', { path });
    return left.length;
  });
}

for (const then of ['a flush', 'a commit']) {
  test(`segments vanish from memory and a question is the first to notice; then ${then}: positions fall back`, async () => {
    const target = await openTestStore(folder);
    const first = await store(target, numberLines(100, 10));
    await target.flush();
    const { epoch } = target;
    // One segment, as a trickle leaves it: no other one betrays that memory was lost.
    const position = await store(target, numberLines(200, 20), first);
    await clean();
    const begun = target.batch();
    const asked = ask(target);
    if (then === 'a flush') {
      expect(await asked).toBe(1);
      await target.flush();
    } else {
      await vi.waitFor(() => expect(target.status().events).toBeLessThan(30));
      begun.advance(fileRecord(FILE_ID, position));
      await expect(target.commit(begun)).rejects.toMatchObject({ code: 'store_failed' });
      await asked;
    }
    await vi.waitFor(() => expect(target.records().get(FILE_ID)).toMatchObject({ position: first, events_stored: 10 }));
    expect(target.epoch).toBeGreaterThan(epoch);
    await target.flush();
    // The sources deliver again from there.
    await store(target, numberLines(200, 20), first);
    expect((await rowsOf(target)).map((r) => r.ts)).toHaveLength(30);
    await target.close();
    const again = await openTestStore(folder);
    expect(again.status().events).toBe(30);
    await again.close();
  });
}

test('memory is lost after a retry: what left the quarantine is on the disk', async () => {
  const target = await openTestStore(folder);
  await store(target, ['later 5', 'never', '1 a']);
  await target.flush();
  const newer = {
    ...numbersParser,
    row: (bytes: Buffer, start: number, end: number, row: Parameters<typeof numbersParser.row>[3]) => {
      const text = bytes.toString('latin1', start, end);
      if (!text.startsWith('later ')) return numbersParser.row(bytes, start, end, row);
      const line = Buffer.from(`${text.slice(6)} x`);
      return numbersParser.row(line, 0, line.length, row);
    },
  };
  expect(await target.retryQuarantine(new Map([['numbers', newer]]))).toEqual({ tried: 2, stored: 1 });
  await clean();
  await target.close();
  const again = await openTestStore(folder);
  expect(again.status()).toMatchObject({ events: 2, quarantined: 1 });
  await again.close();
});

test('too many open files are no damage: nothing is set aside for it', async () => {
  const engine = {
    withQuestionConnection: () =>
      Promise.reject(new Error('IO Error: Cannot open file "/data/1.parquet": Too many open files')),
  };
  expect(await damaged(engine as unknown as Engine, [{ path: '/data/1.parquet', rows: 1 } as Segment])).toEqual([]);
});
