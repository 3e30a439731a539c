import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Chunk, FileRecord } from '../event/position.ts';
import type { Commit, Questions, Store } from '../store/store.ts';
import {
  fileRecord,
  numberLines,
  numbersParser,
  openTestStore,
  rowsOf,
  testFolder,
  type TestFolder,
} from '../store/duckdb/test-store.ts';
import type { DuckdbStore } from '../store/duckdb/writer.ts';
import { importFiles, type ImportResult } from './import.ts';
import { Ingest, type IngestOptions } from './ingest.ts';

let folder: TestFolder;
let store: DuckdbStore;
let commits: Commit[];
beforeEach(async () => {
  folder = await testFolder();
  store = await openTestStore(folder);
  // No line is proven by what is stored: the tests below do not need it.
  store.questions = () => ({ lineAt: async () => null }) as unknown as Questions;
  commits = [];
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

async function started(options: Partial<IngestOptions> = {}): Promise<Ingest> {
  const ingest = new Ingest({
    store,
    parsers: new Map([['numbers', numbersParser]]),
    flush_ms: 20,
    batch_bytes: 16 * 1024 * 1024,
    committed: (commit) => commits.push(commit),
    ...options,
  });
  await ingest.restart();
  return ingest;
}

function put(name: string, content: string): string {
  writeFileSync(join(folder.data, name), content);
  return join(folder.data, name);
}

function run(ingest: Ingest, paths: string[], signal?: AbortSignal): Promise<ImportResult> {
  return importFiles({ ingest, store: store as Store, paths, parser: 'numbers', signal });
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** A chunk as a source hands it over. */
function chunk(file: FileRecord, lines: string): Chunk {
  const bytes = Buffer.from(lines);
  const { fingerprint, tail, path, dev, ino, position } = file;
  const after = { position: position + bytes.length, fingerprint, tail, path, dev, ino, last_read: 1 };
  return { file, offset: position, bytes, after };
}

it('commits a run of blank and of one-byte lines in pieces that fit into memory, and counts each of them', async () => {
  const path = put('blank', '\n'.repeat(100_000) + 'x\n'.repeat(60_000) + text(numberLines(1, 10)));
  const result = await run(await started({ flush_ms: 60_000 }), [path]);
  expect(result).toMatchObject({ lines_read: 160_010, lines_quarantined: 160_000, events_stored: 10 });
  expect(store.status()).toMatchObject({ events: 10, quarantined: 160_000 });
  // Each of them is an object of some hundred bytes until its commit.
  expect(Math.max(...commits.map((commit) => commit.quarantined))).toBeLessThan(80_000);
});

it('has brought onto the disk what it reports as stored', async () => {
  const ingest = await started();
  const path = put('log', text(numberLines(1, 100)));
  expect(await run(ingest, [path])).toMatchObject({ events_stored: 100 });
  expect(store.status().segments).toEqual({ fresh: 0, disk: 1 });
});

it('fails where the disk does not take what is stored in memory', async () => {
  const ingest = await started();
  const path = put('log', text(numberLines(1, 100)));
  const flush = store.flush.bind(store);
  store.flush = async () => {
    throw new Error('no space');
  };
  await expect(run(ingest, [path])).rejects.toMatchObject({ code: 'store_failed' });
  store.flush = flush;
  expect(await run(ingest, [path])).toMatchObject({ events_stored: 0, already_there: 100 });
  expect(store.status().segments.fresh).toBe(0);
});

it('takes nothing of an import that was given up while it waited: the next one stores it, once', async () => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const commit = store.commit.bind(store);
  store.commit = async (...given) => {
    await gate;
    return commit(...given);
  };
  const ingest = await started({ batch_bytes: 1 });
  const file = fileRecord('a');
  await ingest.chunk(chunk(file, '1 a\n'));
  // The batch behind the commit that waits is full, too: whoever comes now waits.
  const waits = ingest.chunk(chunk({ ...file, position: 4 }, '2 a\n'));
  const path = put('log', text(numberLines(10, 100)));
  const abort = new AbortController();
  const first = expect(run(ingest, [path], abort.signal)).rejects.toMatchObject({ code: 'interrupted' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  abort.abort();
  const second = run(ingest, [path]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  open();
  await Promise.all([waits, first]);
  expect(await second).toMatchObject({ events_stored: 100 });
  expect(await rowsOf(store)).toHaveLength(102);
});

it('does not go on behind lines that were forgotten when the ingest was started over between two chunks', async () => {
  const lines = numberLines(1, 6000, 'x'.repeat(400));
  const path = put('log', text(lines));
  const ingest = await started({ flush_ms: 60_000 });
  const hand = ingest.chunk.bind(ingest);
  let chunks = 0;
  ingest.chunk = async (...given) => {
    await hand(...given);
    if (++chunks === 1) await ingest.restart();
  };
  await expect(run(ingest, [path])).rejects.toMatchObject({ code: 'store_failed' });
  expect(chunks).toBe(1);
  ingest.chunk = hand;
  expect(await run(ingest, [path])).toMatchObject({ events_stored: 6000 });
  expect((await rowsOf(store)).map((row) => row.line)).toEqual(lines);
});

it('ends where the commit of one file fails while the next one waits for its lines', async () => {
  const content = text(numberLines(1, 2000));
  const paths = [put('a', content), put('shorter', content.slice(0, content.length / 2))];
  store.commit = async () => {
    throw new Error('broken disk');
  };
  await expect(run(await started(), paths)).rejects.toThrow('broken disk');
});
