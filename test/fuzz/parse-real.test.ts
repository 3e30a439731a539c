import { decompress } from 'fzstd';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/event/json.ts';
import { parseLossless } from '../../src/event/lossless-json.ts';
import { newRow } from '../../src/event/row.ts';
import { isReject } from '../../src/parse/parser.ts';
import { projectDocument } from '../../src/parse/project.ts';
import { suricataEve } from '../../src/parse/suricata-eve/suricata-eve.ts';
import { scalarsOf } from './eve-lines.ts';

/** Real eve.json files beside the project, where there are any: tens of thousands of lines of many protocols and versions. */
const FOLDERS = ['data', 'data/own', 'data/own/v2'].map((name) => join(import.meta.dirname, '../../../shared', name));
const FILES = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /eve.*\.json(\.zst)?$/.test(name))
    .map((name) => join(folder, name)),
);
const ORIGIN = { fileId: '0123456789abcdef', path: 'eve.json', offset: 0, ingested: 0, source: 'test' };

/** Without real files at hand there is nothing to check: then the one case says so by being skipped. */
const CASES = FILES.length > 0 ? FILES : ['../shared/data (not at hand)'];

test.skipIf(FILES.length === 0).each(CASES)(
  '%s: every line is an event, its columns agree with its document, nothing is lost',
  (file) => {
    const bytes = readFileSync(file);
    const log = file.endsWith('.zst') ? Buffer.from(decompress(bytes)) : bytes;
    let lines = 0;
    for (let start = 0; start < log.length; lines++) {
      const newline = log.indexOf(10, start);
      const line = log.subarray(start, newline < 0 ? log.length : newline);
      start += line.length + 1;
      const row = newRow();
      expect(suricataEve.row(line, 0, line.length, row)).toBeNull();
      const document = suricataEve.document(line, ORIGIN);
      if (isReject(document)) throw new Error(`${document.code}: ${document.detail}`);
      const projected = newRow();
      projectDocument(document, projected);
      // Compared by hand first: this runs for every line.
      if (!row.every((cell, i) => cell === projected[i])) expect(row).toEqual(projected);
      delete (document.event as JsonObject).original;
      const kept = new Set(scalarsOf(document));
      const lost = scalarsOf(parseLossless(line.toString())).filter((scalar) => !kept.has(scalar));
      if (lost.length > 0) expect(lost, line.toString().slice(0, 200)).toEqual([]);
    }
    expect(lines).toBeGreaterThan(0);
  },
  300_000,
);
