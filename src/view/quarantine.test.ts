import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QuarantinePage } from './api.ts';
import { ask, fakeQuestions, FILE_ID, HOSTILE, startFakeStation, type FakeStation } from './testing/fake-station.ts';

let station: FakeStation;
beforeAll(async () => {
  station = await startFakeStation();
});
afterAll(() => station.stop());

const line = {
  source: 's',
  parser: 'p',
  path: '/x',
  file_id: FILE_ID,
  offset: 1,
  length: 2,
  code: 'not_json',
  detail: 'd',
  time: 5,
} as const;

it('shows refused lines: their reason in words, their bytes where they are no text', async () => {
  station.questions = fakeQuestions({
    quarantine: async (options) => ({
      total: 3,
      lines: [
        { ...line, line: Buffer.from(HOSTILE) },
        { ...line, line: Buffer.from([0xff]) },
        { ...line, line: null },
      ],
      by_code: [{ code: 'not_json', source: 's', count: options.limit }],
    }),
  });
  const page = (await ask(station, '/api/quarantine?limit=3')).json() as QuarantinePage;
  expect(page.by_code).toEqual([{ code: 'not_json', source: 's', count: 3, title: 'The line is not valid JSON.' }]);
  expect(page.lines.map(({ text, hex }) => [text, hex])).toEqual([
    [HOSTILE, null],
    ['\uFFFD', 'ff'],
    [null, null],
  ]);
});

it('streams the quarantine as a whole, each line as it was', async () => {
  const long = 'x'.repeat(100_000);
  const asked: unknown[] = [];
  station.questions = fakeQuestions({
    async *quarantined(options) {
      asked.push(options);
      yield [{ ...line, line: Buffer.from(long) }];
      yield [
        { ...line, line: Buffer.from([0xff, 10]) },
        { ...line, line: null },
      ];
    },
  });
  const { body } = await ask(station, '/api/quarantine/export?limit=7&code=not_json');
  const rows = body.toString().trimEnd().split('\n');
  expect(rows.map((row) => JSON.parse(row) as object)).toEqual([
    expect.objectContaining({ text: long, hex: null }),
    expect.objectContaining({ text: null, hex: 'ff0a' }),
    expect.objectContaining({ text: null, hex: null }),
  ]);
  expect(asked).toEqual([{ source: undefined, code: 'not_json', limit: 7 }]);
});

it('tries the quarantine again', async () => {
  const answer = await ask(station, '/api/quarantine/retry', { method: 'POST' });
  expect(answer.json()).toEqual({ tried: 3, stored: 2 });
});
