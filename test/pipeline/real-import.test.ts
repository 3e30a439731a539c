import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decompress } from 'fzstd';
import { expect, it } from 'vitest';
import { varde } from './daemon.ts';
import { splitLines } from './ledger.ts';
import { makePlace } from './place.ts';

/** Real eve.json files beside the project, where there are any. */
const FOLDER = join(import.meta.dirname, '../../../shared/data');
const FILES = existsSync(FOLDER)
  ? readdirSync(FOLDER)
      .filter((name) => name.endsWith('.eve.json.zst'))
      .map((name) => join(FOLDER, name))
  : [];

it.skipIf(FILES.length === 0)('gives back every line of real logs, byte for byte', async () => {
  const lines = FILES.flatMap((file) => splitLines(Buffer.from(decompress(readFileSync(file)))));
  const place = makePlace();
  const ended = await varde(['import', '--json', '-c', place.config, ...FILES]);
  expect(ended.code, ended.stderr).toBe(0);
  const result = JSON.parse(ended.stdout.toString().trim().split('\n').pop()!) as Record<string, number>;
  const broken = lines.filter((line) => !isObject(line));
  expect(result).toMatchObject({
    lines_read: lines.length,
    events_stored: lines.length - broken.length,
    lines_quarantined: broken.length,
    already_there: 0,
    files: FILES.length,
    failed: [],
  });
  const stored = await varde(['query', '*', '--raw', '--limit', '0', '--data', place.data]);
  expect(stored.code, stored.stderr).toBe(0);
  const want = lines.filter((line) => !broken.includes(line)).toSorted(Buffer.compare);
  const got = splitLines(stored.stdout).toSorted(Buffer.compare);
  expect(got.length).toBe(want.length);
  const different = want.findIndex((line, i) => !line.equals(got[i]!));
  // Shown alone: the whole is tens of megabytes.
  if (different !== -1) expect(got[different]!.toString()).toBe(want[different]!.toString());
});

function isObject(line: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(line.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
