import { describe, expect, it } from 'vitest';
import type { Chunk, FileRecord } from '../event/position.ts';
import { defineParser, type Parser } from '../parse/parser.ts';
import type { Batch, Commit, QuarantinedLine, Store } from '../store/store.ts';
import { Ingest } from './ingest.ts';

/** Takes lines that start with "ok"; throws at "boom". */
const parser: Parser = defineParser({
  id: 'test',
  title: 'Test',
  dataset: 'test',
  version: 1,
  row(bytes, start, end) {
    const text = bytes.toString('utf8', start, end);
    if (text === 'boom') throw new Error('parser bug');
    return text.startsWith('ok') ? null : { code: 'not_this_format', detail: text };
  },
  document: () => ({ code: 'not_json', detail: '' }),
});

interface Committed {
  lines: string[];
  rejects: QuarantinedLine[];
  records: FileRecord[];
}

/** A store that keeps commits in a list; `gate` holds a commit back, `fail` makes it fail. */
function fakeStore(options: { gate?: () => Promise<void>; fail?: () => boolean; refuse?: string } = {}) {
  const commits: Committed[] = [];
  const records = new Map<string, FileRecord>();
  const store = {
    records: () => records,
    batch() {
      const content: Committed = { lines: [], rejects: [], records: [] };
      const advanced = new Map<string, FileRecord>();
      let bytes = 0;
      return {
        get bytes() {
          return bytes;
        },
        get rows() {
          return content.lines.length;
        },
        get rejects() {
          return content.rejects.length;
        },
        content,
        advanced,
        add(_file: FileRecord, _parser: Parser, _row: unknown, data: Buffer, start: number, end: number) {
          content.lines.push(data.toString('utf8', start, end));
          bytes += end - start;
        },
        reject(line: QuarantinedLine) {
          content.rejects.push(line);
        },
        advance(record: FileRecord) {
          advanced.set(record.id, { ...record });
        },
      };
    },
    async commit(batch: Batch & { content: Committed; advanced: Map<string, FileRecord> }): Promise<Commit> {
      await options.gate?.();
      if (options.fail?.() === true) throw new Error('broken disk');
      const refused = batch.content.lines.filter((line) => line === options.refuse).length;
      const list = [...batch.advanced.values()].map((r) => ({
        ...r,
        events_stored: r.events_stored - refused,
        lines_quarantined: r.lines_quarantined + refused,
      }));
      commits.push({ ...batch.content, records: list });
      for (const record of list) records.set(record.id, record);
      return {
        rows: batch.content.lines.length - refused,
        quarantined: batch.content.rejects.length + refused,
        bytes_written: 1,
        level: 'fresh',
        records: list,
      };
    },
  };
  return { store: store as unknown as Store, commits, records };
}

const record = (id: string): FileRecord => ({
  id,
  source: 's',
  parser: 'test',
  path: '/log',
  dev: '1',
  ino: '2',
  fingerprint: { length: 0, hash: '' },
  tail: { length: 0, hash: '' },
  position: 0,
  lines_read: 0,
  events_stored: 0,
  lines_quarantined: 0,
  first_seen: 0,
  last_read: 0,
});

function chunk(file: FileRecord, offset: number, text: string): Chunk {
  const bytes = Buffer.from(text);
  const { fingerprint, tail, path, dev, ino } = file;
  return {
    file,
    offset,
    bytes,
    after: { position: offset + bytes.length, fingerprint, tail, path, dev, ino, last_read: 1 },
  };
}

async function started(store: Store, extra: Partial<ConstructorParameters<typeof Ingest>[0]> = {}): Promise<Ingest> {
  const ingest = new Ingest({
    store,
    parsers: new Map([['test', parser]]),
    flush_ms: 5,
    batch_bytes: 1_000_000,
    ...extra,
  });
  await ingest.restart();
  return ingest;
}

