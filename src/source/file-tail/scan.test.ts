import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Scanner } from './scan.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-scan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
/** Lets a folder seem quiet for long. */
const age = (path: string): void => utimesSync(path, new Date(1000), new Date(1000));
const fail = (path: string, error: unknown): never => {
  throw new Error(`${path}: ${String(error)}`);
};
const names = (scanner: Scanner, now: number): string[] =>
  scanner.scan(now, fail).sightings.map(({ path, kin }) => path.slice(folder.length + 1) + (kin ? ' (kin)' : ''));

it('names first, then their rotated kin', () => {
  for (const name of ['eve.json', 'eve.json.1', 'eve.json-20261124.gz', 'eve.json.bak', 'other'])
    writeFileSync(at(name), name);
  const scanner = new Scanner([at('eve.json'), at('oth*')]);
  expect(names(scanner, 0)).toEqual(['eve.json', 'other', 'eve.json-20261124.gz (kin)', 'eve.json.1 (kin)']);
});

it('looks at all names again only where a folder changed', () => {
  mkdirSync(at('a'));
  writeFileSync(at('a/x.log'), '');
  age(at('a'));
  age(folder);
  const scanner = new Scanner([at('*/x.log'), at('later/y.log')]);
  const first = scanner.scan(0, fail);
  expect(scanner.scan(1000, fail)).toBe(first);
  // A new file in a folder, a new folder, a folder that was missing.
  renameSync(at('a/x.log'), at('a/z'));
  expect(names(scanner, 2000)).toEqual([]);
  writeFileSync(at('a/x.log'), '');
  expect(names(scanner, 3000)).toEqual(['a/x.log']);
  age(at('a'));
  const second = scanner.scan(4000, fail);
  expect(scanner.scan(5000, fail)).not.toBe(first);
  mkdirSync(at('later'));
  writeFileSync(at('later/y.log'), '');
  expect(names(scanner, 6000)).toEqual(['a/x.log', 'later/y.log']);
  expect(second.sightings).toHaveLength(1);
  // A folder that changed just now may change again within the same tick: it is not trusted yet.
  expect(scanner.scan(7000, fail)).not.toBe(scanner.scan(8000, fail));
  for (const path of ['.', 'a', 'later']) age(at(path));
  const third = scanner.scan(9000, fail);
  expect(scanner.scan(9500, fail)).toBe(third);
  // However quiet, everything is looked at from time to time.
  expect(scanner.scan(20_000, fail)).not.toBe(third);
});

it('follows a link that leads elsewhere although the folder did not change', () => {
  mkdirSync(at('real'));
  mkdirSync(at('log'));
  writeFileSync(at('real/1'), '');
  writeFileSync(at('real/2'), '');
  symlinkSync(at('real/1'), at('real/current'));
  symlinkSync(at('real/current'), at('log/eve.json'));
  for (const path of ['.', 'real', 'log']) age(at(path));
  const scanner = new Scanner([at('log/eve.json')]);
  const first = scanner.scan(0, fail);
  expect(scanner.scan(1, fail)).toBe(first);
  symlinkSync(at('real/2'), at('real/new'));
  renameSync(at('real/new'), at('real/current'));
  expect(scanner.scan(2, fail).sightings[0]!.stats.ino).not.toBe(first.sightings[0]!.stats.ino);
});
