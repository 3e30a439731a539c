import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FileStatus, SourceStatus } from '../source/source.ts';
import { Looks } from './heartbeat-looks.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'varde-looks-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const SENSOR = { name: 'a', sources: ['file_tail:0'], command_socket: null, interface: null };
const file = (name: string, state: FileStatus['state'], modified: number): FileStatus => ({
  path: join(folder, name),
  id: 'x',
  state,
  problem: state === 'unreadable' ? { code: 'source_unreadable', message: 'EACCES' } : null,
  size: 10,
  position: 10,
  modified,
});
const source = (files: FileStatus[], lag = 0): SourceStatus => ({
  id: 'file_tail:0',
  type: 'file_tail',
  parser: 'suricata-eve',
  patterns: [join(folder, 'eve.json*')],
  files,
  lag_bytes: lag,
  last_line: 77,
});

it('says how the log of a sensor is, and since when', async () => {
  let now = 1000;
  const looks = new Looks(() => now);
  const look = async (files: FileStatus[], lag = 0) => (await looks.look([SENSOR], [source(files, lag)]))['a']!.source!;
  const old = file('eve.json.1', 'finished', 5);
  expect(await look([])).toMatchObject({ state: 'missing', since: 1000, path: join(folder, 'eve.json*') });
  now = 2000;
  expect(await look([file('eve.json', 'current', 50), old])).toMatchObject({
    state: 'readable',
    since: 2000,
    path: join(folder, 'eve.json'),
    last_growth: 50,
    last_line: 77,
    lag_since: null,
    problem: null,
  });
  now = 3000;
  expect(await look([file('eve.json', 'reading', 60)], 9)).toMatchObject({
    since: 2000,
    lag_bytes: 9,
    lag_since: 3000,
  });
  now = 4000;
  expect(await look([file('eve.json', 'reading', 70)], 8)).toMatchObject({ lag_since: 3000 });
  now = 5000;
  expect(await look([file('eve.json', 'unreadable', 70), old], 0)).toMatchObject({
    state: 'unreadable',
    since: 5000,
    problem: 'EACCES',
    lag_since: null,
  });
});

it('tells a log that grows from one whose failing writes only touch it, and a cut line from a late reader', async () => {
  const looks = new Looks(() => 1000);
  const look = async (one: FileStatus) => (await looks.look([SENSOR], [source([one], 3)]))['a']!.source!;
  expect(await look(file('eve.json', 'reading', 50))).toMatchObject({ last_growth: 50, partial: false });
  expect(await look(file('eve.json', 'waiting_for_newline', 60))).toMatchObject({ last_growth: 50, partial: true });
  expect(await look({ ...file('eve.json', 'current', 70), size: 11 })).toMatchObject({
    last_growth: 70,
    partial: false,
  });
});

it('is not consoled by rotated files: a new log that may not be read, and a log without a name', async () => {
  let now = 1000;
  const looks = new Looks(() => now);
  const look = async (...files: FileStatus[]) => (await looks.look([SENSOR], [source(files)]))['a']!.source!;
  // Never seen under its name: some sensors write a file a day.
  expect(await look(file('eve.json.2', 'current', 50))).toMatchObject({ state: 'readable' });
  expect(await look(file('eve.json', 'current', 60))).toMatchObject({ state: 'readable', since: 1000 });
  now = 2000;
  const rotated = file('eve.json.1', 'current', 70);
  expect(await look(rotated)).toMatchObject({ state: 'missing', since: 2000, last_growth: 70 });
  now = 3000;
  expect(await look(rotated, file('eve.json', 'unreadable', 80))).toMatchObject({
    state: 'unreadable',
    since: 3000,
    path: join(folder, 'eve.json'),
    last_growth: 80,
  });
  now = 4000;
  // An old one that may not be read is no matter.
  const old = file('eve.json.3', 'unreadable', 5);
  expect(await look(rotated, file('eve.json', 'current', 90), old)).toMatchObject({ state: 'readable', since: 4000 });
});

it('asks a socket sooner where something is overdue', async () => {
  let now = 100_000;
  const looks = new Looks(() => now);
  const sensor = { ...SENSOR, command_socket: join(folder, 'nobody.socket') };
  const asked = async (doubtful: string[]) =>
    (await looks.look([sensor], [], new Set(doubtful)))['a']!.socket?.asked ?? null;
  const until = async (wanted: number, doubtful: string[]): Promise<void> => {
    const end = Date.now() + 10_000;
    while ((await asked(doubtful)) !== wanted && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await asked([])).toBe(wanted);
  };
  await until(100_000, []);
  now = 102_000;
  expect(await asked([])).toBe(100_000);
  await until(102_000, ['a']);
});

it('measures the room of the folder that the log lies in', async () => {
  const facts = await new Looks(() => 1).look([SENSOR], [source([file('eve.json', 'current', 5)])]);
  expect(facts['a']!.source!.free_bytes).toBeGreaterThan(0);
});

it('knows nothing of a log that no source reads, and asks no socket that is not named', async () => {
  const facts = await new Looks(() => 1).look([{ ...SENSOR, sources: ['file_tail:9'] }], [source([])]);
  expect(facts).toEqual({ a: { source: null, interface: null, socket: null } });
});

it('is not held up by a command socket', async () => {
  let now = 10_000;
  const looks = new Looks(() => now);
  const sensor = { ...SENSOR, command_socket: join(folder, 'nobody.socket') };
  expect((await looks.look([sensor], []))['a']!.socket).toBeNull();
  const end = Date.now() + 10_000;
  let state: string | undefined;
  while (state === undefined && Date.now() < end) {
    now += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    state = (await looks.look([sensor], []))['a']!.socket?.state;
  }
  expect(state).toBe('absent');
});
