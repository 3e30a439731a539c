import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Player } from './player.ts';
import { formatStamp, shiftLine, type RecordedLine } from './recording.ts';

it('moves every time of a line by the same amount and nothing else', () => {
  const line =
    '{"timestamp":"2026-01-15T10:00:00.000001+0000","flow_id":1,"http":{"url":"/2026-01-15T10:00:00.000001+0000x"},"flow":{"start":"2026-01-15T09:59:59.999999+0000"},"tls":{"notbefore":"2026-01-01T00:00:00"}}';
  expect(shiftLine(line, 3_600_000_000 + 1)).toBe(
    '{"timestamp":"2026-01-15T11:00:00.000002+0000","flow_id":1,"http":{"url":"/2026-01-15T10:00:00.000001+0000x"},"flow":{"start":"2026-01-15T11:00:00.000000+0000"},"tls":{"notbefore":"2026-01-01T00:00:00"}}',
  );
});

it('writes every line once over a rename and a copytruncate, the newest event at the given time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varde-player-'));
  try {
    mkdirSync(join(folder, 'log'));
    const start = Date.UTC(2026, 0, 15) * 1000;
    const lines: RecordedLine[] = Array.from({ length: 3000 }, (_, i) => {
      const ts = start + i * 1_000_000;
      return { ts, text: `{"timestamp":"${formatStamp(ts)}","n":${i}}` };
    });
    const player = new Player(lines, join(folder, 'log'));
    const now = Date.UTC(2026, 10, 24);
    await player.playPast(2 / 3, now);
    expect(player.written).toBe(2000);
    const files = ['eve.json.1', 'eve.json.2', 'eve.json'].map((name) => join(folder, 'log', name));
    expect(files.map((file) => existsSync(file))).toEqual([true, true, true]);
    const all = files.flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n'));
    expect(all.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(JSON.parse(all.at(-1)!)).toMatchObject({ timestamp: formatStamp(now * 1000) });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
