import { expect, it } from 'vitest';
import { COLUMN_INDEX } from '../event/columns.ts';
import type { Chunk, FileRecord } from '../event/position.ts';
import type { Parser } from '../parse/parser.ts';
import type { Batch, Commit, Store } from '../store/store.ts';
import { Ingest } from './ingest.ts';

/** The type stands first in a line: "alert 1". */
const parser: Parser = {
  id: 'test',
  title: 'Test',
  dataset: 'test',
  version: 1,
  row(bytes, start, end, row) {
    const [type] = bytes.toString('utf8', start, end).split(' ');
    if (type === 'bad') return { code: 'not_this_format', detail: '' };
    row[COLUMN_INDEX.event_action] = type!;
    return null;
  },
  document: () => ({ code: 'not_json', detail: '' }),
};

/** A store that keeps nothing; `fail` makes its next commit fail. */
function forgetful(fail: () => boolean): Store {
  return {
    epoch: 0,
    records: () => new Map<string, FileRecord>(),
    batch: () =>
      ({
        bytes: 0,
        rows: 0,
        rejects: 0,
        add: () => undefined,
        reject: () => undefined,
        advance: () => undefined,
      }) as unknown as Batch,
    commit: async (): Promise<Commit> => {
      if (fail()) throw new Error('broken disk');
      return { rows: 0, quarantined: 0, bytes_written: 0, level: 'fresh', records: [] };
    },
  } as unknown as Store;
}

const FILE = {
  id: 'a',
  source: 's',
  parser: 'test',
  path: '/log',
  position: 0,
  lines_read: 0,
  events_stored: 0,
  lines_quarantined: 0,
} as FileRecord;

function chunk(text: string): Chunk {
  const bytes = Buffer.from(text);
  return { file: FILE, offset: 0, bytes, after: { ...FILE, position: bytes.length } };
}

async function tapped(fail: () => boolean = () => false) {
  const lines: string[] = [];
  const stored: string[] = [];
  const tap = {
    line(type: string, source: string, bytes: Buffer, start: number, end: number) {
      expect(bytes.toString('utf8', start, end).startsWith(`${type} `)).toBe(true);
      const line = `${source}: ${bytes.toString('utf8', start, end)}`;
      lines.push(line);
      return line.includes('mine') ? () => void stored.push(line) : null;
    },
  };
  const ingest = new Ingest({
    store: forgetful(fail),
    parsers: new Map([['test', parser]]),
    flush_ms: 60_000,
    batch_bytes: 1e6,
    tap,
  });
  await ingest.restart();
  return { ingest, lines, stored };
}

it('is shown alerts and stats alone, and told of those that it marked once they are stored', async () => {
  const { ingest, lines, stored } = await tapped();
  await ingest.chunk(chunk('dns 1\nalert mine\nbad\nstats 2\nflow 3\nalert 4\nalerts 5\n'));
  expect(lines).toEqual(['s: alert mine', 's: stats 2', 's: alert 4']);
  expect(stored).toEqual([]);
  await ingest.drain();
  expect(stored).toEqual(['s: alert mine']);
});

it('is told nothing of lines whose commit failed', async () => {
  let broken = true;
  const { ingest, stored } = await tapped(() => broken);
  await ingest.chunk(chunk('alert mine\n'));
  await expect(ingest.drain()).rejects.toThrow('broken disk');
  expect(stored).toEqual([]);
  broken = false;
  await ingest.restart();
  await ingest.chunk(chunk('alert mine\n'));
  await ingest.drain();
  expect(stored).toEqual(['s: alert mine']);
});