describe('ingest', () => {
  it('commits events, rejects and the position together, and the books balance', async () => {
    const { store, commits } = fakeStore();
    const ingest = await started(store);
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\nbad\nboom\nok 2\n'));
    expect(ingest.books.file('a')).toEqual({ lines_read: 4, events_stored: 0, lines_quarantined: 0, in_flight: 4 });
    await ingest.drain();
    expect(commits).toHaveLength(1);
    expect(commits[0]!.lines).toEqual(['ok 1', 'ok 2']);
    expect(commits[0]!.rejects.map((r) => [r.offset, r.length, r.code, r.line?.toString()])).toEqual([
      [5, 3, 'not_this_format', 'bad'],
      [9, 4, 'parser_failed', 'boom'],
    ]);
    expect(commits[0]!.records[0]).toMatchObject({
      position: 19,
      lines_read: 4,
      events_stored: 2,
      lines_quarantined: 2,
    });
    expect(ingest.books.file('a')).toEqual({ lines_read: 4, events_stored: 2, lines_quarantined: 2, in_flight: 0 });
  });

  it('cuts what was taken already, so that no line is stored twice', async () => {
    const { store, commits } = fakeStore();
    const ingest = await started(store);
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\nok 2\n'));
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\nok 2\nok 3\n'));
    await ingest.chunk(chunk(record('a'), 5, 'ok 2\n'));
    await ingest.drain();
    expect(commits.flatMap((c) => c.lines)).toEqual(['ok 1', 'ok 2', 'ok 3']);
  });

  it('takes a last line without a newline, and counts an over-long line by its position', async () => {
    const { store, commits } = fakeStore();
    const ingest = await started(store);
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\nok end'));
    const file = record('b');
    await ingest.oversize({ file, offset: 0, length: 99, after: { ...chunk(file, 0, '').after, position: 100 } });
    await ingest.drain();
    expect(commits.flatMap((c) => c.lines)).toEqual(['ok 1', 'ok end']);
    expect(commits.flatMap((c) => c.rejects).map((r) => [r.code, r.length, r.line])).toEqual([
      ['line_too_long', 99, null],
    ]);
  });

  it('never commits half a chunk, although the timer runs out while it is taken', async () => {
    const { store, commits } = fakeStore();
    const ingest = await started(store, { flush_ms: 0 });
    const text = Array.from({ length: 60_000 }, (_, i) => `ok ${i}\n`).join('');
    await ingest.chunk(chunk(record('a'), 0, text));
    await ingest.drain();
    for (const commit of commits) {
      expect(commit.records.map((r) => r.lines_read)).toEqual([commit.lines.length]);
    }
    expect(commits.flatMap((c) => c.lines)).toHaveLength(60_000);
  });

  it('makes sources wait while a full batch is behind a commit that waits', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { store, commits } = fakeStore({ gate: () => gate });
    const ingest = await started(store, { batch_bytes: 4 });
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\n'));
    let taken = false;
    const second = ingest.chunk(chunk(record('a'), 5, 'ok 2\n')).then(() => (taken = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(taken).toBe(false);
    open();
    await second;
    await ingest.drain();
    expect(commits.map((c) => c.lines)).toEqual([['ok 1'], ['ok 2']]);
  });

  it('counts what the store refused as quarantined', async () => {
    const { store } = fakeStore({ refuse: 'ok odd' });
    const ingest = await started(store);
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\nok odd\n'));
    await ingest.drain();
    expect(ingest.books.file('a')).toEqual({ lines_read: 2, events_stored: 1, lines_quarantined: 1, in_flight: 0 });
    await ingest.chunk(chunk(record('a'), 12, 'ok 2\n'));
    await ingest.drain();
    expect(ingest.books.total()).toEqual({ lines_read: 3, events_stored: 2, lines_quarantined: 1, in_flight: 0 });
  });

  it('after a failed commit takes nothing more until it is started over from what is committed', async () => {
    let broken = true;
    const { store, commits } = fakeStore({ fail: () => broken });
    const failures: unknown[] = [];
    const ingest = await started(store, { failed: (error) => failures.push(error) });
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\n'));
    await expect(ingest.drain()).rejects.toThrow('broken disk');
    await expect(ingest.chunk(chunk(record('a'), 5, 'ok 2\n'))).rejects.toThrow('broken disk');
    expect(failures).toHaveLength(1);
    broken = false;
    await ingest.restart();
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\nok 2\n'));
    await ingest.drain();
    expect(commits.flatMap((c) => c.lines)).toEqual(['ok 1', 'ok 2']);
  });

  it('commits nothing behind a failed commit: its position would pass over the lines that failed', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let attempts = 0;
    const { store, commits } = fakeStore({ gate: () => gate, fail: () => ++attempts === 1 });
    const ingest = await started(store, { flush_ms: 40 });
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\n'));
    const failed = expect(ingest.drain()).rejects.toThrow('broken disk');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await ingest.chunk(chunk(record('a'), 5, 'ok 2\n'));
    open();
    await failed;
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(commits).toEqual([]);
  });

  it('goes no further when positions fell back in the store, with or without a batch at hand', async () => {
    const { store, commits } = fakeStore();
    const failures: unknown[] = [];
    const at = store as unknown as { epoch: number };
    at.epoch = 1;
    const ingest = await started(store, { failed: (error) => failures.push(error) });
    ingest.checkStore();
    expect(failures).toEqual([]);
    at.epoch = 2;
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\n'));
    await expect(ingest.drain()).rejects.toMatchObject({ code: 'store_failed' });
    await ingest.restart();
    at.epoch = 3;
    ingest.checkStore();
    expect(failures).toHaveLength(2);
    expect(commits).toEqual([]);
  });

  it('refuses what would leave a gap behind what was taken, and starts over rather than lose lines', async () => {
    const { store, commits } = fakeStore();
    const failures: unknown[] = [];
    const ingest = await started(store, { failed: (error) => failures.push(error) });
    await ingest.chunk(chunk(record('a'), 0, 'ok 1\n'));
    const ahead = { ...record('a'), position: 10 };
    await expect(ingest.chunk(chunk(ahead, 10, 'ok 3\n'))).rejects.toMatchObject({ code: 'store_failed' });
    await ingest.restart();
    await expect(
      ingest.oversize({ file: ahead, offset: 10, length: 9, after: { ...chunk(ahead, 10, '').after, position: 20 } }),
    ).rejects.toMatchObject({ code: 'store_failed' });
    expect(failures).toHaveLength(2);
    await ingest.restart();
    // Legitimate: a start behind the head, told by a chunk without bytes; and a hole, which is no line.
    const late = { ...record('b'), position: 10 };
    await ingest.chunk(chunk(late, 10, ''));
    await ingest.chunk(chunk(late, 10, 'ok b\n'));
    await ingest.chunk(chunk(record('c'), 512, 'ok c\n'));
    await ingest.drain();
    expect(commits.flatMap((c) => c.lines)).toEqual(['ok b', 'ok c']);
    expect(failures).toHaveLength(2);
  });

  it('does not tell that a chunk was taken which a restart overtook, nor takes one that is not admitted any more', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { store, commits } = fakeStore({ gate: () => gate });
    const ingest = await started(store, { batch_bytes: 1 });
    await ingest.chunk(chunk(record('b'), 0, 'ok b\n'));
    const restarted = ingest.restart();
    const waits = ingest.chunk(chunk(record('c'), 0, 'ok c\n'));
    const overtaken = expect(ingest.chunk(chunk(record('a'), 0, 'ok 1\n'))).rejects.toMatchObject({
      code: 'store_failed',
    });
    open();
    await Promise.all([restarted, waits, overtaken]);
    const admit = (): void => {
      throw new Error('given up');
    };
    await expect(ingest.chunk(chunk(record('a'), 0, 'ok 1\n'), admit)).rejects.toThrow('given up');
    // That was the import's own affair.
    expect(ingest.broken).toBeNull();
    await ingest.chunk(chunk(record('a'), 0, 'ok 2\n'));
    await ingest.drain();
    expect(commits.flatMap((c) => c.lines)).toEqual(['ok b', 'ok 2']);
  });

  it('a chunk that cannot be taken whole stops everything, and what was taken of it is not committed', async () => {
    const { store, commits } = fakeStore();
    const failures: unknown[] = [];
    const batch = store.batch.bind(store);
    let lines = 0;
    store.batch = () => {
      const made = batch();
      const add = made.add.bind(made);
      made.add = (...line) => {
        if (++lines === 2) throw new Error('no memory');
        add(...line);
      };
      return made;
    };
    const ingest = await started(store, { failed: (error) => failures.push(error) });
    await expect(ingest.chunk(chunk(record('a'), 0, 'ok 1\nok 2\n'))).rejects.toThrow('no memory');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(failures).toHaveLength(1);
    expect(commits).toEqual([]);
  });
});
