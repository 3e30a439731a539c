import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { installForArm } from './arm.ts';
import { runProgram } from './program.ts';

const FIXTURES = join(PACKAGE_ROOT, 'src/parse/suricata-eve/fixtures/v7');
/** Asked for, everything must be there: what is missing is then a failure and no skipped test. */
const asked = process.env['VARDE_ARM64'] === '1';

test.skipIf(!asked)(
  `import and query run on arm64 and give each line back byte for byte${asked ? '' : ' (skipped: by flag only, set VARDE_ARM64=1; downloads 300 MB once)'}`,
  { timeout: 900_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'varde-arm64-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const program = installForArm('arm64', join(folder, 'app'));
    // latin1: a character per byte, so that equal texts are equal bytes.
    const arm64 = (...args: string[]): string =>
      runProgram([...program.node, ...args], { encoding: 'latin1', cwd: folder });
    const varde = (...args: string[]): string => arm64(program.varde, ...args, '--data', join(folder, 'data'));
    expect(arm64('-p', 'process.arch')).toBe('arm64\n');

    const files = readdirSync(FIXTURES)
      .filter((name) => name.endsWith('.log'))
      .map((name) => join(FIXTURES, name));
    const lines = files.flatMap((file) => linesOf(readFileSync(file, 'latin1')));
    expect(lines.length).toBeGreaterThan(100);

    const books = JSON.parse(varde('import', ...files, '--json')) as Record<string, unknown>;
    expect(books).toMatchObject({ lines_read: lines.length, events_stored: lines.length, lines_quarantined: 0 });
    expect(varde('query', '*', '--count')).toBe(`${lines.length}\n`);
    const alerts = lines.filter((line) => line.includes('"event_type":"alert"'));
    expect(alerts.length).toBeGreaterThan(0);
    expect(varde('query', 'event.kind:alert', '--count')).toBe(`${alerts.length}\n`);
    expect(linesOf(varde('query', '*', '--raw', '--limit', '0')).sort()).toEqual(lines.sort());
  },
);

function linesOf(text: string): string[] {
  return text.split('\n').filter(Boolean);
}
