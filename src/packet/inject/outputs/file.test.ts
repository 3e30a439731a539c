import type * as realFs from 'node:fs';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeTzsp } from '../../tzsp/encode.ts';
import { readTzsp, TzspView } from '../../tzsp/decode.ts';
import { Router } from '../router.ts';
import { FileOutput } from './file.ts';

/** What writing runs into. */
const disk = { error: null as string | null };
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof realFs>();
  const writeSync = (...of: [number, Buffer, number, number, number]): number => {
    if (disk.error !== null) throw Object.assign(new Error(disk.error), { code: disk.error });
    return fs.writeSync(...of);
  };
  return { ...fs, writeSync };
});

const ROUTER = new Router('10.0.0.1', [], 0);
const START = 1_795_500_000_000;

describe('files', () => {
  let folder: string;
  let begun: string[];
  let rotated: [string, boolean][];
  const events = {
    begun: (path: string) => void begun.push(path),
    rotated: (path: string, _: number, kept: boolean) => void rotated.push([path, kept]),
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    folder = mkdtempSync(join(tmpdir(), 'varde-file-'));
    begun = [];
    rotated = [];
    disk.error = null;
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });

  const output = (): FileOutput =>
    new FileOutput(
      {
        type: 'pcap',
        file: join(folder, 'a.pcap'),
        rotateSecs: 0,
        rotateBytes: 0,
        keepFiles: 3,
        compress: 'none',
        minFreeBytes: 0,
      },
      0,
      events,
    );

  function push(files: FileOutput, encapsulation = 1): void {
    const bytes = encodeTzsp({ frame: Buffer.alloc(100, 7), encapsulation });
    const view = new TzspView();
    readTzsp(view, bytes, 0, bytes.length);
    files.push(bytes, view, { seconds: 1, nanoseconds: 0 }, ROUTER);
  }

  /** So many seconds in which frames come. @returns how many files were begun in them */
  function pass(files: FileOutput, seconds: number): number {
    const before = begun.length;
    for (let tick = 0; tick < seconds * 5; tick++) {
      vi.setSystemTime(Date.now() + 200);
      push(files);
      files.tick(Date.now());
    }
    return begun.length - before;
  }

  it('of several link types are several, each with its own in its head', () => {
    const files = output();
    push(files);
    push(files, 18);
    push(files);
    files.close();
    expect(begun.map((path) => statSync(path).size).sort()).toEqual([24 + 116, 24 + 2 * 116]);
    expect(files.report()).toMatchObject({ frames: 3, dropped: {} });
  });

  it('of nothing do not stay behind after an error, and it is tried again ever less often', () => {
    const files = output();
    pass(files, 1);
    disk.error = 'EDQUOT';
    expect(pass(files, 1)).toBe(0);
    expect(rotated).toEqual([[begun[0], true]]);
    // After 1, 2, 4, 8, 16 and 32 seconds more.
    expect(pass(files, 70)).toBeLessThan(8);
    expect(pass(files, 600)).toBeLessThan(12);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(rotated.slice(1).every(([, kept]) => !kept)).toBe(true);
    expect(files.report().dropped.disk_full).toBeGreaterThan(3000);

    disk.error = null;
    pass(files, 61);
    expect(files.report()).toMatchObject({ state: 'open', reason: null });
    expect(readdirSync(folder)).toHaveLength(2);
    disk.error = 'EIO';
    pass(files, 1);
    expect(files.report().dropped.write_failed).toBeGreaterThan(0);
    files.close();
    expect(readdirSync(folder)).toHaveLength(2);
  });
});
