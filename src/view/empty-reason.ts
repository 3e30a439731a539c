import type { TimeRange } from '../store/store.ts';
import type { EmptyReason, SourceReport } from './api.ts';
import type { ViewDeps } from './deps.ts';

/** What somebody with nothing configured types first. */
export const FIRST_COMMAND = 'varde import /var/log/suricata/eve.json*';

/** A source that has been silent this long, or is this far behind, explains an empty recent range. */
const LATE_MS = 60_000;

/**
 * Why nothing is shown for an expression and range: the first reason that is true. Asks the store at most two questions.
 */
export async function emptyReason(
  deps: ViewDeps,
  expression: string,
  range: TimeRange,
  now: number,
  signal: AbortSignal,
): Promise<EmptyReason> {
  const { sources } = deps.stationStatus();
  const store = deps.storeStatus();
  const questions = deps.questions();
  const unreadable = firstUnreadable(sources);

  if (store.events === 0) {
    if (unreadable !== null) return unreadable;
    return sources.length === 0
      ? { reason: 'not_configured', command: FIRST_COMMAND }
      : { reason: 'no_events', sources };
  }
  const [inRange, nearest] = await Promise.all([
    questions.count('*', range, { signal }),
    questions.nearest(expression, range, { signal }),
  ]);
  if (inRange > 0) return { reason: 'none_match', in_range: inRange, nearest };
  // A log that cannot be read explains only why the newest events are missing.
  const recent = range.to === null || range.to >= now * 1000;
  if (recent && unreadable !== null) return unreadable;
  if (store.retention.removed_events > 0 && store.oldest !== null && range.to !== null && range.to <= store.oldest) {
    return { reason: 'retention', oldest: store.oldest };
  }
  const none = nearest.before === null && nearest.after === null;
  return {
    reason: 'none_in_range',
    nearest: none && expression !== '*' ? await questions.nearest('*', range, { signal }) : nearest,
    source_late: recent ? lateSource(sources, now) : null,
  };
}

function firstUnreadable(sources: readonly SourceReport[]): EmptyReason | null {
  for (const source of sources) {
    const file = source.files.find(({ state }) => state === 'unreadable');
    // Another file of the same source that is read means that only a rest is missing.
    if (file === undefined || source.files.some(({ state }) => state === 'reading' || state === 'current')) continue;
    const problem = source.problems.find(({ message }) => message.includes(file.path));
    return {
      reason: 'source_unreadable',
      path: file.path,
      message: file.problem?.message ?? 'The file may not be read.',
      remedy: problem?.remedy ?? 'Give this user read permission, for example by the group adm.',
    };
  }
  return null;
}

/** The source that has been silent or behind for longest. */
function lateSource(sources: readonly SourceReport[], now: number): { path: string; last_line: number } | null {
  let late: { path: string; last_line: number } | null = null;
  for (const { files, last_line: lastLine } of sources) {
    if (lastLine === null || now - lastLine < LATE_MS) continue;
    const newest = files.reduce<(typeof files)[number] | null>(
      (a, b) => (a === null || b.modified > a.modified ? b : a),
      null,
    );
    if (newest !== null && (late === null || lastLine < late.last_line))
      late = { path: newest.path, last_line: lastLine };
  }
  return late;
}
