import { expect, it, onTestFinished } from 'vitest';
import { feed, numberLines, testFolder, testOptions } from '../test-store.ts';
import { DuckdbStore } from '../writer.ts';
import { createQuestions } from './questions.ts';

const ALL = { from: null, to: null };
const LINE = 20_000;

it('lists long lines in parts of some megabytes, and ends an answer early rather than hold it all', async () => {
  const folder = await testFolder();
  const store = new DuckdbStore(testOptions(folder), createQuestions);
  await store.open();
  onTestFinished(async () => {
    await store.close();
    await folder.remove();
  });
  let position = 0;
  for (let i = 0; i < 5; i++) {
    const batch = store.batch();
    ({ position } = feed(batch, numberLines(1 + i * 500, 500, 'x'.repeat(LINE)), position));
    await store.commit(batch);
  }
  const ids: string[] = [];
  let after: string | null = null;
  let answers = 0;
  do {
    let largest = 0;
    const rows = (part: readonly unknown[]): void => void (largest = Math.max(largest, part.length));
    const options = { columns: ['event.original'], limit: 10_000, after };
    const page = await store.questions().list('*', ALL, options, { rows });
    expect(largest * LINE).toBeLessThan(9 * 1024 * 1024);
    expect(page.rows.length * LINE).toBeLessThan(42 * 1024 * 1024);
    expect(page.rows.every((row) => String(row['event.original']).length > LINE)).toBe(true);
    ids.push(...page.rows.map(({ id }) => id));
    after = page.next;
    answers++;
  } while (after !== null);
  expect(answers).toBe(2);
  expect(new Set(ids).size).toBe(2500);
}, 60_000);
