import { expect, it } from 'vitest';
import type { QuarantinedLine } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';
import { collect } from '../test-store.ts';
import { quarantine, quarantined } from './quarantine.ts';

/** A quarantine of lines of this length, and how many of them were read. */
function made(count: number, length: number): { context: QuestionContext; read: () => number } {
  let read = 0;
  const line = Buffer.alloc(length, 0x61);
  async function* lines(): AsyncGenerator<QuarantinedLine> {
    for (let offset = 0; offset < count; offset++) {
      read++;
      const code = offset % 2 === 0 ? 'not_json' : 'bad_timestamp';
      const where = { source: 's', parser: 'p', path: '/x', file_id: 'f', offset, length };
      yield { ...where, code, detail: '', time: 1, line };
    }
  }
  return { context: { catalogue: { quarantined: lines } } as unknown as QuestionContext, read: () => read };
}

it('counts all lines, whatever the limit', async () => {
  const { context } = made(1500, 1);
  expect(await quarantine(context, { limit: 0, offset: 0 })).toMatchObject({ total: 1500, lines: [] });
  const page = await quarantine(context, { limit: 100, offset: 1450, code: 'not_json' });
  expect(page).toMatchObject({ total: 750, lines: [] });
  expect(page.by_code.map(({ count }) => count)).toEqual([750, 750]);
});

it('ends a page where its lines get large, without a gap, and gives one line at least', async () => {
  const { context } = made(20, 3_000_000);
  const offsets: number[] = [];
  for (;;) {
    const { lines, total } = await quarantine(context, { limit: 1000, offset: offsets.length });
    expect(lines.length).toBeLessThan(3);
    offsets.push(...lines.map(({ offset }) => offset));
    if (offsets.length === total) break;
  }
  expect(offsets).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect((await quarantine(made(2, 30_000_000).context, { limit: 10, offset: 1 })).lines).toHaveLength(1);
});

it('streams all of it in one scan, in parts of some megabytes', async () => {
  const many = made(1500, 1);
  const parts = await collect(quarantined(many.context, { limit: 0 }));
  expect(parts.flat().map(({ offset }) => offset)).toEqual(Array.from({ length: 1500 }, (_, i) => i));
  expect(many.read()).toBe(1500);
  const long = await collect(quarantined(made(20, 3_000_000).context, { limit: 0 }));
  expect(Math.max(...long.map((part) => part.length))).toBe(3);
  expect((await collect(quarantined(many.context, { limit: 7, code: 'bad_timestamp' }))).flat()).toHaveLength(7);
});

it('stops when its asker has gone, and reads no further than what is fetched', async () => {
  const { context, read } = made(100_000, 1);
  const abort = new AbortController();
  const scan = quarantined(context, { limit: 0 }, { signal: abort.signal })[Symbol.asyncIterator]();
  await scan.next();
  expect(read()).toBe(500);
  abort.abort();
  await expect(scan.next()).rejects.toMatchObject({ code: 'query_cancelled' });
  await expect(quarantine(context, { limit: 1, offset: 0 }, { signal: abort.signal })).rejects.toMatchObject({
    code: 'query_cancelled',
  });
  expect(read()).toBeLessThan(510);
});
