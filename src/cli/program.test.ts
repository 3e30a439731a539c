import { expect, it, vi } from 'vitest';
import { run } from './program.ts';

it.each([
  ['demo', '--port', '70000'],
  ['demo', '--port', '-1'],
  ['demo', '--port', ''],
  ['up', '--check', '--port', '65536'],
  ['probe', '--target', '192.0.2.1', '--udp-port', '70000'],
])('takes varde %s %s %s … for wrong usage, and begins nothing', async (...args) => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(await run(['node', 'varde', ...args])).toBe(2);
    expect(said.mock.calls.map(([text]) => String(text)).join('')).toMatch(
      /is not a whole number from \d to 65535 \[usage\]/,
    );
  } finally {
    said.mockRestore();
  }
});
