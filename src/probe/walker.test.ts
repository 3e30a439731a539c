import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROBES } from './probes.ts';
import { PROBE_KINDS } from './sent-probe.ts';

const ROOM = import.meta.dirname;
const HEADINGS = ['## What is sent', '## The rule', '## What counts as an answer', '## Limits'];
/** What the kinds share; every other folder is a kind. */
const SHARED = ['socket'];

const folders = readdirSync(ROOM, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !SHARED.includes(entry.name))
  .map(({ name }) => name);

test('every folder is a registered kind, and every kind a folder', () => {
  expect(folders.toSorted()).toEqual(Object.keys(PROBES).toSorted());
  expect(Object.keys(PROBES).toSorted()).toEqual([...PROBE_KINDS].toSorted());
});

test.each(PROBE_KINDS)('%s has its files and says which kind it is', (kind) => {
  for (const file of ['README.md', `${kind}.ts`, `${kind}.test.ts`])
    expect(existsSync(join(ROOM, kind, file)), file).toBe(true);
  const readme = readFileSync(join(ROOM, kind, 'README.md'), 'utf8');
  expect(readme.split('\n').filter((line) => line.startsWith('## '))).toEqual(HEADINGS);
  expect(PROBES[kind].kind).toBe(kind);
  expect(PROBES[kind].title).not.toBe('');
});
