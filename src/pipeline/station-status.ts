import { VERSION } from '../base/version.ts';
import type { SourceStatus } from '../source/source.ts';
import type { Store } from '../store/store.ts';
import type { SourceReport, StationStatus } from '../view/api.ts';
import { emptyAccounting, type Books } from './accounting.ts';
import { lampOf, type Verdict } from './lamp.ts';
import { sourceProblems, verdict } from './verdict.ts';

export interface StatusParts {
  store: Store;
  books: Books;
  sources: readonly SourceStatus[];
  started: number;
  now: number;
  /** Since when lines have been waiting for a commit, or null. */
  busySince: number | null;
  heartbeat: Verdict | null;
  eventsPerSec: number;
  configPath: string | null;
  configError: string | null;
  configRestart: readonly string[];
  page: string | null;
  demo: boolean;
}

/** Sources with their accounting; files that belong to no configured source any more (imports, removed sources) come at the end. */
export function sourceReports(books: Books, sources: readonly SourceStatus[]): SourceReport[] {
  const accounts = books.bySource();
  const reports = sources.map((source) => {
    const entry = accounts.get(source.id);
    accounts.delete(source.id);
    return report(source, entry);
  });
  for (const [id, entry] of accounts) {
    const source: SourceStatus = {
      id,
      type: id.split(':')[0]!,
      parser: '',
      patterns: [],
      files: [],
      lag_bytes: 0,
      last_line: null,
    };
    reports.push({ ...source, accounting: entry.accounting, by_file: entry.by_file, problems: [] });
  }
  return reports;
}

function report(
  source: SourceStatus,
  entry: { accounting: SourceReport['accounting']; by_file: SourceReport['by_file'] } | undefined,
): SourceReport {
  const withBooks = { ...source, accounting: entry?.accounting ?? emptyAccounting(), by_file: entry?.by_file ?? {} };
  return { ...withBooks, problems: sourceProblems(withBooks) };
}

/** Everything that page, doctor and metrics show of a running station. */
export function stationStatus(parts: StatusParts): StationStatus {
  const sources = sourceReports(parts.books, parts.sources);
  const store = parts.store.status();
  const followed = sources.filter((source) => source.type !== 'import');
  const reading = verdict(followed, store, parts.busySince, parts.now);
  return {
    version: VERSION,
    started: parts.started,
    now: parts.now,
    pid: process.pid,
    lamp: lampOf(reading, parts.heartbeat),
    reading,
    heartbeat: parts.heartbeat,
    sources,
    store,
    events_per_sec: parts.eventsPerSec,
    memory_bytes: process.memoryUsage.rss(),
    config_path: parts.configPath,
    config_error: parts.configError,
    config_restart: [...parts.configRestart],
    page: parts.page,
    demo: parts.demo,
  };
}
