/** For tests: a store in a temporary folder, a tiny parser, and the rows read back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLUMN_INDEX } from '../../event/columns.ts';
import type { FileRecord } from '../../event/position.ts';
import { newRow, type Row } from '../../event/row.ts';
import { defineParser, type Parser } from '../../parse/parser.ts';
import type { Questions, StoreOptions } from '../store.ts';
import { DuckdbStore } from './writer.ts';

export const noQuestions = (): Questions => {
  throw new Error('this test asks no questions of the page');
};

export interface TestFolder {
  data: string;
  fresh: string;
  remove(): Promise<void>;
}

/** A data folder on disk and a fresh folder in memory where there is one. */
export async function testFolder(): Promise<TestFolder> {
  const data = await mkdtemp(join(tmpdir(), 'varde-store-'));
  const fresh = await mkdtemp('/dev/shm/varde-test-').catch(() => mkdtemp(join(tmpdir(), 'varde-fresh-')));
  return {
    data,
    fresh,
    async remove() {
      await rm(data, { recursive: true, force: true });
      await rm(fresh, { recursive: true, force: true });
    },
  };
}

export function testOptions(folder: TestFolder, more: Partial<StoreOptions> = {}): StoreOptions {
  return {
    folder: folder.data,
    fresh_folder: folder.fresh,
    flush_to_disk_secs: 3600,
    max_age_secs: null,
    max_bytes: null,
    min_free_bytes: 0,
    ingest_memory_bytes: 160 * 1024 * 1024,
    question_memory_bytes: 160 * 1024 * 1024,
    ...more,
  };
}

export async function openTestStore(folder: TestFolder, more: Partial<StoreOptions> = {}): Promise<DuckdbStore> {
  const store = new DuckdbStore(testOptions(folder, more), noQuestions);
  await store.open();
  return store;
}

export function fileRecord(id: string, position = 0): FileRecord {
  return {
    id,
    source: 'file_tail:0',
    parser: 'numbers',
    path: `/var/log/${id}.log`,
    dev: '1',
    ino: '2',
    fingerprint: { length: 4, hash: 'f'.repeat(16) },
    tail: { length: 4, hash: 'e'.repeat(16) },
    position,
    lines_read: 0,
    events_stored: 0,
    lines_quarantined: 0,
    first_seen: 1,
    last_read: 2,
  };
}

export const FILE_ID = '0123456789abcdef';

/** Lines are `TS TEXT`: the time in microseconds and anything. */
export const numbersParser: Parser = defineParser({
  id: 'numbers',
  title: 'Numbers',
  dataset: 'test.numbers',
  version: 1,
  row(bytes, start, end, row) {
    const line = bytes.toString('latin1', start, end);
    const space = line.indexOf(' ');
    const ts = Number(line.slice(0, space));
    if (space < 1 || !Number.isSafeInteger(ts)) return { code: 'bad_timestamp', detail: 'no number' };
    row[COLUMN_INDEX.ts] = ts;
    row[COLUMN_INDEX.event_action] = 'number';
    return null;
  },
  document: () => ({ code: 'not_this_format', detail: 'not needed' }),
});

export interface Fed {
  rows: number;
  rejects: number;
  position: number;
}

/** Puts lines into a batch as the pipeline does, starting at `position`, and advances the file. */
export function feed(
  batch: ReturnType<DuckdbStore['batch']>,
  lines: readonly string[],
  position: number,
  options: { id?: string; parser?: Parser } = {},
): Fed {
  const parser = options.parser ?? numbersParser;
  const file = fileRecord(options.id ?? FILE_ID, position);
  const bytes = Buffer.from(lines.map((l) => `${l}\n`).join(''));
  const fed = { rows: 0, rejects: 0, position };
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(10, start);
    const row: Row = newRow();
    const reject = parser.row(bytes, start, end, row);
    if (reject === null) {
      batch.add(file, parser, row, bytes, start, end, position + start);
      fed.rows++;
    } else {
      const { source, path, id } = file;
      const line = Buffer.from(bytes.subarray(start, end));
      const where = { source, parser: parser.id, path, file_id: id, offset: position + start, length: line.length };
      batch.reject({ ...where, code: reject.code, detail: reject.detail, time: 1, line });
      fed.rejects++;
    }
    start = end + 1;
  }
  fed.position = position + bytes.length;
  batch.advance({ ...file, position: fed.position });
  return fed;
}

/** Commits lines and returns where the file stands then. */
export async function store(
  target: DuckdbStore,
  lines: readonly string[],
  position = 0,
  options: { id?: string; parser?: Parser } = {},
): Promise<number> {
  const batch = target.batch();
  const fed = feed(batch, lines, position, options);
  await target.commit(batch);
  return fed.position;
}

export interface StoredLine {
  file_id: string;
  file_offset: number;
  ts: number;
  line: string;
}

/** All rows, by file and offset. */
export async function rowsOf(target: DuckdbStore): Promise<StoredLine[]> {
  const { catalogue, engine } = target.questionContext();
  const rows: StoredLine[] = [];
  const segments = catalogue.segments({ from: null, to: null });
  catalogue.pin(segments);
  for (const segment of segments) {
    await engine.withQuestionConnection(undefined, async (connection) => {
      const reader = await connection.runAndReadAll(
        'SELECT file_id, file_offset, ts, original, original_hex FROM read_parquet($path)',
        { path: segment.path },
      );
      for (const [file_id, file_offset, ts, original, hex] of reader.getRows()) {
        const line = original === null ? Buffer.from(String(hex), 'hex').toString('latin1') : String(original);
        rows.push({ file_id: String(file_id), file_offset: Number(file_offset), ts: Number(ts), line });
      }
    });
  }
  catalogue.unpin(segments);
  return rows.toSorted((a, b) => a.file_id.localeCompare(b.file_id) || a.file_offset - b.file_offset);
}

/** `count` lines with times from `from` on. */
export function numberLines(from: number, count: number, text = 'text'): string[] {
  return Array.from({ length: count }, (_, i) => `${from + i} ${text}`);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The quarantined lines as text, newest first. */
export async function quarantineOf(target: DuckdbStore): Promise<string[]> {
  const lines = await collect(target.questionContext().catalogue.quarantined());
  return lines.map((l) => l.line?.toString('utf8') ?? '');
}
