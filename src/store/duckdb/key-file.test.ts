import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileRecord } from '../../event/position.ts';
import { newRow } from '../../event/row.ts';
import { PARSERS } from '../../parse/parsers.ts';
import type { Batch, Store } from '../store.ts';
import { createDuckdbStore } from './duckdb-store.ts';
import { holding } from './key-file.ts';
import { flowKey } from './key-filter.ts';
import { fileRecord, testFolder, type TestFolder, testOptions } from './test-store.ts';
import type { DuckdbStore } from './writer.ts';

const ID = 'c'.repeat(16);
const ALL = { from: null, to: null };
const EVE = PARSERS.get('suricata-eve')!;
const ROUNDS = 4;

let folder: TestFolder;
let store: Store;
beforeEach(async () => {
  folder = await testFolder();
  await open();
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

async function open(): Promise<void> {
  store = createDuckdbStore(testOptions(folder));
  await store.open();
}

/** Adds a line to a batch. @returns where the next one begins */
function put(batch: Batch, record: FileRecord, line: Buffer, position: number): number {
  const row = newRow();
  expect(EVE.row(line, 0, line.length, row)).toBeNull();
  batch.add(record, EVE, row, line, 0, line.length, position);
  return position + line.length + 1;
}

/** A segment on disk for each round, with 50 flows of its own and one that is in all of them. */
async function fill(): Promise<void> {
  let position = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const batch = store.batch();
    const record = { ...fileRecord(ID), parser: EVE.id };
    for (let i = 0; i < 51; i++) {
      const line = Buffer.from(
        JSON.stringify({
          timestamp: new Date(Date.UTC(2026, 10, 24, round, 0, i)).toISOString(),
          event_type: 'flow',
          flow_id: i === 50 ? 7 : 1_000_000 + round * 1000 + i,
          src_ip: '10.0.0.1',
          src_port: i === 50 ? 7 : 1000 + round * 100 + i,
          dest_ip: '10.0.0.2',
          dest_port: 443,
          proto: 'TCP',
        }),
      );
      position = put(batch, record, line, position);
    }
    batch.advance({ ...record, position });
    await store.commit(batch);
    await store.flush();
  }
}

const segments = () => (store as DuckdbStore).questionContext().catalogue.segments(ALL);
const filesOf = (suffix: string) =>
  readdirSync(join(folder.data, 'segments'))
    .filter((name) => name.endsWith(suffix))
    .toSorted()
    .map((name) => join(folder.data, 'segments', name));

async function answers(): Promise<unknown> {
  const questions = store.questions();
  const list = await questions.list('flow_id:1002003', ALL, { columns: ['flow_id'], limit: 10 });
  const common = await questions.list('flow_id:7', ALL, { columns: ['@timestamp'], limit: 10 });
  const { flow, community } = await questions
    .neighbours(
      { file_id: ID, offset: Number(common.rows[0]!.id.split('-')[1]), ts: Number(common.rows[0]!['@timestamp']) },
      10,
    )
    .catch(() => ({ flow: [], community: [] }));
  return {
    list: list.rows.map((row) => row['flow_id']),
    common: common.rows.length,
    none: await questions.count('flow_id:99 AND event_type:flow', ALL),
    either: await questions.count('flow_id:1000001 OR flow_id:1003001', ALL),
    not: await questions.count('NOT flow_id:7', ALL),
    flow: flow.length,
    community: community.length,
  };
}

describe('keys beside segments', () => {
  it('leave out the segments that lack a flow, and no answer changes without them', async () => {
    await fill();
    expect(segments()).toHaveLength(ROUNDS);
    expect(holding(segments(), [flowKey(1_002_003n)])).toHaveLength(1);
    expect(holding(segments(), [flowKey(7n)])).toHaveLength(ROUNDS);
    expect(holding(segments(), [flowKey(99n)])).toHaveLength(0);
    const before = await answers();
    expect(before).toMatchObject({ list: [1002003], common: ROUNDS, none: 0, either: 2, not: ROUNDS * 50 });
    await store.close();
    for (const path of filesOf('.keys')) rmSync(path);
    await open();
    expect(holding(segments(), [flowKey(99n)])).toHaveLength(ROUNDS);
    expect(await answers()).toEqual(before);
  });

  it('know every flow id that there can be, and nothing where no row has one', async () => {
    const ids = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
    let position = 0;
    for (const id of [...ids, null]) {
      const batch = store.batch();
      const record = { ...fileRecord(ID), parser: EVE.id };
      const flow = id === null ? '' : `"flow_id":${id},`;
      const line = Buffer.from(
        `{"timestamp":"2026-11-24T00:00:00.000000+0000",${flow}"event_type":"stats","stats":{}}`,
      );
      position = put(batch, record, line, position);
      batch.advance({ ...record, position });
      await store.commit(batch);
      await store.flush();
    }
    expect(filesOf('.keys')).toHaveLength(ids.length + 1);
    for (const id of ids) {
      expect(holding(segments(), [flowKey(id)]).length, String(id)).toBeGreaterThanOrEqual(1);
      expect(await store.questions().count(`flow_id:${id}`, ALL), String(id)).toBe(1);
      const { rows } = await store.questions().list(`flow_id:${id}`, ALL, { columns: ['flow_id'], limit: 9 });
      expect(rows.map((row) => String(row['flow_id']))).toEqual([String(id)]);
    }
    const without = segments().filter((s) => ids.every((id) => !holding([s], [flowKey(id)]).includes(s)));
    expect(without).toHaveLength(1);
    expect(await store.questions().count('NOT flow_id:*', ALL)).toBe(1);
  });

  it('are not believed where they are damaged, cut, or of another segment', async () => {
    await fill();
    await store.close();
    const [first, second, third, last] = filesOf('.keys') as [string, string, string, string];
    const bytes = readFileSync(first);
    bytes.fill(0, 40);
    writeFileSync(first, bytes);
    writeFileSync(second, readFileSync(second).subarray(0, 30));
    copyFileSync(last, third);
    await open();
    expect(holding(segments(), [flowKey(1_000_001n)])).toHaveLength(3);
    expect(await store.questions().count('flow_id:1000001', ALL)).toBe(1);
    expect(await store.questions().count('flow_id:1002001', ALL)).toBe(1);
  });

  it('go with their segments: by merge, by retention, and when a segment is not there', async () => {
    await fill();
    await store.close();
    writeFileSync(join(folder.data, 'segments', '0000000000009999-0000000000009999.keys'), 'orphan');
    store = createDuckdbStore({ ...testOptions(folder), max_bytes: 1 });
    await store.open();
    expect(filesOf('.keys')).toHaveLength(ROUNDS);
    await store.retain();
    expect(filesOf('.keys').length).toBe(filesOf('.parquet').length - 1);
  });
});
