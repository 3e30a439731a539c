import type { TimeRange } from '../../store.ts';
import type { AskOptions } from '../../store.ts';
import type { QuestionContext, Segment } from '../segments.ts';
import type { JsonObject } from '../../../event/json.ts';
import { documentOf, LINE_CELLS, LINE_SELECT, lineOf } from './lines.ts';
import { makeWay } from './pause.ts';
import type { Plan } from './plan.ts';
import { rowsOf } from './relation.ts';
import { type Cells, askSegments, streamRows } from './run.ts';
import { FALSE, type Sql, sql } from './sql-text.ts';

/**
 * Reads the rows that SQL cannot decide ({@link Plan.open}) segment by segment, newest first, and hands over those that match: for counts and
 * other sums, which need no order. `select` is read besides; its cells come first, behind ts, file_id and file_offset.
 */
export async function eachOpenMatch<T>(
  context: QuestionContext,
  plan: Plan,
  segments: readonly Segment[],
  range: TimeRange,
  select: Sql,
  ask: AskOptions | undefined,
  /** Fresh sums for one segment, so that a segment that breaks halfway leaves nothing behind. */
  begin: () => T,
  take: (sums: T, cells: Cells, document: JsonObject, line: Buffer) => void,
  end: (sums: T) => void,
): Promise<void> {
  if (plan.open === FALSE) return;
  const turn = makeWay(ask?.signal);
  for (const [i, segment] of segments.entries()) {
    const sums = await askSegments(context, [segment], ask, async (connection, left) => {
      const sums = begin();
      const query = sql`SELECT ts, file_id, file_offset, ${select}, ${LINE_SELECT} FROM ${rowsOf(left, range)} WHERE ${plan.open}`;
      await streamRows(connection, query, async (rows) => {
        for (const cells of rows) {
          const at = cells.length - LINE_CELLS;
          const line = lineOf(cells, at);
          const document = documentOf(context, cells, at, line);
          if (plan.matcher(document, line.toString('utf8'))) take(sums, cells, document, line);
          await turn();
        }
      });
      return sums;
    });
    end(sums);
    ask?.progress?.(i + 1, segments.length);
  }
}
