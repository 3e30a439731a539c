import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { globPlaces, listNames, matchSegment } from './glob.ts';
import { nameBefore } from './kin.ts';

it('matches one path segment as a shell does', () => {
  const f = (pattern: string, name: string, expected: boolean): void => {
    expect(matchSegment(pattern, name), `${pattern} ~ ${name}`).toBe(expected);
  };
  f('eve.json', 'eve.json', true);
  f('eve.json', 'eve.json.1', false);
  f('eve.json*', 'eve.json', true);
  f('eve.json*', 'eve.json-20261124.gz', true);
  f('*.json', 'eve.3.json', true);
  f('*a*b', 'xaab', true);
  f('*a*b', 'xaabc', false);
  f('?', 'ä', true);
  f('??', 'a', false);
  f('', '', true);
  f('*', '', true);
  // Hidden files need a dot of their own.
  f('*', '.hidden', false);
  f('?hidden', '.hidden', false);
  f('.h*', '.hidden', true);
  // Sets.
  f('eve.[0-9]*.json', 'eve.12.json', true);
  f('eve.[0-9].json', 'eve.x.json', false);
  f('[!a-c]x', 'dx', true);
  f('[^a-c]x', 'bx', false);
  f('[]]x', ']x', true);
  f('[a-]x', '-x', true);
  // Literals.
  f('a[b', 'a[b', true);
  f('a\\*b', 'a*b', true);
  f('a\\*b', 'axb', false);
  f('a+(b)|c$', 'a+(b)|c$', true);
});

it('stays fast on patterns that make backtracking engines hang', () => {
  expect(matchSegment('*a'.repeat(50) + 'b', 'a'.repeat(5000))).toBe(false);
});

it('walks folders segment by segment and forgives missing ones', () => {
  const root = mkdtempSync(join(tmpdir(), 'varde-glob-'));
  try {
    mkdirSync(join(root, 'h1/log'), { recursive: true });
    mkdirSync(join(root, 'h2/log'), { recursive: true });
    writeFileSync(join(root, 'h3'), '');
    const failures: string[] = [];
    const places = globPlaces(`${root}/h*/log/eve.json*`, (folder) => failures.push(folder));
    expect(places.map((place) => place.folder.slice(root.length)).sort()).toEqual(['/h1/log', '/h2/log', '/h3/log']);
    expect(places[0]!.names).toBe('eve.json*');
    expect(listNames(join(root, 'h3/log'), (folder) => failures.push(folder))).toEqual([]);
    expect(listNames(join(root, 'nope'), (folder) => failures.push(folder))).toEqual([]);
    expect(failures).toEqual([]);
    expect(globPlaces('eve.json', () => undefined)).toEqual([{ folder: '.', names: 'eve.json' }]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

it('knows what a rotated file was called before', () => {
  const f = (name: string, expected: string | null): void => {
    expect(nameBefore(name), name).toBe(expected);
  };
  f('eve.json.1', 'eve.json');
  f('eve.json.12.gz', 'eve.json');
  f('eve.json.zst', 'eve.json');
  f('eve.json-20261124', 'eve.json');
  f('eve.json-20261124-1732460000.gz', 'eve.json');
  f('eve.json-2026-11-24T06:00.zst', 'eve.json');
  f('eve.3.json.1', 'eve.3.json');
  f('eve.json', null);
  f('eve.3.json', null);
  f('eve.json.bak', null);
  f('eve.json.swp', null);
  f('.1', null);
  f('1', null);
  f('eve.json.', null);
});
