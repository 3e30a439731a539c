import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_COLUMNS, COLUMN_INDEX, EVENT_COLUMNS, type ColumnType } from '../../event/columns.ts';
import { newRow, type Cell, type Row } from '../../event/row.ts';
import { decodeRow } from './row-cells.ts';
import { RowEncoder } from './row-encoder.ts';
import { fileRecord, numbersParser, openTestStore, testFolder, type TestFolder } from './test-store.ts';
import type { DuckdbStore } from './writer.ts';

let folder: TestFolder;
let store: DuckdbStore;
beforeAll(async () => {
  folder = await testFolder();
  store = await openTestStore(folder);
});
afterAll(async () => {
  await store.close();
  await folder.remove();
});

/** Everything that has broken a CSV reader: structure bytes, quotes, NUL, empty, null markers, lone surrogates, long text. */
const hostileText = fc.oneof(
  fc.string({
    unit: fc.constantFrom('\x1f', '\x02', '\n', '\r', '\0', '"', "'", ',', '\\', ' ', 'a', 'é', '😀', '\ud800'),
    maxLength: 80,
  }),
  fc.constantFrom(
    '',
    'NULL',
    '\\N',
    '\x02\x02',
    '\x02',
    '\ufeff',
    '\u2028',
    'x'.repeat(3000),
    '\x02'.repeat(70),
    'é'.repeat(50),
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

const cellOf: Record<ColumnType, fc.Arbitrary<Cell>> = {
  VARCHAR: hostileText,
  UTINYINT: fc.integer({ min: 0, max: 255 }),
  USMALLINT: fc.integer({ min: 0, max: 65_535 }),
  UINTEGER: fc.integer({ min: 0, max: 0xffff_ffff }),
  UBIGINT: fc.oneof(
    fc.maxSafeNat(),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.constantFrom(2n ** 64n - 1n, 0, 2 ** 31),
  ),
  BIGINT: fc.oneof(
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(-(2n ** 63n), -1),
  ),
  DOUBLE: fc.double({ noNaN: true, noDefaultInfinity: true }),
};

const rowOf: fc.Arbitrary<Row> = fc
  .tuple(...EVENT_COLUMNS.map((c, i) => (i === 0 ? cellOf.BIGINT : fc.option(cellOf[c.type], { nil: null, freq: 3 }))))
  .map((cells) => [...cells]);

const lineOf: fc.Arbitrary<Buffer> = fc.oneof(
  hostileText.map((s) => Buffer.from(s, 'utf8')),
  fc.uint8Array({ maxLength: 300 }).map((a) => Buffer.from(a)),
  fc.constantFrom(
    Buffer.from(''),
    Buffer.from('\r'),
    Buffer.from([0xff]),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from([0xc0, 0x80]),
  ),
);

/** A lone surrogate cannot be stored as UTF-8: it becomes U+FFFD, as everywhere in Node. A leading BOM is dropped by the binding that reads. */
function asStored(cell: Cell): Cell {
  if (typeof cell === 'number') return BigInt(cell);
  return typeof cell === 'string'
    ? Buffer.from(cell, 'utf8')
        .toString('utf8')
        .replace(/^\ufeff/, '')
    : cell;
}

/** Answers of a SELECT over all segments, for one file. */
async function select(columns: string, fileId: string): Promise<Map<string, unknown>[]> {
  const { catalogue, engine } = store.questionContext();
  const rows: Map<string, unknown>[] = [];
  const segments = catalogue.segments({ from: null, to: null });
  catalogue.pin(segments);
  for (const { path } of segments) {
    await engine.withQuestionConnection(undefined, async (connection) => {
      const sql = `SELECT ${columns} FROM read_parquet($path) WHERE file_id = $id ORDER BY file_offset`;
      const reader = await connection.runAndReadAll(sql, { path, id: fileId });
      const names = reader.columnNames();
      for (const values of reader.getRows()) rows.push(new Map(values.map((v, i) => [names[i] as string, v])));
    });
  }
  catalogue.unpin(segments);
  return rows;
}

let files = 0;

test('any row and any line come back identical', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(rowOf, lineOf), { minLength: 1, maxLength: 20 }), async (rows) => {
      const batch = store.batch();
      const file = fileRecord(String(++files).padStart(16, '0'));
      rows.forEach(([row, line], i) => batch.add(file, numbersParser, row, line, 0, line.length, i));
      batch.advance({ ...file, position: rows.length });
      const commit = await store.commit(batch);
      expect(commit).toMatchObject({ rows: rows.length, quarantined: 0 });
      const back = await select('*, encode(original) AS bytes', file.id);
      expect(back).toHaveLength(rows.length);
      rows.forEach(([row, line], i) => {
        const stored = back[i] as Map<string, unknown>;
        EVENT_COLUMNS.forEach((c, k) => {
          const value = stored.get(c.name);
          expect(typeof value === 'number' ? BigInt(value) : value, c.name).toEqual(asStored(row[k] ?? null));
        });
        const text = stored.get('bytes') as { bytes: Uint8Array } | null;
        const bytes =
          text === null ? Buffer.from(stored.get('original_hex') as string, 'hex') : Buffer.from(text.bytes);
        expect(bytes.equals(line)).toBe(true);
        expect(stored.get('source_id')).toBe('file_tail:0');
        expect(stored.get('parser')).toBe('test.numbers');
        expect(stored.get('parser_version')).toBe(1);
      });
    }),
    { numRuns: 100, interruptAfterTimeLimit: 8000 },
  );
});

