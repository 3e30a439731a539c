import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadKey } from './key.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'varde-key-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it('is made once, for its owner only, and read again', () => {
  const root = folder();
  const path = join(root, 'data', 'probe.key');
  const key = loadKey(path, { create: true });
  expect(key).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'latin1')).toMatch(/^[0-9a-f]{64}\n$/);
  expect(loadKey(path, { create: true })).toEqual(key);
  expect(loadKey(path, { create: false })).toEqual(key);
  expect(readdirSync(join(root, 'data'))).toEqual(['probe.key']);
});

it('is not made where that was not asked for', () => {
  const path = join(folder(), 'probe.key');
  expect(() => loadKey(path, { create: false })).toThrowError(expect.objectContaining({ code: 'probe_key' }));
  expect(existsSync(path)).toBe(false);
});

it('is refused when others may read it, and when it is no key; neither is replaced', () => {
  const path = join(folder(), 'probe.key');
  loadKey(path, { create: true });
  chmodSync(path, 0o640);
  expect(() => loadKey(path, { create: true })).toThrowError(/mode 640/);
  for (const text of ['', 'hello', 'a'.repeat(63), `${'a'.repeat(65)}`]) {
    writeFileSync(path, text);
    chmodSync(path, 0o600);
    expect(() => loadKey(path, { create: true })).toThrowError(/hexadecimal/);
    expect(readFileSync(path, 'latin1')).toBe(text);
  }
});

it('is made without links where the file system has none, and never replaced', () => {
  const path = join(folder(), 'probe.key');
  const link = (): never => {
    throw Object.assign(new Error('no links here'), { code: 'EPERM' });
  };
  const key = loadKey(path, { create: true, link });
  expect(readdirSync(dirname(path))).toEqual(['probe.key']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(loadKey(path, { create: true, link })).toEqual(key);
  // Another process was faster between the look and the making.
  rmSync(path);
  const late = (): never => {
    writeFileSync(path, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
    return link();
  };
  expect(loadKey(path, { create: true, link: late }).toString('hex')).toBe('ab'.repeat(32));
});
