import { VardeError } from '../../../base/errors.ts';
import type { AskOptions, QuarantinedLine, QuarantineFilter } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';

const MAX_LIMIT = 1000;
/** Of lines that one page or part holds: the first one always fits. A line can have 16 MiB. */
const PAGE_BYTES = 8 * 1024 * 1024;
const PART_LINES = 500;

/** A page of refused lines, newest commit first; the counts are over all of them. A page ends early where its lines are long. */
export async function quarantine(
  context: QuestionContext,
  options: QuarantineFilter & { limit: number; offset: number },
  ask?: AskOptions,
): Promise<{ total: number; lines: QuarantinedLine[]; by_code: { code: string; source: string; count: number }[] }> {
  const from = Math.max(0, Math.floor(options.offset) || 0);
  const to = from + Math.max(0, Math.min(MAX_LIMIT, Math.floor(options.limit) || 0));
  const lines: QuarantinedLine[] = [];
  const counts = new Map<string, { code: string; source: string; count: number }>();
  let total = 0;
  let bytes = 0;
  for await (const line of context.catalogue.quarantined()) {
    throwIfCancelled(ask);
    const key = `${line.code} ${line.source}`;
    const count = counts.get(key) ?? { code: line.code, source: line.source, count: 0 };
    count.count++;
    counts.set(key, count);
    if (!passes(options, line)) continue;
    // Without a gap: where one line does not fit, none behind it is taken.
    if (total === from + lines.length && total < to) {
      bytes += line.line?.length ?? 0;
      if (lines.length === 0 || bytes <= PAGE_BYTES) lines.push(line);
    }
    total++;
  }
  return {
    total,
    lines,
    by_code: [...counts.values()].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
  };
}

/** Every refused line in one scan, newest commit first, in parts. What the reader does not fetch is not read. `limit` 0: all. */
export async function* quarantined(
  context: QuestionContext,
  options: QuarantineFilter & { limit: number },
  ask?: AskOptions,
): AsyncGenerator<QuarantinedLine[], void> {
  let left = options.limit > 0 ? options.limit : Infinity;
  let part: QuarantinedLine[] = [];
  let bytes = 0;
  for await (const line of context.catalogue.quarantined()) {
    throwIfCancelled(ask);
    if (!passes(options, line)) continue;
    part.push(line);
    bytes += line.line?.length ?? 0;
    if (--left <= 0) break;
    if (part.length < PART_LINES && bytes < PAGE_BYTES) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}

function passes({ source, code }: QuarantineFilter, line: QuarantinedLine): boolean {
  return (source === undefined || line.source === source) && (code === undefined || line.code === code);
}

function throwIfCancelled(ask: AskOptions | undefined): void {
  if (ask?.signal?.aborted === true) throw new VardeError('query_cancelled', 'The question was cancelled.');
}
