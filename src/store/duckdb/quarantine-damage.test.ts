import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { commitBatch } from './commit.ts';
import { createCore, newBatch, type Core } from './core.ts';
import { flushFresh, mergeSmall } from './merge.ts';
import { makeFolders, openForWriting } from './open.ts';
import { retryQuarantine } from './retry.ts';
import { collect, FILE_ID, feed, numbersParser, testFolder, testOptions, type TestFolder } from './test-store.ts';

let folder: TestFolder;
let core: Core;
beforeEach(async () => {
  folder = await testFolder();
  core = createCore(testOptions(folder), () => undefined);
  await makeFolders(core);
  await openForWriting(core);
});
afterEach(async () => {
  await core.engine.close();
  await folder.remove();
});

async function commit(lines: string[], position: number): Promise<number> {
  const batch = newBatch(core);
  const fed = feed(batch, lines, position);
  await commitBatch(core, batch);
  return fed.position;
}

/** Ten segments on disk of one event and two refused lines each; returns their quarantine files. */
async function tenOnDisk(): Promise<string[]> {
  let position = 0;
  for (let i = 0; i < 10; i++) {
    position = await commit([`${i} x`, `refused ${i} one`, `refused ${i} two`], position);
    await flushFresh(core);
  }
  return core.catalogue.all('disk').map((e) => e.quarantine_path!);
}

const quarantined = async () =>
  (await collect(core.catalogue.quarantined())).map((l) => l.line?.toString() ?? '').toSorted();
const refused = (...numbers: number[]) => numbers.flatMap((i) => [`refused ${i} one`, `refused ${i} two`]);
const events = () => core.catalogue.all().reduce((n, e) => n + e.rows, 0);

async function garble(path: string): Promise<void> {
  const content = await readFile(path);
  content[20]! ^= 0x5a;
  await writeFile(path, content);
}

test('the quarantine of a segment in memory vanishes: positions fall back, its lines are read again', async () => {
  const first = await commit(['1 a', 'refused 1 one'], 0);
  await commit(['2 b', 'refused 2 one'], first);
  await rm(core.catalogue.all('fresh')[1]!.quarantine_path!);
  await flushFresh(core);
  expect(core.catalogue.records().get(FILE_ID)).toMatchObject({ position: first, lines_quarantined: 1 });
  await commit(['2 b', 'refused 2 one'], first);
  await flushFresh(core);
  expect(events()).toBe(2);
  expect(await quarantined()).toEqual(['refused 1 one', 'refused 2 one']);
});

test('the quarantine of a segment in memory is cut: the same', async () => {
  const first = await commit(['1 a', 'refused 1 one'], 0);
  await commit(['2 b', 'refused 2 one'], first);
  await truncate(core.catalogue.all('fresh')[1]!.quarantine_path!, 30);
  await flushFresh(core);
  expect(core.catalogue.records().get(FILE_ID)?.position).toBe(first);
  expect(await quarantined()).toEqual(['refused 1 one']);
});

test('damaged quarantines on disk cost their own lines, which is told, and no merge stops at them', async () => {
  const paths = await tenOnDisk();
  await garble(paths[1]!);
  await truncate(paths[3]!, 0);
  await rm(paths[5]!);
  for (let tries = 0; tries < 5; tries++) await mergeSmall(core);
  expect(core.catalogue.all('disk')).toHaveLength(1);
  expect(events()).toBe(10);
  expect(await quarantined()).toEqual(refused(0, 2, 4, 6, 7, 8, 9));
  expect(core.catalogue.all()[0]).toMatchObject({ quarantined: 14 });
  expect(core.catalogue.setAsideList.map((s) => s.reason)).toEqual([
    expect.stringContaining('2 of 2 quarantined lines cannot be read'),
    expect.stringContaining('2 of 2 quarantined lines cannot be read'),
    expect.stringMatching(/2 of 2 quarantined lines cannot be read: .*ENOENT/),
  ]);
  // The damaged files are kept, each with its reason.
  const aside = await readdir(join(folder.data, 'set-aside'));
  expect(aside.filter((name) => name.endsWith('.gz'))).toHaveLength(2);
  expect(aside.filter((name) => name.endsWith('.reason.txt'))).toHaveLength(3);
});

test('a retry goes past damage: what is before it and in other files is parsed, what is behind it is told', async () => {
  const position = await commit(['refused 1', 'later 2', 'refused 3'], 0);
  await flushFresh(core);
  // Two members, as after a merge; the second one is cut.
  const [entry] = core.catalogue.all('disk');
  const whole = await readFile(entry!.quarantine_path!);
  await writeFile(entry!.quarantine_path!, Buffer.concat([whole, whole.subarray(0, 40)]));
  await commit(['later 4'], position);
  const parser = {
    ...numbersParser,
    row: (bytes: Buffer, start: number, end: number, row: Parameters<typeof numbersParser.row>[3]) =>
      bytes.toString('latin1', start, start + 5) === 'later'
        ? numbersParser.row(Buffer.from('7 x'), 0, 3, row)
        : numbersParser.row(bytes, start, end, row),
  };
  const parsers = new Map([[parser.id, parser]]);
  expect(await retryQuarantine(core, parsers)).toEqual({ tried: 4, stored: 2 });
  expect(await quarantined()).toEqual(['refused 1', 'refused 3']);
  expect(await retryQuarantine(core, parsers)).toEqual({ tried: 2, stored: 0 });
});

test('a merge that fails for a fault of the engine is tried once more with a new one', async () => {
  await commit(['1 a'], 0);
  const renew = vi.spyOn(core.engine, 'renewIngest');
  vi.spyOn(core.engine, 'ingestConnection').mockRejectedValueOnce(new Error('FATAL Error: Failed: database …'));
  await flushFresh(core);
  expect(renew).toHaveBeenCalledOnce();
  expect(core.catalogue.all()).toMatchObject([{ level: 'disk', rows: 1 }]);
});
