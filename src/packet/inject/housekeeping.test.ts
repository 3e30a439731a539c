import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileOutput } from '../tzsp/settings.ts';
import { Housekeeping } from './housekeeping.ts';

describe('housekeeping', () => {
  let folder: string;
  let troubles: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'varde-housekeeping-'));
    troubles = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function keeper(more: Partial<FileOutput>): Housekeeping {
    const output: FileOutput = {
      type: 'pcap',
      file: join(folder, 'a.pcap'),
      rotateSecs: 60,
      rotateBytes: 0,
      keepFiles: 0,
      compress: 'none',
      minFreeBytes: 0,
      ...more,
    };
    return new Housekeeping([{ type: 'inject', interface: 'dummy0' }, output], (it) => void troubles.push(it));
  }

  /** A file of ours that was begun in that minute of 2026 and not touched since. */
  function file(minute: number, suffix = '', content = `content ${minute}`): string {
    const two = String(minute).padStart(2, '0');
    const path = join(folder, `a-20260101T00${two}00Z${suffix}`);
    writeFileSync(path, content);
    const time = Date.UTC(2026, 0, 1, 0, minute) / 1000;
    utimesSync(path, time, time);
    return path;
  }
  const minutes = (): string[] =>
    readdirSync(folder)
      .sort()
      .map((name) => name.replace(/^a-20260101T00(..)00Z/, '$1'));

  it('deletes the oldest, also where older ones were packed later', async () => {
    const keep = keeper({ keepFiles: 3, compress: 'gzip' });
    for (let minute = 1; minute <= 5; minute++) {
      keep.rotated(file(minute, '.pcap'), 1, true);
      await keep.idle();
    }
    const open = file(6, '.pcap');
    keep.begun(open);
    keep.rotated(open, 1, true);
    await keep.idle();
    expect(minutes()).toEqual(['04.pcap.gz', '05.pcap.gz', '06.pcap.gz']);
    const packed = join(folder, readdirSync(folder)[0]!);
    expect(gunzipSync(readFileSync(packed)).toString()).toBe('content 4');
    expect(statSync(packed).mtime.toISOString()).toBe('2026-01-01T00:04:00.000Z');
    expect(troubles).toEqual([]);
  });

  it('leaves what is being written, however old, and counts it', async () => {
    const keep = keeper({ keepFiles: 3 });
    const idle = file(1, '-linktype105.pcap');
    keep.begun(idle);
    for (let minute = 2; minute <= 6; minute++) {
      const path = file(minute, '.pcap');
      keep.begun(path);
      keep.rotated(path, 1, true);
    }
    keep.begun(file(7, '.pcap'));
    keep.rotated(file(8, '.pcap'), 1, true);
    await keep.idle();
    expect(minutes()).toEqual(['01-linktype105.pcap', '07.pcap', '08.pcap']);
  });

  it('goes on with what a run before left behind, and with nothing else', async () => {
    const keep = keeper({ compress: 'gzip' });
    file(1, '.pcap');
    file(2, '.pcap.gz.part', 'half');
    file(2, '.pcap');
    file(3, '.pcap.gz', 'packed already');
    const open = file(4, '.pcap');
    for (const other of ['b.pcap', 'b.pcap.gz.part']) writeFileSync(join(folder, other), 'not ours');
    keep.begin();
    keep.begun(open);
    await keep.idle();
    expect(minutes()).toEqual(['01.pcap.gz', '02.pcap.gz', '03.pcap.gz', '04.pcap', 'b.pcap', 'b.pcap.gz.part']);
    expect(troubles).toEqual([]);
  });

  it('does not touch a file that is gone, and has nothing to do for one of which nothing is kept', async () => {
    const keep = keeper({ keepFiles: 1, compress: 'gzip' });
    const left = file(1, '.pcap');
    keep.rotated(join(folder, 'a-20260101T000200Z.pcap'), 1, false);
    keep.rotated(join(folder, 'a-20260101T000300Z.pcap'), 1, true);
    keep.rotated(left, 0, true);
    await keep.idle();
    expect(minutes()).toEqual(['01.pcap']);
    expect(troubles).toEqual([]);
  });

  it('stops in the middle, and leaves the file as it was', async () => {
    const keep = keeper({ compress: 'gzip' });
    const big = file(1, '.pcap', 'x'.repeat(64 * 1024 * 1024));
    keep.rotated(big, 1, true);
    keep.rotated(file(2, '.pcap'), 1, true);
    await expect.poll(() => existsSync(`${big}.gz.part`)).toBe(true);
    await keep.stop();
    expect(minutes()).toEqual(['01.pcap', '02.pcap']);
    expect(troubles).toEqual([]);
  });
});
