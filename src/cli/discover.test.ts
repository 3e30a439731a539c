import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { discover } from './discover.ts';

it('finds eve.json with its rotated and threaded siblings and says what it will do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'varde-discover-'));
  try {
    for (const name of ['eve.json', 'eve.json.1', 'eve.json-20261124.gz', 'eve.3.json', 'stats.log', 'eve.jsonx'])
      writeFileSync(join(folder, name), 'x');
    const { found, lines, sources } = discover(folder);
    expect(found.map((file) => file.path.slice(folder.length + 1))).toEqual([
      'eve.3.json',
      'eve.json',
      'eve.json-20261124.gz',
      'eve.json.1',
    ]);
    expect(lines[1]).toBe(`${folder}/eve.json: 1 bytes, readable. It is read from its beginning and followed.`);
    expect(lines[2]).toContain('readable. It is read from its beginning.');
    expect(sources[0]!.paths).toEqual([`${folder}/eve.json*`, `${folder}/eve.[0-9]*.json*`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('waits for a folder that is not there yet', () => {
  const { lines, sources } = discover('/nonexistent/suricata');
  expect(lines).toEqual(['/nonexistent/suricata does not exist yet: it is followed as soon as it does.']);
  expect(sources).toHaveLength(1);
});
