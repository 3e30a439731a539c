import type { SourceReport } from '../view/api.ts';
import type { StoreStatus } from '../store/store.ts';
import type { Verdict } from './lamp.ts';

export interface Problem {
  code: string;
  message: string;
  remedy: string;
}

/** A source is late when its oldest unread byte is older than this, or when lines stay uncommitted that long. */
const LATE_MS = 30_000;

/**
 * The station's own part; `lampOf` puts the heartbeat's beside it. `blind`: nothing can be read or kept. `late`: it is being read, but behind. `unknown`: nothing has ever been read. `alive`: all that was
 * written is searchable.
 */
export function verdict(
  sources: readonly SourceReport[],
  store: StoreStatus,
  busySince: number | null,
  now: number,
): Verdict {
  if (store.waiting !== null) return { state: 'blind', reason: `Nothing can be stored: ${store.waiting.message}` };
  if (sources.length === 0) return { state: 'unknown', reason: 'No source is configured.' };
  const files = sources.flatMap((source) => source.files);
  const unreadable = files.filter((file) => file.state === 'unreadable');
  const living = files.filter((file) => file.state !== 'unreadable' && file.state !== 'gone');
  if (living.length === 0 && unreadable.length > 0) {
    return {
      state: 'blind',
      reason: `${unreadable[0]!.path} may not be read: ${unreadable[0]!.problem?.message ?? ''}`,
    };
  }
  if (living.length === 0) return { state: 'unknown', reason: 'None of the configured files exists yet.' };
  if (busySince !== null && now - busySince > LATE_MS) {
    return {
      state: 'late',
      reason: `Lines have been waiting to be stored for ${Math.round((now - busySince) / 1000)} s.`,
    };
  }
  const lag = sources.reduce((sum, source) => sum + source.lag_bytes, 0);
  const behind = sources.find(
    (source) => source.lag_bytes > 0 && source.last_line !== null && now - source.last_line > LATE_MS,
  );
  if (behind !== undefined) return { state: 'late', reason: `${behind.id} has ${behind.lag_bytes} unread bytes.` };
  if (!sources.some((source) => source.accounting.lines_read > 0)) {
    return { state: 'unknown', reason: 'The files are there, but no line has been written yet.' };
  }
  if (unreadable.length > 0) return { state: 'late', reason: `${unreadable[0]!.path} may not be read.` };
  return lag > 0
    ? { state: 'alive', reason: `Reading; ${lag} bytes are still unread.` }
    : { state: 'alive', reason: 'Everything that was written has been read and is searchable.' };
}

/** What is wrong with a source, in plain words, with the remedy. */
export function sourceProblems(source: Omit<SourceReport, 'problems'>): Problem[] {
  const problems: Problem[] = [];
  for (const file of source.files) {
    if (file.problem !== null) {
      const remedy =
        file.state === 'unreadable'
          ? 'Give this user read permission (often the group adm or suricata), then wait: it is tried again by itself.'
          : 'Replace the damaged file; the lines before the damage are stored.';
      problems.push({ code: file.problem.code, message: `${file.path}: ${file.problem.message}`, remedy });
    }
  }
  if (source.files.length === 0) {
    problems.push({
      code: 'no_files',
      message: `${source.patterns.join(', ')}: no such file yet.`,
      remedy: 'Check the path, and that Suricata runs and writes eve.json (outputs: eve-log: enabled: yes).',
    });
  }
  return problems;
}

/** What is wrong with the store. */
export function storeProblems(store: StoreStatus): Problem[] {
  const problems: Problem[] = [];
  if (store.waiting !== null) {
    problems.push({
      code: store.waiting.code,
      message: store.waiting.message,
      remedy:
        'Free disk space, or mend the permissions of the data folder; Varde goes on by itself, nothing is lost meanwhile.',
    });
  }
  for (const aside of store.set_aside) {
    problems.push({
      code: 'segment_corrupt',
      message: `${aside.name} was set aside: ${aside.reason}`,
      remedy:
        'The rest is intact. Import its lines again from the log if you still have it, then remove the file from set-aside/.',
    });
  }
  if (store.quarantined > 0) {
    problems.push({
      code: 'quarantine',
      message: `${store.quarantined} lines could not be stored as events; they are kept verbatim.`,
      remedy:
        'Look at them with: varde query --quarantine. After an update, try them again with: varde quarantine retry.',
    });
  }
  const share = store.disk.total > 0 ? store.disk.free / store.disk.total : 1;
  if (share < 0.05) {
    problems.push({
      code: 'disk_nearly_full',
      message: `The disk of ${store.folder} has only ${(share * 100).toFixed(1)} % free.`,
      remedy: 'Free disk space, or set store.max_bytes; below store.min_free_bytes the oldest events are removed.',
    });
  }
  return problems;
}
