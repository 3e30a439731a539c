import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRow } from '../../../event/row.ts';
import { PARSERS } from '../../../parse/parsers.ts';
import type { Store } from '../../store.ts';
import { createDuckdbStore } from '../duckdb-store.ts';
import { type TestFolder, fileRecord, testFolder, testOptions } from '../test-store.ts';

const ALL = { from: null, to: null };
const ID = 'a'.repeat(16);
const EVE = PARSERS.get('suricata-eve')!;

let folder: TestFolder;
let store: Store;
let position: number;
beforeEach(async () => {
  folder = await testFolder();
  store = createDuckdbStore(testOptions(folder));
  await store.open();
  position = 0;
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

/** Commits `count` events of one type, a second apart, from the given second of the day on. */
async function commit(type: string, second: number, count: number, port = (i: number): number => i): Promise<void> {
  const batch = store.batch();
  const record = { ...fileRecord(ID), parser: EVE.id };
  for (let i = 0; i < count; i++) {
    const time = new Date(Date.UTC(2026, 10, 24) + (second + i) * 1000).toISOString();
    const line = Buffer.from(
      JSON.stringify({
        timestamp: time,
        event_type: type,
        src_ip: `10.0.0.${i % 5}`,
        src_port: port(i),
        tx: { n: i, noise: Math.sin(position + i) },
      }),
    );
    const row = newRow();
    expect(EVE.row(line, 0, line.length, row)).toBeNull();
    batch.add(record, EVE, row, line, 0, line.length, position);
    position += line.length + 1;
  }
  batch.advance({ ...record, position });
  await store.commit(batch);
}

describe('kept sums', () => {
  it('stay right while little is added to many groups', async () => {
    const counted = new Map<number, number>();
    const add = async (second: number, count: number, port: (i: number) => number): Promise<void> => {
      await commit('flow', second, count, port);
      await store.flush();
      for (let i = 0; i < count; i++) counted.set(port(i), (counted.get(port(i)) ?? 0) + 1);
    };
    await add(0, 300, (i) => 1000 + i);
    for (let round = 1; round <= 12; round++) {
      // Of what is added, some ports are new, one is always the same, and some come again.
      await add(round * 1000, 12, (i) => (i < 4 ? 7 : i < 8 ? 1000 + round * 5 + i : 5000 + round * 20 + i));
      const { values, distinct, with_field } = await store.questions().top('*', ALL, 'source.port', 1000);
      expect(new Map(values.map(({ value, count }) => [value, count]))).toEqual(counted);
      expect(distinct).toBe(counted.size);
      expect(with_field).toBe(300 + round * 12);
      expect(values[0]).toEqual({ value: 7, count: round * 4 });
    }
    expect((await store.questions().top('*', ALL, 'source.port', 1)).values).toEqual([{ value: 7, count: 48 }]);
  });

  it('follow what is committed, merged and asked for another range', async () => {
    let dns = 0;
    for (let round = 0; round < 4; round++) {
      await commit('dns', round * 1000, 50);
      dns += 50;
      await commit('tls', round * 1000 + 20, 10);
      if (round % 2 === 1) await store.flush();
      // Twice each: as counted, and as kept.
      for (let again = 0; again < 2; again++) {
        expect(await store.questions().count('event_type:dns', ALL)).toBe(dns);
        const top = await store.questions().top('event_type:dns', ALL, 'source.ip', 2);
        expect(top).toEqual({
          values: [
            { value: '10.0.0.0', count: dns / 5 },
            { value: '10.0.0.1', count: dns / 5 },
          ],
          with_field: dns,
          distinct: 5,
        });
        const timeline = await store.questions().timeline('*', ALL, 'event.action', 10);
        expect(timeline.series.map(({ name, counts }) => [name, counts.reduce((a, b) => a + b, 0)])).toEqual([
          ['dns', dns],
          ['tls', dns / 5],
        ]);
        const from = (Date.UTC(2026, 10, 24) + 25_000) * 1000;
        expect(await store.questions().count('event_type:dns', { from, to: null })).toBe(dns - 25);
        expect((await store.questions().timeline('*', { from, to: from + 10_000_000 }, '', 10)).series).toEqual([
          { name: 'events', counts: [2, 2, 2, 2, 2, 1, 1, 1, 1, 1] },
        ]);
      }
    }
  });
});

describe('a damaged segment', () => {
  it('is left out of the answer, which says so; the rest is answered', async () => {
    await commit('old', 0, 40);
    await store.flush();
    const segments = join(folder.data, 'segments');
    const [name] = readdirSync(segments).filter((file) => file.endsWith('.parquet'));
    await commit('new', 5000, 30);
    const bytes = readFileSync(join(segments, name!));
    bytes.fill(0xa5, 8, Math.floor(bytes.length * 0.6));
    writeFileSync(join(segments, name!), bytes);
    let incomplete = 0;
    const answer = await store
      .questions()
      .list('noise', ALL, { columns: ['event.action'], limit: 100 }, { incomplete: () => incomplete++ });
    expect(answer.rows.map((row) => row['event.action'])).toEqual(Array.from({ length: 30 }, () => 'new'));
    expect(answer.partial).toBe(true);
    expect(incomplete).toBeGreaterThan(0);
    expect(store.status().set_aside).toHaveLength(1);
    expect(await store.questions().count('event_type:*', ALL)).toBe(30);
    expect((await store.questions().sql('SELECT count(*) FROM events')).rows).toEqual([[30]]);
  });
});
