import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/** Everything that a file loads when it runs: imports of types are erased. */
function loads(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, type, names = '', from, lazy] of text.matchAll(
    /(?:^|\n)(?:import|export)\s+(type\s+)?([^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g,
  )) {
    const target = from ?? lazy ?? '';
    const onlyTypes = /^\{(?:\s*type\s[^,}]*,?)+\s*\}\s*from\s+$/.test(names);
    if (type !== undefined || onlyTypes) continue;
    if (target.startsWith('.')) loads(normalize(join(dirname(file), target)), seen);
    else seen.add(target);
  }
  return seen;
}

it('varde probe needs neither the store nor its native package', () => {
  const loaded = [...loads('src/cli/commands/probe.ts')];
  expect(loaded).toContain('src/probe/sender.ts');
  expect(loaded).toContain('koffi');
  expect(loaded.filter((name) => name.startsWith('src/store/') || name.includes('duckdb'))).toEqual([]);
  expect(loaded.filter((name) => name.startsWith('src/pipeline/') || name.startsWith('src/view/'))).toEqual([]);
});
