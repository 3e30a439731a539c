import { accessSync, constants, statSync } from 'node:fs';
import type { FileRecord } from '../../event/position.ts';
import type { FileStatus, SourceStatus } from '../source.ts';
import { globPlaces, listNames, matchSegment } from './glob.ts';

/**
 * What lies at a source's paths when nothing follows them: for `varde doctor` without a station. Opens no file; a file is recognised by
 * device and inode only, so a rotated and compressed one shows no position.
 */
export function lookAtFiles(
  id: string,
  parser: string,
  patterns: readonly string[],
  records: Iterable<FileRecord>,
): SourceStatus {
  const known = new Map<string, FileRecord>();
  for (const record of records) known.set(`${record.dev}:${record.ino}`, record);
  const files: FileStatus[] = [];
  const seen = new Set<string>();
  const denied: string[] = [];
  for (const pattern of patterns) {
    for (const { folder, names } of globPlaces(pattern, (path) => denied.push(path))) {
      for (const name of listNames(folder, (path) => denied.push(path))) {
        const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
        if (!matchSegment(names, name) || seen.has(path)) continue;
        seen.add(path);
        const status = look(path, known);
        if (status !== null) files.push(status);
      }
    }
  }
  for (const folder of new Set(denied)) files.push(unreadable(folder, 0, 0));
  const lag = files.reduce(
    (sum, file) => sum + (/\.(gz|zst)$/.test(file.path) ? 0 : Math.max(0, file.size - file.position)),
    0,
  );
  return { id, type: 'file_tail', parser, patterns: [...patterns], files, lag_bytes: lag, last_line: null };
}

function look(path: string, known: ReadonlyMap<string, FileRecord>): FileStatus | null {
  try {
    const info = statSync(path, { bigint: true });
    if (!info.isFile()) return null;
    const record = known.get(`${info.dev}:${info.ino}`);
    const size = Number(info.size);
    const modified = Number(info.mtimeMs);
    if (!readable(path)) return unreadable(path, size, modified);
    const position = record?.position ?? 0;
    return {
      path,
      id: record?.id ?? null,
      state: position >= size ? 'current' : 'reading',
      problem: null,
      size,
      position,
      modified,
    };
  } catch {
    return null;
  }
}

function unreadable(path: string, size: number, modified: number): FileStatus {
  const problem = { code: 'source_unreadable', message: 'this user may not read it' };
  return { path, id: null, state: 'unreadable', problem, size, position: 0, modified };
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
