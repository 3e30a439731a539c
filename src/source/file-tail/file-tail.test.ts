import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Source, SourceContext } from '../source.ts';
import { type FileTailOptions, createFileTail } from './file-tail.ts';
import { lookAtFiles } from './look.ts';
import { Ledger } from './testing/ledger.ts';

let folder: string;
let ledger: Ledger;
const sources: Source[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-tail-'));
  ledger = new Ledger();
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

async function started(
  options: Partial<FileTailOptions> = {},
  context: SourceContext = ledger.context(),
): Promise<Source> {
  const base: FileTailOptions = {
    id: context.id,
    parser: 'suricata-eve',
    paths: [at('eve.json*')],
    start: 'head',
    since_ms: null,
    poll_interval_ms: 20,
  };
  const source = createFileTail({ ...base, ...options }, context);
  sources.push(source);
  await source.start();
  return source;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Everything that was taken, committed. */
function texts(): string[] {
  ledger.commit();
  return ledger.texts();
}

it('follows a file through rotation by itself', async () => {
  writeFileSync(at('eve.json'), 'a\n');
  const source = await started();
  expect(source.status()).toMatchObject({
    id: 'file_tail:0',
    type: 'file_tail',
    parser: 'suricata-eve',
    patterns: [at('eve.json*')],
  });
  await until(() => texts().length === 1, 'the first line');
  renameSync(at('eve.json'), at('eve.json.1'));
  appendFileSync(at('eve.json.1'), 'b\n');
  writeFileSync(at('eve.json'), 'c\n');
  await until(() => texts().length === 3, 'lines of both');
  expect(source.status()).toMatchObject({ lag_bytes: 0, last_line: expect.any(Number) });
  expect(source.status().files.map(({ path, state, position }) => [path, state, position])).toEqual([
    [at('eve.json'), 'current', 2],
    [at('eve.json.1'), 'current', 4],
  ]);
});

it('hands nothing over after stop, and the rest of a deleted file before it', async () => {
  writeFileSync(at('eve.json'), 'a\n');
  const source = await started({ poll_interval_ms: 60_000 });
  await until(() => ledger.inFlight === 1, 'the first line');
  appendFileSync(at('eve.json'), 'b\nlast without newline');
  unlinkSync(at('eve.json'));
  await source.stop();
  expect(texts()).toEqual(['a', 'b', 'last without newline']);
  writeFileSync(at('eve.json'), 'z\n');
  await source.stop();
  expect(texts()).toHaveLength(3);
});

it('reads what was renamed to where no pattern leads before it stops, and tells what it had to leave', async () => {
  mkdirSync(at('archive'));
  const told: unknown[] = [];
  const log = (event: string, fields: Record<string, unknown>): void => void told.push({ event, ...fields });
  const backlog = (name: string): string => `${name}\n`.repeat(10);
  writeFileSync(at('eve.json'), backlog('a'));
  const source = await started({ poll_interval_ms: 60_000, log });
  await until(() => ledger.inFlight === 1, 'the first lines');
  appendFileSync(at('eve.json'), backlog('b'));
  renameSync(at('eve.json'), join(at('archive'), 'eve.json'));
  await source.stop();
  expect(texts()).toEqual([...Array<string>(10).fill('a'), ...Array<string>(10).fill('b')]);
  expect(told.filter((one) => (one as { event: string }).event === 'file_left')).toEqual([]);

  writeFileSync(at('eve.json'), backlog('c'));
  const second = await started({ poll_interval_ms: 60_000, log });
  await until(() => ledger.inFlight === 1, 'the lines of the second file');
  appendFileSync(at('eve.json'), backlog('d'));
  renameSync(at('eve.json'), join(at('archive'), 'eve.json.2'));
  await second.stop(0);
  expect(texts()).toHaveLength(30);
  expect(told).toContainEqual({
    event: 'file_left',
    path: at('eve.json'),
    now_at: join(at('archive'), 'eve.json.2'),
    from: 20,
    size: 40,
  });
});

it('a stop that is asked for again has only the shorter patience left', async () => {
  writeFileSync(at('eve.json'), 'a\n');
  let take = (): void => undefined;
  const source = await started({ poll_interval_ms: 60_000, chunk_bytes: 2 });
  await until(() => ledger.inFlight === 1, 'the first line');
  appendFileSync(at('eve.json'), 'b\nc\nd\n');
  unlinkSync(at('eve.json'));
  ledger.onChunk = () => new Promise((resolve) => (take = resolve));
  const first = source.stop(600_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = source.stop(0);
  take();
  await Promise.all([first, second]);
  expect(texts()).toEqual(['a', 'b']);
});

it('waits while the receiver has no room, and sees files meanwhile', async () => {
  let open = (): void => undefined;
  const room = new Promise<void>((resolve) => (open = resolve));
  ledger.onChunk = () => room;
  writeFileSync(at('eve.json'), 'a\n');
  await started();
  // Two rotations while nothing is taken; the last generation is gone from the folder before there is room again.
  await until(() => sources[0]!.status().files.length === 1, 'the first file');
  renameSync(at('eve.json'), at('eve.json.1'));
  writeFileSync(at('eve.json'), 'b\n');
  await until(() => sources[0]!.status().files.length === 2, 'the second file');
  unlinkSync(at('eve.json.1'));
  unlinkSync(at('eve.json'));
  open();
  await until(() => texts().length === 2, 'both lines');
  expect([...texts()].sort()).toEqual(['a', 'b']);
});

it('after a failed commit it rewinds to what is committed and keeps deleted files', async () => {
  writeFileSync(at('eve.json'), 'a\n');
  const source = await started();
  await until(() => ledger.inFlight === 1, 'the first line');
  texts();
  ledger.onChunk = () => {
    throw new Error('the commit failed');
  };
  appendFileSync(at('eve.json'), 'b\n');
  await until(() => source.status().files[0]!.position === 4, 'the refused chunk');
  unlinkSync(at('eve.json'));
  ledger.onChunk = () => undefined;
  await source.rewind(async () => ledger.forget());
  await until(() => texts().length === 2, 'the second line');
  expect(texts()).toEqual(['a', 'b']);
});

it('two sources whose patterns overlap read a file once', async () => {
  const claims = new Map<string, string>();
  writeFileSync(at('eve.json'), 'a\n');
  await started({}, { ...ledger.context('file_tail:0'), claims });
  await started({}, { ...ledger.context('file_tail:1'), claims });
  writeFileSync(at('eve.json.2'), 'b\n');
  await until(() => texts().length >= 2, 'both files');
  appendFileSync(at('eve.json'), 'c\n');
  await until(() => texts().includes('c'), 'the last line');
  expect([...texts()].sort()).toEqual(['a', 'b', 'c']);
  await Promise.all(sources.map((source) => source.stop()));
  expect(claims.size).toBe(0);
});

it('doctor sees without reading what a source would find', async () => {
  writeFileSync(at('eve.json'), 'a\n');
  await started();
  await until(() => texts().length === 1, 'the line');
  await sources[0]!.stop();
  appendFileSync(at('eve.json'), 'bcd\n');
  writeFileSync(at('eve.json.1'), 'x\n');
  writeFileSync(at('eve.json.2.gz'), 'x');
  const look = lookAtFiles('file_tail:0', 'suricata-eve', [at('eve.json*')], ledger.records.values());
  expect(look).toMatchObject({ lag_bytes: 6, last_line: expect.any(Number) });
  expect(look.files.map(({ path, state, position, size }) => [path, state, position, size])).toEqual([
    [at('eve.json'), 'reading', 2, 6],
    [at('eve.json.1'), 'reading', 0, 2],
    [at('eve.json.2.gz'), 'reading', 0, 1],
  ]);
});
