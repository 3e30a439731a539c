import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newRow } from '../../src/event/row.ts';
import { isReject, REJECT_CODES, type Parser } from '../../src/parse/parser.ts';
import { PARSERS } from '../../src/parse/parsers.ts';
import { projectDocument } from '../../src/parse/project.ts';
import type { JsonObject } from '../../src/event/json.ts';
import { parseLossless, stringifyLossless } from '../../src/event/lossless-json.ts';
import { eveLine, scalarsOf } from './eve-lines.ts';

/** Seconds per property: `FUZZ_SECS=600 npx vitest run --project fuzz test/fuzz/parse.test.ts` searches for longer. */
const SECONDS = Number(process.env.FUZZ_SECS ?? (process.env.CI === 'true' ? 20 : 5));
const LIMIT = { interruptAfterTimeLimit: SECONDS * 1000, numRuns: 10_000_000 };
const ORIGIN = {
  fileId: '0123456789abcdef',
  path: '/var/log/x',
  offset: 0,
  ingested: 1_700_000_000_000_000,
  source: 'fuzz',
};

/** Whatever the bytes: no exception, a known reject or a document that can be written, and columns that agree with it. */
function holds(parser: Parser, line: Buffer): void {
  const row = newRow();
  const refused = parser.row(line, 0, line.length, row);
  const document = parser.document(line, ORIGIN);
  if (isReject(document)) {
    expect(Object.keys(REJECT_CODES)).toContain(document.code);
    expect(document.code).not.toBe('parser_failed');
    expect(refused).toEqual(document);
    return;
  }
  expect(refused).toBeNull();
  const projected = newRow();
  projectDocument(document, projected);
  expect(row).toEqual(projected);
  expect(typeof stringifyLossless(document)).toBe('string');
}

function fixtures(id: string): Buffer[] {
  const folder = join(import.meta.dirname, '../../src/parse', id, 'fixtures');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(join(folder, name), 'latin1').split('\n'))
    .filter((line) => line.length > 0 && line.length < 20_000)
    .map((line) => Buffer.from(line, 'latin1'));
}

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '0',
      '-',
      'null',
      '\\u0000',
      '\\ud800',
      '\u0000',
      '"":',
      '[**] ',
      '9'.repeat(30),
      '[['.repeat(500),
    )
    .map((text) => Buffer.from(text)),
);

/** A real line with some places overwritten, cut, or put together with another line. */
function mutated(lines: Buffer[]): fc.Arbitrary<Buffer> {
  const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 6 }), piece);
  return fc.tuple(fc.constantFrom(...lines), fc.array(edit, { maxLength: 5 })).map(([line, edits]) => {
    let bytes = line;
    for (const [where, removed, inserted] of edits) {
      const at = Math.floor(where * bytes.length);
      bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
    }
    return bytes;
  });
}

describe.each([...PARSERS.values()])('$id', (parser) => {
  const lines = fixtures(parser.id);

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => holds(parser, Buffer.from(bytes))),
      LIMIT,
    );
  });

  test('real lines with damage', () => {
    fc.assert(
      fc.property(mutated(lines), (line) => holds(parser, line)),
      LIMIT,
    );
  });
});

test('eve lines with every kind of value, of which nothing is lost', () => {
  const parser = PARSERS.get('suricata-eve')!;
  fc.assert(
    fc.property(eveLine, (text) => {
      const line = Buffer.from(text);
      holds(parser, line);
      const document = parser.document(line, ORIGIN);
      if (isReject(document)) return;
      delete (document.event as JsonObject).original;
      const kept = new Set(scalarsOf(document));
      expect(scalarsOf(parseLossless(line.toString())).filter((scalar) => !kept.has(scalar))).toEqual([]);
    }),
    LIMIT,
  );
});
