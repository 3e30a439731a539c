import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { localTime } from './local-clock.ts';

describe('a wall-clock time without zone', () => {
  it('is that of this machine', () => {
    const now = Date.now();
    const there = new Date(2026, 5, 1, 12, 30, 15, 250);
    expect(localTime([2026, 6, 1, 12, 30, 15], 250, now)).toBe(there.getTime());
  });

  it('means the later moment in the hour that is repeated in autumn, unless that lies ahead', () => {
    // The zone of a process is fixed at its start: one with a summer time is needed.
    const source = readFileSync(new URL('local-clock.ts', import.meta.url), 'utf8');
    const script = source
      .replace(/^export /m, '')
      .replace(/fields: readonly \[[^\]]*\]/, 'fields')
      .replaceAll(/\b(ms|now): number/g, '$1')
      .replace('): number {', ') {');
    const ask = `
      const at = (iso) => Date.parse(iso);
      const wall = [2026, 10, 25, 2, 30, 0];
      console.log(JSON.stringify([
        localTime(wall, 0, at('2026-10-25T00:31:00Z')) === at('2026-10-25T00:30:00Z'),
        localTime(wall, 0, at('2026-10-25T01:31:00Z')) === at('2026-10-25T01:30:00Z'),
      ]));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script + ask], {
      env: { ...process.env, TZ: 'Europe/Oslo' },
    });
    expect(String(stdout).trim(), String(stderr)).toBe('[true,true]');
  });
});
