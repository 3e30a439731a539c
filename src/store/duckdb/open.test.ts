import { rename, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitBatch } from './commit.ts';
import { createCore, newBatch, type Core } from './core.ts';
import { flushFresh, mergeSmall } from './merge.ts';
import { makeFolders, openForWriting } from './open.ts';
import { FILE_ID, feed, numberLines, testFolder, testOptions, type TestFolder } from './test-store.ts';

let folder: TestFolder;
const cores: Core[] = [];
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(async () => {
  for (const core of cores.splice(0)) await core.engine.close();
  await folder.remove();
});

/** The writing side without its clockwork: nothing is merged or removed unless asked. */
async function open(): Promise<Core> {
  const core = createCore(testOptions(folder), () => undefined);
  cores.push(core);
  await makeFolders(core);
  await openForWriting(core);
  return core;
}

/** A segment on disk. */
async function segment(core: Core, lines: number, position: number): Promise<number> {
  const batch = newBatch(core);
  const fed = feed(batch, numberLines(1, lines), position);
  await commitBatch(core, batch);
  await flushFresh(core);
  return fed.position;
}

test('a segment whose records cannot be read is set aside, and the ones before it count', async () => {
  const first = await open();
  const position = await segment(first, 5, 0);
  await segment(first, 5, position);
  const { path } = first.catalogue.all('disk')[1]!;
  const connection = await first.engine.ingestConnection();
  const reader = await connection.runAndReadAll(
    "SELECT decode(value) FROM parquet_kv_metadata($path) WHERE decode(key) = 'varde'",
    { path },
  );
  const meta = String(reader.getRows()[0]![0]);
  await connection.run(
    `COPY (SELECT * FROM read_parquet($path)) TO $to (FORMAT parquet, KV_METADATA {varde: $meta, varde_records: 'x'})`,
    { path, to: `${path}.other`, meta },
  );
  await rename(`${path}.other`, path);
  const again = await open();
  expect(again.catalogue.records().get(FILE_ID)).toMatchObject({ position, events_stored: 5 });
  expect(again.catalogue.setAsideList).toMatchObject([{ reason: expect.stringContaining('metadata cannot be read') }]);
});

test('positions that fell back stay so, when the next start comes before anything was written', async () => {
  const first = await open();
  let position = 0;
  for (let i = 0; i < 10; i++) position = await segment(first, 5, position);
  // Too large for that merge, and so the one that says where the file stood then.
  const eleventh = await segment(first, 200, position);
  await segment(first, 200, eleventh);
  // The merge of the ten says what the twelfth said.
  expect(await mergeSmall(first)).toBe(true);
  await truncate(join(folder.data, 'segments', '0000000000000012-0000000000000012.parquet'), 100);
  for (let start = 0; start < 3; start++) {
    const again = await open();
    expect(again.catalogue.records().get(FILE_ID)).toMatchObject({ position: eleventh, events_stored: 250 });
    expect(again.catalogue.all().reduce((n, e) => n + e.rows, 0)).toBe(250);
  }
});
