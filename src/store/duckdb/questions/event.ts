import { formatEventId } from '../../../event/event-id.ts';
import type { AskOptions, EventId, StoredEvent } from '../../store.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import { keyOf } from './event-rows.ts';
import { LINE_SELECT, documentOf, lineOf } from './lines.ts';
import { rowsOf } from './relation.ts';
import { type Cells, askSegments, fetchRows } from './run.ts';
import { type Sql, TRUE, sql } from './sql-text.ts';

/** One event in full. File and offset name it; the time only tells where to look first. */
export async function event(context: QuestionContext, id: EventId, ask?: AskOptions): Promise<StoredEvent | null> {
  const cells = await find(context, id, LINE_SELECT, ask);
  if (cells === null) return null;
  const line = lineOf(cells, 3);
  const key = keyOf(cells);
  return {
    id: formatEventId(key),
    ts: key.ts,
    line,
    document: documentOf(context, cells, 3, line),
    path: context.catalogue.records().get(key.file_id)?.path ?? '',
  };
}

/** The stored line at an offset of a file. */
export async function lineAt(context: QuestionContext, fileId: string, offset: number): Promise<Buffer | null> {
  const cells = await find(context, { file_id: fileId, offset, ts: NaN }, LINE_SELECT, undefined);
  return cells === null ? null : lineOf(cells, 3);
}

/** The cells of one row: ts, file_id, file_offset and what `select` asks for. */
export async function find(
  context: QuestionContext,
  id: EventId,
  select: Sql,
  ask: AskOptions | undefined,
): Promise<Cells | null> {
  const candidates = context.catalogue.segmentsOfLine(id.file_id, id.offset);
  const near = candidates.filter((segment) => id.ts >= (segment.min_ts ?? 0) && id.ts <= (segment.max_ts ?? 0));
  const far = candidates.filter((segment) => !near.includes(segment));
  return (
    (await findIn(context, near, id, true, select, ask)) ??
    (await findIn(context, candidates.length === far.length ? far : candidates, id, false, select, ask))
  );
}

async function findIn(
  context: QuestionContext,
  segments: readonly Segment[],
  id: EventId,
  byTime: boolean,
  select: Sql,
  ask: AskOptions | undefined,
): Promise<Cells | null> {
  if (segments.length === 0) return null;
  const time = byTime ? sql`ts = CAST(${String(id.ts)} AS BIGINT)` : TRUE;
  const rows = await askSegments(context, segments, ask, (connection, left) =>
    fetchRows(
      connection,
      sql`SELECT ts, file_id, file_offset, ${select} FROM ${rowsOf(left, { from: null, to: null })}
        WHERE ${time} AND file_id = ${id.file_id} AND file_offset = CAST(${String(id.offset)} AS UBIGINT) LIMIT 1`,
    ),
  );
  return rows[0] ?? null;
}
