import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { GENERATED } from '../../tools/generated.ts';

it.each(Object.entries(GENERATED))('%s is what the code makes (npm run generate)', (path, render) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(render());
});

it('the example config is valid', () => {
  expect(
    parseConfig(readFileSync('config/varde.example.yaml', 'utf8'), 'config/varde.example.yaml').sources,
  ).toHaveLength(1);
});
