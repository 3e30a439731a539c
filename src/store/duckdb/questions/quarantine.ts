import type { QuarantinedLine } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';

const MAX_LIMIT = 1000;

/** A page of refused lines, newest commit first; the counts are over all of them. */
export async function quarantine(
  context: QuestionContext,
  options: { limit: number; offset: number; source?: string; code?: string },
): Promise<{ total: number; lines: QuarantinedLine[]; by_code: { code: string; source: string; count: number }[] }> {
  const from = Math.max(0, Math.floor(options.offset) || 0);
  const to = from + Math.max(0, Math.min(MAX_LIMIT, Math.floor(options.limit) || 0));
  const lines: QuarantinedLine[] = [];
  const counts = new Map<string, { code: string; source: string; count: number }>();
  let total = 0;
  for await (const line of context.catalogue.quarantined()) {
    const key = `${line.code} ${line.source}`;
    const count = counts.get(key) ?? { code: line.code, source: line.source, count: 0 };
    count.count++;
    counts.set(key, count);
    if (
      (options.source !== undefined && line.source !== options.source) ||
      (options.code !== undefined && line.code !== options.code)
    )
      continue;
    if (total >= from && total < to) lines.push(line);
    total++;
  }
  return {
    total,
    lines,
    by_code: [...counts.values()].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
  };
}
