import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_COLUMNS } from '../../../event/columns.ts';
import type { Store } from '../../store.ts';
import { type TestFolder, fileRecord, testFolder } from '../test-store.ts';
import { renderSqlReference } from './sql-reference.ts';
import { openCorpus } from './test-corpus.ts';

let folder: TestFolder;
let store: Store;
let total: number;
let segment: string;
let secret: string;

beforeAll(async () => {
  folder = await testFolder();
  const corpus = await openCorpus(folder);
  ({ store } = corpus);
  total = corpus.events.length;
  segment = join(
    folder.data,
    'segments',
    readdirSync(join(folder.data, 'segments')).find((name) => name.endsWith('.parquet'))!,
  );
  secret = join(folder.data, 'secret.txt');
  writeFileSync(secret, 'secret');
  const batch = store.batch();
  const record = { ...fileRecord('2'.repeat(16), 9), lines_read: 1, lines_quarantined: 1 };
  batch.reject({
    source: record.source,
    parser: record.parser,
    path: record.path,
    file_id: record.id,
    offset: 0,
    length: 8,
    code: 'not_json',
    detail: 'no',
    time: 1000,
    line: Buffer.from('not json'),
  });
  batch.advance(record);
  await store.commit(batch);
}, 60_000);
afterAll(async () => {
  await store.close();
  await folder.remove();
});

describe('SQL by people', () => {
  it('answers over the views', async () => {
    const answer = await store
      .questions()
      .sql('SELECT count(*) AS n, max("@timestamp") AS newest, min(flow_id) IS NULL AS odd FROM events');
    expect(answer).toEqual({
      columns: [
        { name: 'n', type: 'BIGINT' },
        { name: 'newest', type: 'TIMESTAMP WITH TIME ZONE' },
        { name: 'odd', type: 'BOOLEAN' },
      ],
      rows: [[total, '2199-12-31T23:59:59.999999Z', false]],
    });
    expect((await store.questions().sql('SELECT code, file_offset, decode(line) FROM quarantine')).rows).toEqual([
      ['not_json', 0, 'not json'],
    ]);
    const { columns } = await store.questions().sql('SELECT * FROM events LIMIT 0');
    expect(columns.map(({ name }) => name)).toEqual(['@timestamp', ...ALL_COLUMNS.map(({ name }) => name)]);
  });

  it('keeps whole numbers whole', async () => {
    expect(
      (await store.questions().sql('SELECT flow_id FROM events WHERE flow_id = 18446744073709551615')).rows,
    ).toEqual([['18446744073709551615']]);
  });

  it.each([
    ['two statements', 'SELECT 1; SELECT 2'],
    ['none', ''],
    ['a copy', "COPY events TO '/dev/shm/varde-stolen.csv'"],
    ['a copy over a segment', 'COPY (SELECT 1) TO $SEGMENT (USE_TMP_FILE false)'],
    ['an explained copy', 'EXPLAIN ANALYZE COPY (SELECT 1) TO $SEGMENT (USE_TMP_FILE false)'],
    ['an attach', "ATTACH '/dev/shm/varde.db'"],
    ['a setting', "SET memory_limit = '10GB'"],
    ['the lock', 'SET lock_configuration = false'],
    ['an extension', 'INSTALL httpfs'],
    ['a load', 'LOAD json'],
    ['a call', 'CALL pragma_version()'],
    ['a table', 'CREATE TABLE t AS SELECT 1'],
    ['an insert', 'INSERT INTO quarantine (code) VALUES (1)'],
    ['a drop', 'DROP VIEW events'],
    ['an export', "EXPORT DATABASE '/dev/shm/varde-export'"],
    ['a file by name', 'SELECT * FROM $SECRET'],
    ['a file as CSV', 'SELECT * FROM read_csv($SECRET)'],
    ['a file as text', 'SELECT * FROM read_text($SECRET)'],
    ['a file as bytes', "SELECT * FROM read_blob('/proc/self/environ')"],
    ['a guess at a file', 'SELECT * FROM sniff_csv($SECRET)'],
    ['a folder', "SELECT * FROM glob('/*')"],
    ['an address', "SELECT * FROM read_csv('http://127.0.0.1:1/x')"],
    ['the environment', "SELECT getenv('HOME')"],
    ['a statement in a text', "SELECT * FROM query('COPY events TO ''/dev/shm/varde-stolen.csv''')"],
    ['endless rows', 'SELECT * FROM range(1000000)'],
    ['few rows that are too large', "SELECT repeat('x', 5000000) FROM range(10)"],
    ['texts that JSON makes too large', 'SELECT repeat(chr(1), 1000000) FROM range(10)'],
    ['many cells', `SELECT ${Array.from({ length: 100 }, (_, i) => `1 AS c${i}`).join(', ')} FROM range(90000)`],
    ['a list of too many', 'SELECT list(range) FROM range(2000000)'],
    ['such a list in a struct', "SELECT {'a': list(range)} FROM range(2000000)"],
    ['such a list in a map', 'SELECT map([1], [list(range)]) FROM range(2000000)'],
    ['such a list in a union', 'SELECT union_value(a := list(range)) FROM range(2000000)'],
    ['long arrays', 'SELECT range(400)::BIGINT[400] FROM range(2048)'],
    ['endless memory', "SELECT list(repeat('x', 1000000)) FROM range(100000)"],
  ])('refuses %s', async (_, statement) => {
    const text = statement.replace('$SEGMENT', `'${segment}'`).replace('$SECRET', `'${secret}'`);
    const answer = store.questions().sql(text);
    await expect(answer).rejects.toMatchObject({
      name: 'VardeError',
      code: expect.stringMatching(/^(sql_refused|query_failed)$/),
    });
    expect(await store.questions().count('*', { from: null, to: null })).toBe(total);
    expect(
      readdirSync('/dev/shm').filter((name) => name.startsWith('varde-stolen') || name.startsWith('varde-export')),
    ).toEqual([]);
  });

  it.each(renderSqlReference().split('```')[1]!.trim().split('\n').slice(1))(
    'answers the documented %s',
    async (statement) => {
      expect((await store.questions().sql(statement)).columns.length).toBeGreaterThan(0);
    },
  );

  it('answers what is below the bound of its size', async () => {
    const { rows } = await store.questions().sql("SELECT repeat('x', 5000000) FROM range(6)");
    expect(rows.map(([text]) => String(text).length)).toEqual(Array.from({ length: 6 }, () => 5_000_000));
  });

  it('gives lists and structs as text', async () => {
    const { rows } = await store.questions().sql("SELECT list(range), {'a': [1]}, map(['k'], [2]) FROM range(3)");
    expect(rows).toEqual([['[0, 1, 2]', expect.stringContaining('[1]'), expect.stringContaining('2')]]);
  });

  it('has no secrets to tell', async () => {
    expect((await store.questions().sql('SELECT * FROM duckdb_secrets()')).rows).toEqual([]);
  });

  it('tells what is wrong with a statement, and nothing of where segments lie', async () => {
    await expect(store.questions().sql('SELECT nosuch FROM events')).rejects.toMatchObject({
      code: 'query_failed',
      message: expect.stringContaining('nosuch'),
    });
    await expect(store.questions().sql('SELEC 1')).rejects.toMatchObject({ code: 'query_failed' });
  });
});
