import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readState, statePath, writeState, type LogState } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'varde-check-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STATE: LogState = { newest: 5, files: [{ id: '1:2', offset: 3, head: 'eA==' }] };

it('a state comes back as it was written', () => {
  const path = join(folder, 'new', 'a.json');
  expect(writeState(path, STATE)).toBeNull();
  expect(readState(path)).toEqual(STATE);
});

it('a damaged or foreign state is none', () => {
  const path = join(folder, 'b.json');
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"newest":"x","files":[{"id":1}]}',
    '{"newest":null,"files":[{"id":"a","offset":-1,"head":""}]}',
  ]) {
    writeFileSync(path, text);
    expect(readState(path)).toEqual({ newest: null, files: [] });
  }
  expect(readState(join(folder, 'absent'))).toEqual({ newest: null, files: [] });
});

it('a state that cannot be written is said, and leaves nothing behind', () => {
  mkdirSync(join(folder, 'c.json'));
  expect(writeState(join(folder, 'c.json'), STATE)).not.toBeNull();
});

it('each log and set of rules has a state of its own', () => {
  const paths = [
    statePath(null, '/a/b', 'x'),
    statePath(null, '/a/b', 'y'),
    statePath(null, '/a_b', 'x'),
    statePath('/given', '/a', 'x'),
  ];
  expect(new Set(paths).size).toBe(4);
  expect(paths[3]).toBe('/given');
});