test('lines around the size of the read buffer, and one of 16 MiB, come back identical', async () => {
  const sizes = [65_535, 65_536, 1024 * 1024 - 1, 1024 * 1024 + 1, 3 * 1024 * 1024, 16 * 1024 * 1024];
  const file = fileRecord('00000000000000ff');
  let offset = 0;
  for (const size of sizes) {
    const batch = store.batch();
    for (const fill of ['a', 'é\x1f']) {
      const line = Buffer.alloc(size, fill);
      const row = newRow();
      row[COLUMN_INDEX.ts] = offset;
      batch.add(file, numbersParser, row, line, 0, line.length, offset++);
    }
    batch.advance({ ...file, position: offset });
    expect(await store.commit(batch)).toMatchObject({ rows: 2, quarantined: 0 });
  }
  const columns =
    'octet_length(encode(original)) a, md5(original) b, coalesce(octet_length(encode(original_hex)), 0) c, file_offset';
  const found = (await select(columns, file.id)).map((row) => [...row.values()].slice(0, 3).map(String).join(' '));
  const expected = sizes.flatMap((size) =>
    ['a', 'é\x1f'].map((fill) => {
      const line = Buffer.alloc(size, fill);
      // A character that is cut in the middle is not UTF-8: that line stands in hexadecimal.
      const whole = fill === 'a' || size % 3 !== 1;
      return whole ? `${size} ${createHash('md5').update(line).digest('hex')} 0` : `null null ${size * 2}`;
    }),
  );
  expect(found.toSorted()).toEqual(expected.toSorted());
}, 60_000);

test('a value that does not fit its column is refused by name, and leaves no trace', () => {
  const encoder = new RowEncoder(Buffer.alloc(0));
  const refusal = (set: Partial<Record<keyof typeof COLUMN_INDEX, Cell>>) => {
    const row = newRow();
    row[COLUMN_INDEX.ts] = 1;
    for (const [name, cell] of Object.entries(set)) row[COLUMN_INDEX[name as keyof typeof COLUMN_INDEX]] = cell;
    return encoder.add(row, 0, 0, Buffer.from('x'));
  };
  expect(refusal({ source_port: 65_536 })).toMatch(/^source_port: number 65536 does not fit USMALLINT$/);
  expect(refusal({ source_port: -1 })).toMatch(/^source_port/);
  expect(refusal({ source_port: 1.5 })).toMatch(/^source_port/);
  expect(refusal({ source_bytes: 2 ** 53 })).toMatch(/^source_bytes/);
  expect(refusal({ source_bytes: 2n ** 64n })).toMatch(/^source_bytes/);
  expect(refusal({ rule_id: Number.NaN })).toMatch(/^rule_id/);
  expect(refusal({ rule_id: '1' })).toMatch(/^rule_id/);
  expect(refusal({ rule_name: 1 })).toMatch(/^rule_name/);
  expect(refusal({ ts: null })).toMatch(/^ts/);
  expect(encoder).toMatchObject({ rows: 0, length: 0 });
  expect(refusal({ source_port: 65_535, source_bytes: 2n ** 64n - 1n })).toBeNull();
  expect(encoder.rows).toBe(1);
});

test('a staged row is read back field by field', () => {
  const encoder = new RowEncoder(Buffer.alloc(16));
  const row = newRow();
  row[COLUMN_INDEX.ts] = -1_700_000_000_123_456;
  row[COLUMN_INDEX.rule_name] = 'a\x02b\x1f';
  row[COLUMN_INDEX.url_path] = '';
  expect(encoder.add(row, 7, 2 ** 40, Buffer.from('line\x02'))).toBeNull();
  const fields = decodeRow(encoder.buffer, 0, encoder.length - 1);
  expect(fields).toHaveLength(EVENT_COLUMNS.length + 4);
  expect(fields[0]?.toString()).toBe('-1700000000123456');
  expect(fields[COLUMN_INDEX.rule_name]?.toString()).toBe('a\x02b\x1f');
  expect(fields[COLUMN_INDEX.url_path]?.toString()).toBe('');
  expect(fields[COLUMN_INDEX.user_agent]).toBeNull();
  expect(fields.slice(-4).map((f) => f?.toString() ?? null)).toEqual(['7', String(2 ** 40), 'line\x02', null]);
  expect(ALL_COLUMNS).toHaveLength(EVENT_COLUMNS.length + 8);
});
