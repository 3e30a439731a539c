import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { streamLines } from '../cli/station-client.ts';
import { configSchema, type Config } from '../config/schema.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import type { ImportResult } from './import.ts';
import { Station } from './station.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'varde-station-'));
  mkdirSync(join(root, 'logs'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function configured(pattern = 'eve.json'): Config {
  return configSchema.parse({
    data: join(root, 'data'),
    sources: [{ type: 'file_tail', parser: 'suricata-eve', paths: [join(root, 'logs', pattern)] }],
    web: { enabled: false },
    store: { fresh_folder: join(root, 'fresh') },
  });
}

function stationWith(config: Config): { station: Station; events: () => string } {
  let events = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      events += chunk.toString();
      done();
    },
  });
  const telemetry = createTelemetry({ stream, level: 'info', tty: false });
  return { station: new Station({ config, configPath: null, telemetry, webRoot: root }), events: () => events };
}

function lines(count: number, padding: number): string {
  const line = JSON.stringify({
    timestamp: '2026-11-24T10:00:00.000000+0000',
    event_type: 'x',
    text: 'x'.repeat(padding),
  });
  return `${line}\n`.repeat(count);
}

it('ends within five seconds although nothing can be stored and a source waits for room', async () => {
  const { station } = stationWith(configured());
  await station.start();
  // A file in the place of each folder: whatever is written there fails as on a bad disk.
  for (const folder of ['fresh', 'data/segments']) {
    renameSync(join(root, folder), join(root, 'away'));
    rmSync(join(root, 'away'), { recursive: true });
    writeFileSync(join(root, folder), '');
  }
  writeFileSync(join(root, 'logs', 'eve.json'), lines(700, 100_000));
  await vi.waitFor(() => expect(station.status().store.waiting).not.toBeNull(), 20_000);
  // The batch behind the one that waits is full: the source waits, too.
  let taken = -1;
  const settled = (): boolean => taken === (taken = station.status().sources[0]!.accounting.in_flight) && taken > 240;
  await vi.waitFor(() => expect(settled()).toBe(true), { timeout: 20_000, interval: 1000 });
  expect(taken).toBeLessThan(700);
  const began = performance.now();
  await station.stop('test');
  expect(performance.now() - began).toBeLessThan(5000);
}, 60_000);

it('puts limits of the store into force, and names what needs a restart until it is as it was', async () => {
  const { station, events } = stationWith(configured());
  await station.start();
  const changed = configured();
  changed.store = { ...changed.store, max_age_secs: 7200, max_bytes: 5_000_000, min_free_bytes: 9, fresh_folder: '/x' };
  changed.data = '/elsewhere';
  changed.web = { ...changed.web, port: 1 };
  await station.reload(changed);
  expect(station.status().store.retention).toMatchObject({
    max_age_secs: 7200,
    max_bytes: 5_000_000,
    min_free_bytes: 9,
  });
  expect(station.status().config_restart).toEqual(['data', 'store.fresh_folder', 'web.port']);
  expect(events()).toContain('config_needs_restart');
  await station.reload(changed);
  expect(station.status().config_restart).toHaveLength(3);
  await station.reload(configured());
  expect(station.status().config_restart).toEqual([]);
  expect(station.status().store.retention).toMatchObject({ max_age_secs: null, max_bytes: null });
  await station.stop('test');
}, 30_000);

it('takes reloads one after the other: the files of both are followed once', async () => {
  const { station, events } = stationWith(configured());
  writeFileSync(join(root, 'logs', 'eve.json'), lines(10, 10));
  await station.start();
  await Promise.all(['eve.json*', '*.json', 'eve.*'].map((pattern) => station.reload(configured(pattern))));
  expect(events().match(/config_reloaded/g)).toHaveLength(3);
  await vi.waitFor(() => expect(station.status().store.events).toBe(10), 10_000);
  expect(station.status().sources).toHaveLength(1);
  expect(station.status().sources[0]).toMatchObject({
    patterns: [join(root, 'logs', 'eve.*')],
    accounting: { lines_read: 10 },
  });
  await station.stop('test');
}, 30_000);

async function importThrough(config: Config, path: string): Promise<{ result?: ImportResult }> {
  let last = '';
  for await (const line of streamLines(config.data, 'POST', '/api/import', { paths: [path] })) last = line.toString();
  return JSON.parse(last) as { result?: ImportResult };
}

it('imports one after the other: the same file at the same time is stored once', async () => {
  const config = configured();
  const { station } = stationWith(config);
  await station.start();
  const path = join(root, 'old.json');
  writeFileSync(path, lines(20_000, 300));
  const results = await Promise.all([importThrough(config, path), importThrough(config, path)]);
  expect(results.map(({ result }) => [result?.events_stored, result?.already_there]).toSorted()).toEqual([
    [0, 20_000],
    [20_000, 0],
  ]);
  expect(station.status().store).toMatchObject({ events: 20_000, segments: { fresh: 0 } });
  // Wrong usage is the asker's own affair: nothing else notices.
  const wrong = streamLines(config.data, 'POST', '/api/import', { paths: [path], parser: 'none' });
  await expect(wrong.next()).rejects.toMatchObject({ code: 'usage' });
  await station.stop('test');
}, 60_000);

it('a reload leaves unchanged sources alone, and lets changed ones read what was moved away to its end', async () => {
  const sources = (second: string): Config['sources'] =>
    ['one.json', second].map((name) => ({ ...configured(name).sources[0]!, poll_interval_ms: 60_000 }));
  const config = (second: string): Config => ({ ...configured(), sources: sources(second) });
  const { station, events } = stationWith(config('two.json'));
  for (const name of ['one', 'two']) writeFileSync(join(root, 'logs', `${name}.json`), lines(10, 10));
  await station.start();
  await vi.waitFor(() => expect(station.status().store.events).toBe(20), 10_000);
  for (const name of ['one', 'two']) {
    appendFileSync(join(root, 'logs', `${name}.json`), lines(20_000, 300));
    renameSync(join(root, 'logs', `${name}.json`), join(root, `${name}.archived`));
  }
  await station.reload(config('three.json'));
  await station.drain();
  // The changed one has read its file to the end; the other one still holds its own.
  expect(events().match(/source_started/g)).toHaveLength(3);
  await station.stop('test');
  expect(events()).not.toContain('file_left');
  const again = stationWith(config('three.json')).station;
  await again.start();
  expect(again.status().store.events).toBe(40_020);
  await again.stop('test');
}, 60_000);
