import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/base/error-codes.ts';
import { ROUTES } from '../../src/view/routes.ts';
import { ask, startFakeStation, type Answer, type FakeStation } from '../../src/view/testing/fake-station.ts';

/** Milliseconds per property; raise it for a long hunt: `VARDE_FUZZ_MS=600000 npx vitest run --project fuzz`. */
const BUDGET_MS = Number(process.env.VARDE_FUZZ_MS ?? 20_000) / 4;
const limits = { numRuns: 1_000_000, interruptAfterTimeLimit: BUDGET_MS, markInterruptAsFailure: false };

let station: FakeStation;
beforeAll(async () => {
  station = await startFakeStation({ importFiles: async (paths) => ({ paths: paths.length }) });
});
afterAll(() => station.stop());

/** Whatever comes in: an answer of ours, never a defect, and never without its fences. */
function isOurs(answer: Answer, what: string): void {
  if (answer.status === 400 && answer.body.length === 0) return; // Node's own parser refused it.
  expect(answer.headers['content-security-policy'], what).toContain("default-src 'none'");
  if (answer.status < 400) return;
  const { error } = answer.json() as { error: { code: keyof typeof ERROR_CODES; message: string; remedy: string } };
  expect(Object.hasOwn(ERROR_CODES, error.code), what).toBe(true);
  expect(error.code, `${what}: ${answer.body.toString()}`).not.toBe('internal');
  expect(answer.status).toBe(ERROR_CODES[error.code].http);
  expect(error.message.length).toBeGreaterThan(0);
}

const hostile = fc.constantFrom(
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00',
  '\0',
  "' OR 1=1 --",
  '=1+1',
  '\u202E',
  '-1',
  '1e309',
  'NaN',
  '99999999999999999999',
  '24h',
  '*',
  '"',
  '(',
  '[1 TO 2]',
  'a:b',
  '<script>',
);
const value = fc.oneof(
  hostile,
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer().map(String),
);
const NAMES = [
  'q',
  'from',
  'to',
  'by',
  'bins',
  'field',
  'limit',
  'bytes',
  'columns',
  'after',
  'sort',
  'id',
  'format',
  'prefix',
  'offset',
  'source',
  'code',
  'raw',
];
const parameters = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), value), value), { maxLength: 6 });
const known = fc.constantFrom(...ROUTES.map(({ path }) => path).filter((path) => path !== '/api/live'));

/** Lone surrogates cannot be written in an address. */
const encode = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
const address = (path: string, given: [string, string][]): string =>
  `${path}?${given.map(([name, text]) => `${encode(name)}=${encode(text)}`).join('&')}`;

it('known addresses with any parameters', async () => {
  await fc.assert(
    fc.asyncProperty(known, parameters, fc.boolean(), async (path, given, socket) => {
      const target = address(path, given);
      isOurs(await ask(station, target, { socket }), target);
    }),
    limits,
  );
});

it('any address, any method, any header', async () => {
  const segment = fc.oneof(
    fc.constantFrom(
      'api',
      'assets',
      '..',
      '.',
      '',
      '%2e%2e',
      '%2f',
      'events',
      'healthz',
      '%',
      '%zz',
      '%ff',
      'index.html',
    ),
    value.map(encode),
  );
  const path = fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND');
  const text = fc.stringMatching(/^[\x21-\x7e]{0,30}$/);
  const headers = fc.dictionary(
    fc.constantFrom(
      'host',
      'origin',
      'sec-fetch-site',
      'accept-encoding',
      'if-none-match',
      'range',
      'x-forwarded-host',
    ),
    text,
    { maxKeys: 3 },
  );
  await fc.assert(
    fc.asyncProperty(path, method, headers, async (target, verb, extra) => {
      const answer = await ask(station, target, { method: verb, headers: { ...extra } });
      isOurs(answer, `${verb} ${target} ${JSON.stringify(extra)}`);
      expect(answer.body.toString()).not.toContain('secret');
    }),
    limits,
  );
});

it('any body', async () => {
  const body = fc.oneof(
    fc.json().map(String),
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc
      .record({ statement: fc.jsonValue(), paths: fc.jsonValue(), parser: fc.jsonValue() }, { requiredKeys: [] })
      .map((record) => JSON.stringify(record)),
    fc.integer({ min: 1, max: 20_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/api/sql', '/api/import', '/api/quarantine/retry'),
      body,
      fc.boolean(),
      async (path, text, socket) => {
        isOurs(await ask(station, path, { method: 'POST', body: text, socket }), `${path} ${text.slice(0, 100)}`);
      },
    ),
    limits,
  );
});

it('is alive afterwards, and logged no defect', async () => {
  expect((await ask(station, '/api/count')).status).toBe(200);
  expect(station.logged.filter((line) => line.includes('request_failed') || line.includes('defect_met'))).toEqual([]);
});
