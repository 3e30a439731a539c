import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EVENT_COLUMNS } from '../event/columns.ts';
import { stringifyLossless } from '../event/lossless-json.ts';
import { newRow } from '../event/row.ts';
import { isReject, REJECT_CODES, type LineOrigin, type Parser } from './parser.ts';
import { PARSERS } from './parsers.ts';
import { projectDocument } from './project.ts';

/**
 * Walks every log format: each folder of this room is one. `UPDATE_FIXTURES=1 npx vitest run src/parse/walker.test.ts` writes the expected
 * documents anew: read them before you commit them.
 */
const ROOM = import.meta.dirname;
const FILES = ['README.md'];
const HEADINGS = ['## What is read', '## Examples', '## Mapping', '## Rejects', '## Odd lines'];
const update = process.env.UPDATE_FIXTURES === '1';

// Formats in local time are read in this zone, wherever the test runs.
process.env.TZ = 'UTC';

const formats = readdirSync(ROOM, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test('every folder is a registered format, and every registered format a folder', () => {
  expect(formats.toSorted()).toEqual([...PARSERS.keys()].toSorted());
});

/** The lines of a log with their offsets; the newline belongs to none. */
function linesOf(log: Buffer): { line: Buffer; offset: number }[] {
  const lines: { line: Buffer; offset: number }[] = [];
  for (let offset = 0; offset < log.length;) {
    const newline = log.indexOf(10, offset);
    const end = newline < 0 ? log.length : newline;
    lines.push({ line: log.subarray(offset, end), offset });
    offset = end + 1;
  }
  return lines;
}

/** The document or reject of a line as it stands in the expected file, after proving that the columns say the same. */
function expectedOf(parser: Parser, line: Buffer, origin: LineOrigin): { text: string; rejected: boolean } {
  const row = newRow();
  const padded = Buffer.concat([Buffer.from('{"x'), line, Buffer.from('\n')]);
  const refused = parser.row(padded, 3, 3 + line.length, row);
  const document = parser.document(line, origin);
  if (isReject(document)) {
    expect(refused).toEqual(document);
    expect(Object.keys(REJECT_CODES)).toContain(document.code);
    return { text: JSON.stringify(document), rejected: true };
  }
  expect(refused).toBeNull();
  const projected = newRow();
  projectDocument(document, projected);
  expect(named(row)).toEqual(named(projected));
  return { text: stringifyLossless(document), rejected: false };
}

function named(row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(EVENT_COLUMNS.map((column, i) => [column.name, row[i]]));
}

describe.each(formats)('%s', (format) => {
  const folder = join(ROOM, format);
  const parser = PARSERS.get(format)!;
  const logs = readdirSync(join(folder, 'fixtures'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.log'),
  );

  test('has its files', () => {
    for (const file of [...FILES, `${format}.ts`, `${format}.test.ts`])
      expect(existsSync(join(folder, file)), file).toBe(true);
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(readme.split('\n').filter((line) => line.startsWith('## '))).toEqual(HEADINGS);
    expect(logs.length).toBeGreaterThan(0);
  });

  test('has a reject among its fixtures', () => {
    const rejects = logs.flatMap((name) =>
      linesOf(readFileSync(join(folder, 'fixtures', name))).filter(
        ({ line }) => parser.row(line, 0, line.length, newRow()) !== null,
      ),
    );
    expect(rejects.length).toBeGreaterThan(0);
  });

  test.each(logs)('%s reads as expected', (name) => {
    const log = join(folder, 'fixtures', name);
    const path = relative(join(folder, 'fixtures'), log);
    const actual = linesOf(readFileSync(log)).map(
      ({ line, offset }) =>
        expectedOf(parser, line, {
          fileId: '0123456789abcdef',
          path,
          offset,
          ingested: Date.UTC(2026, 0, 31) * 1000,
          source: 'fixture',
        }).text,
    );
    const expectedFile = log.replace(/\.log$/, '.expected.ndjson');
    if (update) writeFileSync(expectedFile, `${actual.join('\n')}\n`);
    const expected = readFileSync(expectedFile, 'utf8').split('\n').slice(0, -1);
    for (const [i, text] of actual.entries()) expect(JSON.parse(text)).toEqual(JSON.parse(expected[i] ?? 'null'));
    expect(actual).toEqual(expected);
  });
});
