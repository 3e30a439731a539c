import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALL_COLUMNS } from '../../event/columns.ts';
import { Engine } from './engine.ts';
import { deflateSync } from 'node:zlib';
import type { SegmentMeta } from './segment-meta.ts';
import { segmentName, segmentStem } from './segment-name.ts';
import {
  FILE_ID,
  fileRecord,
  numberLines,
  openTestStore,
  rowsOf,
  store,
  testFolder,
  testOptions,
  type TestFolder,
} from './test-store.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => folder.remove());

/** With the records in it. */
const earlierMeta = (meta: SegmentMeta) => deflateSync(JSON.stringify(meta)).toString('base64');

/** A segment as an older Varde wrote it: without the last event columns, and one that is narrower than today. */
async function oldSegment(commit: number): Promise<void> {
  const engine = new Engine(testOptions(folder));
  const gone = new Set(['user_name', 'file_sha256', 'file_size']);
  const columns = ALL_COLUMNS.filter((c) => !gone.has(c.name)).map((c) => {
    if (c.name === 'ts') return '(100 + i)::BIGINT AS ts';
    if (c.name === 'file_id') return `'${FILE_ID}' AS file_id`;
    if (c.name === 'file_offset') return 'i::UBIGINT AS file_offset';
    if (c.name === 'original') return "'old ' || i AS original";
    if (c.name === 'source_port') return '7::UTINYINT AS source_port';
    return `NULL::${c.type} AS ${c.name}`;
  });
  const meta = earlierMeta({
    schema_version: 0,
    from: commit,
    to: commit,
    after: commit - 1,
    durable: commit,
    rows: 5,
    raw_bytes: 25,
    min_ts: 100,
    max_ts: 104,
    max_ingested: 1,
    files: [{ file_id: FILE_ID, min_offset: 0, max_offset: 4, rows: 5 }],
    quarantined: 0,
    records: [{ commit, record: { ...fileRecord(FILE_ID, 5), events_stored: 5, lines_read: 5 } }],
    resolves: [],
    removed_events: 0,
  });
  const connection = await engine.ingestConnection();
  await connection.run(
    `COPY (SELECT ${columns.join(', ')} FROM range(5) t(i)) TO $path (FORMAT parquet, KV_METADATA {varde: $meta})`,
    { path: join(folder.data, 'segments', segmentName(segmentStem(commit, commit))), meta },
  );
  await engine.close();
}

test('segments of an older schema are read, and merged into the shape of today', async () => {
  await (await openTestStore(folder)).close();
  await oldSegment(1);
  const target = await openTestStore(folder);
  expect((await rowsOf(target)).map((r) => r.line)).toEqual(['old 0', 'old 1', 'old 2', 'old 3', 'old 4']);
  let position = target.records().get(FILE_ID)?.position ?? -1;
  expect(position).toBe(5);
  // Ten small neighbours on disk are merged after the next commit.
  for (let i = 0; i < 10; i++) {
    position = await store(target, numberLines(1000 + i * 10, 3), position);
    await target.flush();
  }
  position = await store(target, ['5000 last'], position);
  await target.close();
  const again = await openTestStore(folder);
  const segments = again.questionContext().catalogue.segments({ from: null, to: null });
  const merged = segments.find((s) => s.min_ts === 100);
  expect(merged?.rows).toBeGreaterThan(30);
  expect(merged?.schema_version).toBe(again.status().schema_version);
  const described = await again.questionContext().engine.withQuestionConnection(undefined, async (connection) => {
    const reader = await connection.runAndReadAll('DESCRIBE SELECT * FROM read_parquet($path)', {
      path: merged?.path ?? '',
    });
    return reader.getRows().map(([name, type]) => `${String(name)} ${String(type)}`);
  });
  expect(described).toEqual(ALL_COLUMNS.map((c) => `${c.name} ${c.type}`));
  expect(again.status().events).toBe(36);
  expect(again.records().get(FILE_ID)).toMatchObject({ position, events_stored: 36 });
  await again.close();
});
