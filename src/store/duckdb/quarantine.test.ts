import * as fc from 'fast-check';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { COLUMN_INDEX } from '../../event/columns.ts';
import { newRow } from '../../event/row.ts';
import type { Parser } from '../../parse/parser.ts';
import type { QuarantinedLine } from '../store.ts';
import { packQuarantine, readQuarantine } from './quarantine-file.ts';
import { readQuarantineNewestFirst } from './quarantine-newest.ts';
import {
  collect,
  FILE_ID,
  fileRecord,
  numberLines,
  numbersParser,
  openTestStore,
  quarantineOf,
  rowsOf,
  store,
  testFolder,
  type TestFolder,
} from './test-store.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await testFolder();
});
afterEach(() => folder.remove());

const segmentFiles = async () => (await readdir(join(folder.data, 'segments'))).toSorted();

/** An update of the parser that also understands `later TS`. */
const newer: Parser = {
  ...numbersParser,
  version: 2,
  row(bytes, start, end, row) {
    const match = /^later (\d+)$/.exec(bytes.toString('latin1', start, end));
    if (match === null) return numbersParser.row(bytes, start, end, row);
    row[COLUMN_INDEX.ts] = Number(match[1]);
    return null;
  },
};
const NEWER = new Map([[newer.id, newer]]);

test('any line is kept byte for byte', async () => {
  const file = join(folder.data, 'x.gz');
  const anyLine = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: 'binary' }).map((s) => Buffer.from(s)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.option(anyLine), fc.string({ unit: 'binary' })), { minLength: 1 }),
      async (given) => {
        const lines = given.map(([line, text], i): QuarantinedLine => ({
          source: text,
          parser: 'numbers',
          path: text,
          file_id: FILE_ID,
          offset: i,
          length: line?.length ?? 99,
          code: 'not_json',
          detail: text,
          time: 5,
          line: line === null ? null : Buffer.from(line),
        }));
        await writeFile(file, await packQuarantine(lines));
        expect(await collect(readQuarantine(file))).toEqual(lines);
        expect(await collect(readQuarantineNewestFirst(file))).toEqual(lines.toReversed());
      },
    ),
    { numRuns: 100, interruptAfterTimeLimit: 4000 },
  );
});

const refusedLine = (offset: number, line: Buffer): QuarantinedLine => ({
  source: 's',
  parser: 'numbers',
  path: '/x',
  file_id: FILE_ID,
  offset,
  length: line.length,
  code: 'not_json',
  detail: '',
  time: 5,
  line,
});

test('a file of many members is read from its end, also where packed bytes look like the start of one', async () => {
  const file = join(folder.data, 'x.gz');
  const few = (from: number) => [0, 1, 2].map((i) => refusedLine(from + i, Buffer.from(`line ${from + i}`)));
  const parts = [few(0), few(3), few(6)];
  const members = await Promise.all(parts.map(packQuarantine));
  // The extra field of a gzip header (RFC 1952) is the way to put any bytes into a member that is whole.
  const second = members[1]!;
  const fake = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff]);
  const extra = Buffer.from([fake.length, 0, ...fake]);
  const odd = Buffer.concat([
    second.subarray(0, 3),
    Buffer.from([4]),
    second.subarray(4, 10),
    extra,
    second.subarray(10),
  ]);
  // Its own start is not one of ours, so it is only found together with the member before it.
  await writeFile(file, Buffer.concat([members[0]!, odd, members[2]!]));
  const offsets = (await collect(readQuarantineNewestFirst(file))).map(({ offset }) => offset);
  expect(offsets).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
  const big = Array.from({ length: 120 }, (_, i) => refusedLine(i, Buffer.alloc(100_000, 0x61)));
  await writeFile(file, await packQuarantine(big));
  expect((await collect(readQuarantineNewestFirst(file))).map(({ offset }) => offset)).toEqual(
    big.map(({ offset }) => offset).toReversed(),
  );
  await writeFile(file, (await packQuarantine(big)).subarray(0, -9));
  await expect(collect(readQuarantineNewestFirst(file))).rejects.toThrow();
});

test('retry makes events of what parses now, and leaves the rest where it is', async () => {
  const target = await openTestStore(folder);
  let position = await store(target, ['1 a', 'later 5', 'never', '2 b']);
  await target.flush();
  position = await store(target, ['later 6', 'later 7'], position);
  expect(await target.retryQuarantine(NEWER)).toEqual({ tried: 4, stored: 3 });
  expect((await rowsOf(target)).map((r) => r.line)).toEqual(['1 a', 'later 5', '2 b', 'later 6', 'later 7']);
  expect(await quarantineOf(target)).toEqual(['never']);
  expect(target.records().get(FILE_ID)).toMatchObject({
    position,
    lines_read: 6,
    events_stored: 5,
    lines_quarantined: 1,
  });
  expect(target.status()).toMatchObject({ events: 5, quarantined: 1 });
  expect(await target.retryQuarantine(NEWER)).toEqual({ tried: 1, stored: 0 });
  await target.close();
  const again = await openTestStore(folder);
  expect(again.status()).toMatchObject({ events: 5, quarantined: 1 });
  expect(again.records().get(FILE_ID)).toMatchObject({ events_stored: 5, lines_quarantined: 1 });
  expect(await quarantineOf(again)).toEqual(['never']);
  await again.close();
});

