import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FIELD_NAMES } from './fields.ts';
import { MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parseQuery } from './grammar.ts';

const text = readFileSync('docs/search.md', 'utf8');

/** The examples: first column of the code block, and code in the table of tests. */
const examples = [
  ...text
    .split('```')[1]!
    .trim()
    .split('\n')
    .map((line) => line.split(/ {3,}/)[0]!),
  ...text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)),
].filter((example) => example !== 'NOT');

it.each(examples)('the documented %s is understood', (example) => {
  expect(parseQuery(example).hints).toEqual([]);
});

it('names limits and short names that are true', () => {
  expect(text).toContain(`${MAX_LENGTH.toLocaleString('en')} characters, ${MAX_TERMS} terms and ${MAX_DEPTH} levels`);
  const names = /- short names: ([^;]+);/.exec(text)![1]!;
  for (const [, name] of names.matchAll(/`([^`]+)`/g)) expect(FIELD_NAMES).toContain(name);
});
