import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { heartbeatFile, readSaved, writeSaved } from './heartbeat-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-heartbeat-'));
  path = heartbeatFile(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

it('gives back what was written, and leaves one file that only its user may read', async () => {
  expect(await readSaved(path)).toBeNull();
  await writeSaved(path, { saved: 1, heartbeat: { a: [1] } });
  await writeSaved(path, { saved: 2, heartbeat: { a: [2] } });
  expect(await readSaved(path)).toMatchObject({ saved: 2, heartbeat: { a: [2] } });
  expect(readdirSync(folder)).toEqual(['heartbeat.json']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('writes whatever a state may hold as JSON.stringify would', async () => {
  for (const heartbeat of [
    null,
    [],
    {},
    [[], {}],
    { a: undefined, b: [undefined, null] },
    { series: [{ x: 'é"\n' }, { y: [1, [2]] }] },
  ]) {
    const bytes = await writeSaved(path, { saved: 3, heartbeat });
    expect(readFileSync(path, 'utf8')).toBe(JSON.stringify({ version: 1, saved: 3, heartbeat }));
    expect(bytes).toBe(statSync(path).size);
  }
});

it('reads the old state where writing the new one was cut short', async () => {
  await writeSaved(path, { saved: 1, heartbeat: 'old' });
  writeFileSync(`${path}.tmp`, readFileSync(path, 'utf8').slice(0, 10));
  expect(await readSaved(path)).toMatchObject({ saved: 1, heartbeat: 'old' });
  await writeSaved(path, { saved: 2, heartbeat: 'new' });
  expect(await readSaved(path)).toMatchObject({ heartbeat: 'new' });
});

it('leaves nothing beside it where it cannot be written', async () => {
  mkdirSync(join(path, 'in-the-way'), { recursive: true });
  await expect(writeSaved(path, { saved: 1, heartbeat: 'new' })).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['heartbeat.json']);
});

it('says what is wrong with a damaged file', async () => {
  await writeSaved(path, { saved: 1, heartbeat: 'old' });
  truncateSync(path, 12);
  await expect(readSaved(path)).rejects.toThrow('no JSON');
  for (const text of ['null', '[]', '{"version":2,"saved":1}', '{"version":1}']) {
    writeFileSync(path, text);
    await expect(readSaved(path)).rejects.toThrow('another form');
  }
});
