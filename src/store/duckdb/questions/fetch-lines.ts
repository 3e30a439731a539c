import type { JsonObject } from '../../../event/json.ts';
import type { AskOptions } from '../../store.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import type { RowKey } from './event-rows.ts';
import { keyOf } from './event-rows.ts';
import { LINE_SELECT, documentOf, lineOf } from './lines.ts';
import { rowsOf } from './relation.ts';
import { askSegments, fetchRows } from './run.ts';
import { sql } from './sql-text.ts';

/** A stored line with the document that its parser makes of it. */
export interface Line {
  key: RowKey;
  line: Buffer;
  document: JsonObject;
}

/**
 * Lines of rows that are known by their keys, for lists: only the stretch of time between them is looked at, so no more raw text is
 * decompressed than must be. The result is keyed by {@link lineKey}.
 */
export async function fetchLines(
  context: QuestionContext,
  keys: readonly RowKey[],
  ask?: AskOptions,
): Promise<Map<string, Line>> {
  const found = new Map<string, Line>();
  if (keys.length === 0) return found;
  const times = keys.map((key) => key.ts);
  const range = { from: Math.min(...times), to: Math.max(...times) + 1 };
  const segments = context.catalogue.segments(range).filter((segment) => keys.some((key) => mayHold(segment, key)));
  if (segments.length === 0) return found;
  const wanted = new Set(keys.map(lineKey));
  const offsets = [...new Set(keys.map((key) => String(key.offset)))];
  const rows = await askSegments(context, segments, ask, (connection, left) =>
    fetchRows(
      connection,
      sql`SELECT ts, file_id, file_offset, ${LINE_SELECT} FROM ${rowsOf(left, range)}
        WHERE list_contains(${offsets}::UBIGINT[], file_offset) AND ts >= CAST(${String(range.from)} AS BIGINT) AND ts < CAST(${String(range.to)} AS BIGINT)`,
    ),
  );
  for (const cells of rows) {
    const key = keyOf(cells);
    if (!wanted.has(lineKey(key))) continue;
    const line = lineOf(cells, 3);
    found.set(lineKey(key), { key, line, document: documentOf(context, cells, 3, line) });
  }
  return found;
}

export function lineKey(key: RowKey): string {
  return `${key.file_id} ${key.offset} ${key.ts}`;
}

function mayHold(segment: Segment, key: RowKey): boolean {
  const file = segment.files.get(key.file_id);
  return (
    file !== undefined &&
    key.offset >= file.min_offset &&
    key.offset <= file.max_offset &&
    key.ts >= (segment.min_ts ?? 0) &&
    key.ts <= (segment.max_ts ?? 0)
  );
}
