import type { FileStatus } from '../source.ts';
import type { OpenFile } from './open-file.ts';
import type { Tailer } from './tailer.ts';

/** Files whose unread rest has vanished: the newest of them are shown. */
const GONE_SHOWN = 50;

/** Every file that matters, as people are shown it. */
export function fileStatuses(tailer: Tailer): FileStatus[] {
  const files: FileStatus[] = [];
  for (const file of tailer.files.all()) {
    if (file.entry === null && file.settled !== null && file.settled.copyOf === null && file.problem === null) continue;
    if (file.kin && file.entry === null) continue;
    files.push(statusOf(file));
  }
  for (const { path, message, size, modified } of tailer.files.unreadable.values()) {
    const problem = { code: 'source_unreadable', message };
    files.push({ path, id: null, state: 'unreadable', problem, size, position: 0, modified });
  }
  const gone = [...tailer.book.owned()].filter((entry) => entry.holder === null && entry.missing > 0);
  for (const { record, missing } of gone.slice(-GONE_SHOWN)) {
    const { path, id, position, last_read } = record;
    files.push({ path, id, state: 'gone', problem: null, size: position + missing, position, modified: last_read });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Bytes that wait to be read in plain files. */
export function lagOf(tailer: Tailer): number {
  let lag = 0;
  for (const file of tailer.files.all()) {
    if (file.plain !== null) lag += Math.max(0, file.size - file.plain.trail.position);
    else if (file.entry === null && file.settled === null && file.packing === 'plain') lag += file.size;
  }
  return lag;
}

function statusOf(file: OpenFile): FileStatus {
  const { path, size, problem, mtimeMs: modified } = file;
  const id = file.entry?.record.id ?? file.settled?.copyOf ?? null;
  const position = file.entry?.record.position ?? 0;
  return { path, id, state: stateOf(file), problem, size, position, modified };
}

function stateOf(file: OpenFile): FileStatus['state'] {
  if (file.problem !== null) return file.problem.code === 'source_broken' ? 'broken' : 'unreadable';
  if (file.nlink === 0) return 'gone';
  if (file.plain !== null) {
    if (file.size <= file.plain.trail.position) return 'current';
    return file.plain.changedSince(file.size, file.mtimeMs) ? 'reading' : 'waiting_for_newline';
  }
  if (file.packed !== null) return file.packed.state === 'finished' ? 'finished' : 'reading';
  if (file.settled !== null) return 'finished';
  return file.size === 0 ? 'current' : 'reading';
}
