import { copyFile, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runOnSegments } from './run-on-segments.ts';
import {
  FILE_ID,
  numberLines,
  openTestStore,
  quarantineOf,
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

/** Three disk segments of ten lines each; returns their paths and where the file stood behind each. */
async function threeSegments(): Promise<{ paths: string[]; positions: number[] }> {
  const target = await openTestStore(folder);
  const positions: number[] = [];
  let position = 0;
  for (const from of [100, 200, 300]) {
    position = await store(target, [...numberLines(from, 10), `refused ${from}`], position);
    positions.push(position);
    await target.flush();
  }
  await target.close();
  return { paths: await segmentPaths(), positions };
}

async function segmentPaths(): Promise<string[]> {
  const names = await readdir(join(folder.data, 'segments'));
  return names
    .filter((n) => n.endsWith('.parquet'))
    .toSorted()
    .map((n) => join(folder.data, 'segments', n));
}

const times = async (target: DuckdbStore) => (await rowsOf(target)).map((r) => r.ts);
const asideNames = async () => (await readdir(join(folder.data, 'set-aside'))).toSorted();

async function garble(path: string, at: (size: number) => number, bytes: number): Promise<void> {
  const content = await readFile(path);
  const from = at(content.length);
  for (let i = from; i < from + bytes; i++) content[i] = (content[i] as number) ^ 0x5a;
  await writeFile(path, content);
}

const damages: [string, (path: string) => Promise<void>][] = [
  ['empty', (path) => truncate(path, 0)],
  ['truncated', async (path) => truncate(path, Math.floor((await readFile(path)).length / 2))],
  ['of garbage in its footer', (path) => garble(path, (size) => size - 200, 100)],
  ['another file', (path) => writeFile(path, 'this is no segment')],
];

for (const [name, damage] of damages) {
  test(`a segment that is ${name} is set aside at the start, the others are intact`, async () => {
    const { paths, positions } = await threeSegments();
    await damage(paths[0] as string);
    const target = await openTestStore(folder);
    expect(await times(target)).toEqual(
      [...numberLines(200, 10), ...numberLines(300, 10)].map((l) => Number.parseInt(l, 10)),
    );
    expect(target.status().set_aside).toHaveLength(1);
    expect(target.records().get(FILE_ID)?.position).toBe(positions[2]);
    // Its quarantine went with it.
    expect(await asideNames()).toEqual([
      '0000000000000001-0000000000000001.parquet',
      '0000000000000001-0000000000000001.parquet.reason.txt',
      '0000000000000001-0000000000000001.q1.ndjson.gz',
    ]);
    expect(await quarantineOf(target)).toEqual(['refused 300', 'refused 200']);
    await target.close();
  });
}

test('when the newest segment is damaged, positions fall back and its lines are read again', async () => {
  const { paths, positions } = await threeSegments();
  await truncate(paths[2] as string, 100);
  const target = await openTestStore(folder);
  expect(target.records().get(FILE_ID)).toMatchObject({
    position: positions[1],
    events_stored: 20,
    lines_quarantined: 2,
  });
  await store(target, [...numberLines(300, 10), 'refused 300'], positions[1]);
  expect(await times(target)).toHaveLength(30);
  await target.close();
  const again = await openTestStore(folder);
  expect(again.status()).toMatchObject({ events: 30, quarantined: 3 });
  expect(again.status().set_aside).toHaveLength(1);
  await again.close();
});

test('garbage in a data page is found by the question that meets it, which is answered from the others', async () => {
  const { paths } = await threeSegments();
  await garble(paths[1] as string, () => 10, 200);
  const target = await openTestStore(folder);
  const context = target.questionContext();
  const segments = context.catalogue.segments({ from: null, to: null });
  expect(segments).toHaveLength(3);
  const count = await runOnSegments(context, segments, undefined, async (connection, left) => {
    let rows = 0;
    for (const { path } of left) {
      const reader = await connection.runAndReadAll('SELECT count(original), min(ts) FROM read_parquet($path) t', {
        path,
      });
      await connection.runAndReadAll('SELECT * FROM read_parquet($path)', { path });
      rows += Number(reader.getRows()[0]?.[0]);
    }
    return rows;
  });
  expect(count).toBe(20);
  expect(target.status().set_aside).toHaveLength(1);
  expect(context.catalogue.segments({ from: null, to: null })).toHaveLength(2);
  await target.close();
});

test('a merge that meets a damaged segment sets it aside and goes on with the others', async () => {
  const target = await openTestStore(folder);
  let position = 0;
  for (const from of [100, 200, 300]) position = await store(target, numberLines(from, 10), position);
  const [, second] = (await readdir(folder.fresh)).filter((n) => n.endsWith('.parquet')).toSorted();
  await garble(join(folder.fresh, second as string), () => 10, 200);
  await target.flush();
  expect(await times(target)).toEqual(
    [...numberLines(100, 10), ...numberLines(300, 10)].map((l) => Number.parseInt(l, 10)),
  );
  expect(target.status()).toMatchObject({ segments: { fresh: 0, disk: 1 } });
  expect(target.status().set_aside).toHaveLength(1);
  await target.close();
});

test('fresh segments that vanish from memory: positions fall back, what was begun before is refused', async () => {
  const target = await openTestStore(folder);
  const first = await store(target, numberLines(100, 10));
  const second = await store(target, numberLines(200, 10), first);
  await store(target, numberLines(300, 10), second);
  const begun = target.batch();
  const [, name] = (await readdir(folder.fresh)).filter((n) => n.endsWith('.parquet')).toSorted();
  await rm(join(folder.fresh, name as string));
  await target.flush();
  expect(target.records().get(FILE_ID)).toMatchObject({ position: first, events_stored: 10 });
  await expect(target.commit(begun)).rejects.toMatchObject({ code: 'store_failed' });
  // The sources deliver again from there.
  await store(target, numberLines(200, 20), first);
  expect(await times(target)).toHaveLength(30);
  await target.close();
});

test('the whole fresh folder is removed under a running store', async () => {
  const target = await openTestStore(folder);
  const first = await store(target, numberLines(100, 10));
  await target.flush();
  await store(target, numberLines(200, 10), first);
  await rm(folder.fresh, { recursive: true });
  const batch = target.batch();
  batch.reject({
    source: 's',
    parser: 'p',
    path: '/x',
    file_id: FILE_ID,
    offset: 1,
    length: 1,
    code: 'not_json',
    detail: '',
    time: 1,
    line: null,
  });
  await expect(target.commit(batch)).rejects.toMatchObject({ code: 'store_failed' });
  expect(target.records().get(FILE_ID)?.position).toBe(first);
  await store(target, numberLines(200, 10), first);
  expect(target.status()).toMatchObject({ events: 20, segments: { fresh: 1, disk: 1 } });
  await target.close();
});

test('both the inputs and the output of a merge are there after a crash: nothing is doubled', async () => {
  const target = await openTestStore(folder);
  let position = await store(target, [...numberLines(100, 10), 'refused 1']);
  position = await store(target, [...numberLines(200, 10), 'refused 2'], position);
  const kept = await readdir(folder.fresh);
  for (const name of kept) await copyFile(join(folder.fresh, name), join(folder.data, name));
  await target.close();
  for (const name of kept) await copyFile(join(folder.data, name), join(folder.fresh, name));
  await writeFile(join(folder.data, 'segments', '0000000000000009-0000000000000009.parquet.tmp'), 'half');
  await writeFile(join(folder.data, 'segments', '0000000000000009-0000000000000009.q1.ndjson.gz'), 'without a segment');
  const reader = await openTestStore(folder, { read_only: true });
  expect(reader.status()).toMatchObject({ events: 20, quarantined: 2, segments: { fresh: 0, disk: 1 } });
  await reader.close();
  const again = await openTestStore(folder);
  expect(again.status()).toMatchObject({ events: 20, quarantined: 2, segments: { fresh: 0, disk: 1 } });
  expect(await readdir(folder.fresh)).toEqual([]);
  const left = (await readdir(join(folder.data, 'segments'))).map((name) => name.slice(name.indexOf('.'))).toSorted();
  expect(left).toEqual(['.keys', '.parquet', '.q2.ndjson.gz']);
  expect(again.records().get(FILE_ID)?.position).toBe(position);
  await again.close();
});

test('power lost after any step: rows and positions on the disk agree with each other', async () => {
  const target = await openTestStore(folder);
  const cut: TestFolder = { data: `${folder.data}-cut`, fresh: `${folder.fresh}-cut`, remove: async () => undefined };
  let position = 0;
  for (const step of ['small', 'small', 'large', 'small', 'flush', 'small', 'large', 'large', 'small']) {
    if (step === 'flush') await target.flush();
    else
      position = await store(
        target,
        step === 'small' ? ['1 a', '2 b'] : numberLines(1, 9, 'x'.repeat(1024 * 1024)),
        position,
      );
    // What the disk holds at this moment, and nothing of the memory.
    await cp(folder.data, cut.data, { recursive: true });
    const after = await openTestStore(cut, { read_only: true });
    const record = after.records().get(FILE_ID);
    let expected = 0;
    for (const row of await rowsOf(after)) {
      expect(row.file_offset, step).toBe(expected);
      expected += row.line.length + 1;
    }
    expect(record?.position ?? 0, step).toBe(expected);
    expect(record?.events_stored ?? 0, step).toBe(after.status().events);
    await after.close();
    await rm(cut.data, { recursive: true });
  }
  await target.close();
}, 60_000);

test('a read-only store goes on answering while the owner merges and removes', async () => {
  const owner = await openTestStore(folder, { max_bytes: 1 });
  let position = 0;
  for (const from of [100, 200, 300]) position = await store(owner, numberLines(from, 10), position);
  const reader = await openTestStore(folder, { read_only: true });
  await owner.flush();
  await owner.retain();
  expect(owner.status().events).toBe(0);
  expect(await times(reader)).toHaveLength(30);
  await expect(reader.flush()).rejects.toMatchObject({ code: 'internal' });
  await reader.close();
  await owner.close();
});
