import type { AskOptions, EventId, EventRow, TimeRange } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';
import { communityKey, flowKey, type Key } from '../key-filter.ts';
import { holding } from '../key-file.ts';
import { documentOf, lineOf, LINE_SELECT } from './lines.ts';
import { type RowKey, type Shape, eventRow, fillFromDocument, keyOf, shapeOf } from './event-rows.ts';
import { find } from './event.ts';
import { fetchLines, lineKey } from './fetch-lines.ts';
import { rowsOf } from './relation.ts';
import { type Cells, askSegments, fetchRows } from './run.ts';
import { type Sql, sql } from './sql-text.ts';
import { someValue } from '../../../search/lookup.ts';
import type { JsonObject } from '../../../event/json.ts';

/** Without bound only an event is looked for that found no company within this time, microseconds: flows of more than a day are rare. */
const DAY = 86_400_000_000;
const WINDOWS = [DAY, Infinity];
const MAX_LIMIT = 1000;
const DEFAULT_COLUMNS = [
  'event.action',
  'source.ip',
  'source.port',
  'destination.ip',
  'destination.port',
  'network.protocol',
  'rule.name',
];

/** Events of the same flow, and of the same community id, nearest in time first chosen, oldest first shown; the event itself is among them. */
export async function neighbours(
  context: QuestionContext,
  id: EventId,
  limit: number,
  ask?: AskOptions & { columns?: string[] },
): Promise<{ flow: EventRow[]; community: EventRow[] }> {
  const cells = await find(context, id, sql`flow_id, community_key, ${LINE_SELECT}`, ask);
  if (cells === null) return { flow: [], community: [] };
  const most = Math.max(1, Math.min(MAX_LIMIT, Math.floor(limit) || 1));
  const shape = shapeOf(ask?.columns ?? DEFAULT_COLUMNS);
  const at = keyOf(cells).ts;
  const [flowId, key] = [cells[3], cells[4]];
  const same = (column: Sql, type: Sql, value: Cells[number]): Sql =>
    sql`${column} = CAST(${String(value)} AS ${type})`;
  const community = communityOf(documentOf(context, cells, 5, lineOf(cells, 5)));
  const [flow, found] = await Promise.all([
    flowId === null || flowId === undefined
      ? []
      : around(
          context,
          shape,
          same(sql`flow_id`, sql`UBIGINT`, flowId),
          flowKey(BigInt(String(flowId))),
          at,
          most,
          ask,
        ),
    key === null || key === undefined || community === null
      ? []
      : around(context, shape, same(sql`community_key`, sql`UINTEGER`, key), communityKey(Number(key)), at, most, ask),
  ]);
  return {
    flow: await rows(context, shape, flow, null, new Set(), ask),
    community: await rows(context, shape, found, community, new Set(flow.map((row) => lineKey(keyOf(row)))), ask),
  };
}

async function around(
  context: QuestionContext,
  shape: Shape,
  condition: Sql,
  key: Key,
  at: number,
  limit: number,
  ask: AskOptions | undefined,
): Promise<Cells[]> {
  let found: Cells[] = [];
  for (const window of WINDOWS) {
    const range: TimeRange =
      window === Infinity ? { from: null, to: null } : { from: at - window, to: at + window + 1 };
    const segments = holding(context.catalogue.segments(range), [key]);
    if (segments.length === 0) continue;
    found = await askSegments(context, segments, ask, (connection, left) =>
      fetchRows(
        connection,
        sql`SELECT ${shape.select} FROM ${rowsOf(left, range)} WHERE ${condition} ORDER BY abs(ts - CAST(${String(at)} AS BIGINT)), ts, file_id, file_offset LIMIT ${String(limit)}::BIGINT`,
      ),
    );
    if (found.length > 1 || limit === 1) break;
  }
  return found.sort((a, b) => Number(a[0]) - Number(b[0]) || Number(a[2]) - Number(b[2]));
}

/**
 * Rows to show. A key is only the start of the community id, so where one is given the documents are asked for the whole; those of the event's
 * own flow have it anyway.
 */
async function rows(
  context: QuestionContext,
  shape: Shape,
  cells: Cells[],
  community: string | null,
  known: ReadonlySet<string>,
  ask: AskOptions | undefined,
): Promise<EventRow[]> {
  const keys: RowKey[] = cells.map(keyOf);
  const isKnown = (key: RowKey): boolean => community === null || known.has(lineKey(key));
  const needed = shape.fromDocument.length > 0 ? keys : keys.filter((key) => !isKnown(key));
  const lines = await fetchLines(context, needed, ask);
  const shown: EventRow[] = [];
  for (const [i, row] of cells.entries()) {
    const read = lines.get(lineKey(keys[i]!));
    if (!isKnown(keys[i]!) && (read === undefined || communityOf(read.document) !== community)) continue;
    const result = eventRow(shape, row);
    if (read !== undefined) fillFromDocument(shape, result, read.document, read.line);
    shown.push(result);
  }
  return shown;
}

function communityOf(document: JsonObject): string | null {
  let id: string | null = null;
  someValue(document, 'network.community_id', (value) => {
    if (typeof value === 'string') id = value;
    return id !== null;
  });
  return id;
}
