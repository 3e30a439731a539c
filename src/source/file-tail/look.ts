import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { FileRecord } from '../../event/position.ts';
import type { FileStatus, SourceStatus } from '../source.ts';
import { scan } from './scan.ts';
import { unreadableBecause } from './unreadable.ts';

/**
 * What a source would find, without reading anything: for `doctor` where no station runs. A file counts as the known one that was last seen
 * with its device and inode.
 */
export function lookAtFiles(
  id: string,
  parser: string,
  patterns: readonly string[],
  records: Iterable<FileRecord>,
): SourceStatus {
  const known = new Map<string, FileRecord>();
  let lastLine: number | null = null;
  for (const record of records) {
    if (record.parser !== parser) continue;
    const key = `${record.dev}:${record.ino}`;
    const before = known.get(key);
    if (before === undefined || before.last_read < record.last_read) known.set(key, record);
    if (record.source === id) lastLine = Math.max(lastLine ?? 0, record.last_read);
  }
  const files: FileStatus[] = [];
  const refuse = (path: string, error: unknown): void => {
    const problem = { code: 'source_unreadable', message: unreadableBecause(path, error) };
    files.push({ path, id: null, state: 'unreadable', problem, size: 0, position: 0, modified: 0 });
  };
  const seen = new Set<string>();
  let lag = 0;
  for (const { path, kin, stats } of scan(
    patterns.map((pattern) => resolve(pattern)),
    refuse,
  ).sightings) {
    const key = `${stats.dev}:${stats.ino}`;
    if (kin || seen.has(key)) continue;
    seen.add(key);
    const record = known.get(key);
    const size = Number(stats.size);
    const packed = /\.(gz|zst|zstd)$/.test(path);
    const position = record?.position ?? 0;
    const unread = packed ? (record === undefined ? size : 0) : Math.max(0, size - position);
    const file = { path, id: record?.id ?? null, size, position, modified: Number(stats.mtimeMs) };
    try {
      accessSync(path, constants.R_OK);
      if (!packed) lag += unread;
      files.push({ ...file, state: unread > 0 ? 'reading' : packed ? 'finished' : 'current', problem: null });
    } catch (error) {
      const problem = { code: 'source_unreadable', message: unreadableBecause(path, error, stats) };
      files.push({ ...file, state: 'unreadable', problem });
    }
  }
  return { id, type: id.split(':')[0]!, parser, patterns: [...patterns], files, lag_bytes: lag, last_line: lastLine };
}