test('killed between the commit of a retry and the rewriting of the quarantine: the next start finishes it', async () => {
  const target = await openTestStore(folder);
  await store(target, ['later 5', 'never', 'later 6']);
  await target.flush();
  const [, old] = await segmentFiles();
  expect(old).toMatch(/\.q3\.ndjson\.gz$/);
  const before = await readFile(join(folder.data, 'segments', old as string));
  await target.retryQuarantine(NEWER);
  // As a crash would have left it: the new events are there, and the quarantine is the old one.
  const crashed = await testFolder();
  await cp(folder.data, crashed.data, { recursive: true });
  await cp(folder.fresh, crashed.fresh, { recursive: true });
  await target.close();
  const inCrashed = join(crashed.data, 'segments');
  for (const name of await readdir(inCrashed)) if (name.includes('.q1.')) await rm(join(inCrashed, name));
  await writeFile(join(inCrashed, old as string), before);
  const again = await openTestStore(crashed);
  expect(again.status()).toMatchObject({ events: 2, quarantined: 1 });
  expect(await quarantineOf(again)).toEqual(['never']);
  expect(await again.retryQuarantine(NEWER)).toEqual({ tried: 1, stored: 0 });
  await again.close();
  await crashed.remove();
});

test('killed while the quarantine was being rewritten: of two files the shorter one counts', async () => {
  const target = await openTestStore(folder);
  await store(target, ['later 5', 'never']);
  await target.flush();
  const old = (await segmentFiles()).find((n) => n.includes('.q2.')) as string;
  const before = await packQuarantine(await collect(readQuarantine(join(folder.data, 'segments', old))));
  await target.retryQuarantine(NEWER);
  await target.close();
  await writeFile(join(folder.data, 'segments', old), before);
  const again = await openTestStore(folder);
  expect(again.status().quarantined).toBe(1);
  expect((await segmentFiles()).filter((n) => n.includes('.q'))).toHaveLength(1);
  await again.close();
});

test('a row that does not fit its columns goes to the quarantine with its line, and the counters follow', async () => {
  const target = await openTestStore(folder);
  const batch = target.batch();
  const file = fileRecord(FILE_ID);
  const row = newRow();
  row[COLUMN_INDEX.ts] = 1;
  row[COLUMN_INDEX.source_port] = 70_000;
  batch.add(file, numbersParser, row, Buffer.from('odd'), 0, 3, 0);
  row[COLUMN_INDEX.source_port] = 7;
  batch.add(file, numbersParser, row, Buffer.from('good'), 0, 4, 4);
  // The pipeline planned both as stored.
  batch.advance({ ...file, position: 9, lines_read: 2, events_stored: 2 });
  const commit = await target.commit(batch);
  expect(commit).toMatchObject({
    rows: 1,
    quarantined: 1,
    records: [{ lines_read: 2, events_stored: 1, lines_quarantined: 1 }],
  });
  const [line] = await collect(target.questionContext().catalogue.quarantined());
  expect(line).toMatchObject({ code: 'store_refused', offset: 0, line: Buffer.from('odd') });
  expect(line?.detail).toMatch(/source_port/);
  await target.close();
});

test('a row that only the engine refuses is found by halving; the others are stored', async () => {
  const target = await openTestStore(folder);
  const batch = target.batch();
  const lines = numberLines(1, 300);
  const file = fileRecord(FILE_ID);
  const row = newRow();
  for (const [i, line] of lines.entries()) {
    row[COLUMN_INDEX.ts] = i + 1;
    batch.add(file, numbersParser, row, Buffer.from(line), 0, line.length, i);
  }
  // Two staged rows whose time is no number any more: what a defect of the encoder would be.
  const { encoder } = batch as unknown as { encoder: { buffer: Buffer; starts: Uint32Array } };
  for (const i of [17, 200]) encoder.buffer[encoder.starts[i] as number] = 0x78;
  batch.advance({ ...file, position: 300 });
  expect(await target.commit(batch)).toMatchObject({ rows: 298, quarantined: 2 });
  const refused = await collect(target.questionContext().catalogue.quarantined());
  expect(refused.map((l) => [l.offset, l.code, l.line?.toString()])).toEqual([
    [200, 'store_refused', lines[200]],
    [17, 'store_refused', lines[17]],
  ]);
  expect(target.records().get(FILE_ID)).toMatchObject({ events_stored: 298, lines_quarantined: 2, lines_read: 300 });
  const rows = await rowsOf(target);
  expect(rows.map((r) => r.file_offset)).toEqual(lines.map((_, i) => i).filter((i) => i !== 17 && i !== 200));
  await target.close();
});
