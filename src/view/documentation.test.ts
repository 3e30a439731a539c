import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ROUTES } from './routes.ts';
import { PAGES } from './static-files.ts';

const page = readFileSync('docs/http-api.md', 'utf8');
const contract = readFileSync('src/view/api.ts', 'utf8');

it('docs/http-api.md has a row for each endpoint and no other', () => {
  const documented = [...page.matchAll(/^\| `((?:GET|POST) \/[^`]*)`/gm)].map((match) => match[1]);
  expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
});

it('the contract names each endpoint and page', () => {
  for (const { path } of ROUTES) expect(contract, path).toContain(path);
  for (const path of PAGES) expect(contract).toContain(path);
});
