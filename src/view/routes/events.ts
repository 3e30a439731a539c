import { isUtf8 } from 'node:buffer';
import { VardeError } from '../../base/errors.ts';
import { parseEventId } from '../../event/event-id.ts';
import type { EventId, EventRow, ListAnswer } from '../../store/store.ts';
import type { ListMessage } from '../api.ts';
import { documentJson } from '../document-json.ts';
import { createMailbox } from '../mailbox.ts';
import { badRequest } from '../params.ts';
import { json, jsonText } from '../respond.ts';
import { defineRoute, type Call } from '../route.ts';
import { lastLine, NDJSON_TYPE, streamResponse } from '../stream.ts';

/** What a list shows where no columns are named. */
export const DEFAULT_COLUMNS: readonly string[] = [
  '@timestamp',
  'event.action',
  'event.severity',
  'source.ip',
  'source.port',
  'destination.ip',
  'destination.port',
  'network.transport',
  'network.protocol',
  'rule.name',
  'destination.domain',
  'observer.hostname',
];

const MAX_ROWS = 10_000;
const PROGRESS_MS = 100;

export const events = defineRoute({
  method: 'GET',
  path: '/api/events',
  question: 'list',
  run: (call) => {
    const { params } = call;
    const asked = {
      expression: params.expression(),
      range: params.range(call.now),
      columns: params.columns(DEFAULT_COLUMNS),
      limit: params.int('limit', { min: 1, max: MAX_ROWS, fallback: 200 }),
      after: params.text('after', 1000),
      raw: params.flag('raw'),
    };
    const oldest = params.choice('sort', ['newest', 'oldest'], 'newest') === 'oldest';
    return streamResponse(
      call,
      { type: NDJSON_TYPE, route: '/api/events', failure: lastLine },
      async function* (signal) {
        const messages = oldest ? oldestFirst(call, asked, signal) : newestFirst(call, asked, signal);
        for await (const message of messages) yield `${JSON.stringify(message)}\n`;
      },
    );
  },
});

type Asked = { expression: string; columns: string[]; limit: number; after: string | null; raw: boolean } & {
  range: { from: number | null; to: number | null };
};

async function* newestFirst(call: Call, asked: Asked, signal: AbortSignal): AsyncGenerator<ListMessage> {
  const began = performance.now();
  const box = createMailbox<ListMessage>();
  const sent = new Set<string>();
  let told = 0;
  const send = (rows: EventRow[]): void => {
    const fresh = rows.filter((row) => !sent.has(row.id));
    for (const row of fresh) sent.add(row.id);
    if (fresh.length > 0) box.put({ rows: fresh });
  };
  const finish = (answer: ListAnswer): void => {
    send(answer.rows);
    box.put({ end: { next: answer.next, partial: answer.partial, took_ms: Math.round(performance.now() - began) } });
    box.end();
  };
  call.deps
    .questions()
    .list(asked.expression, asked.range, asked, {
      signal,
      rows: send,
      progress: (done, total) => {
        if (performance.now() - told < PROGRESS_MS && done < total) return;
        told = performance.now();
        box.put({ progress: { done, total } }, (waiting) => 'progress' in waiting);
      },
    })
    .then(finish, (error: unknown) => box.fail(error));
  yield* box;
}

/** The store keeps cursors for newest first only; the other way gives the first rows, and says when there are more. */
async function* oldestFirst(call: Call, asked: Asked, signal: AbortSignal): AsyncGenerator<ListMessage> {
  const began = performance.now();
  if (asked.after !== null) throw badRequest('after', 'goes with sort=newest only.');
  let count = 0;
  const scan = call.deps.questions().scan(asked.expression, asked.range, { ...asked, order: 'oldest' }, { signal });
  for await (const batch of scan) {
    count += batch.length;
    yield { rows: batch.map(({ row }) => row) };
  }
  yield { end: { next: null, partial: count >= asked.limit, took_ms: Math.round(performance.now() - began) } };
}

function eventId(call: Call): EventId {
  const id = parseEventId(call.params.required('id', 100));
  if (id === null) throw badRequest('id', 'is no id of an event.');
  return id;
}

export const event = defineRoute({
  method: 'GET',
  path: '/api/event',
  question: 'event',
  run: async (call) => {
    const found = await call.deps.questions().event(eventId(call), { signal: call.signal });
    if (found === null)
      throw new VardeError('not_found', 'There is no event with this id; retention may have removed it.');
    const text = isUtf8(found.line);
    const head = JSON.stringify({
      id: found.id,
      ts: found.ts,
      line: text ? found.line.toString('utf8') : null,
      line_hex: text ? null : found.line.toString('hex'),
      path: found.path,
    });
    // Written apart: the document may hold integers and depths that JSON.stringify cannot write.
    return jsonText(`${head.slice(0, -1)},"document":${documentJson(found.document, { bigints: 'tagged' })}}`);
  },
});

export const neighbours = defineRoute({
  method: 'GET',
  path: '/api/neighbours',
  question: 'neighbours',
  run: async (call) => {
    const id = eventId(call);
    const limit = call.params.int('limit', { min: 1, max: 1000, fallback: 100 });
    const columns = call.params.columns(DEFAULT_COLUMNS);
    return json(await call.deps.questions().neighbours(id, limit, { signal: call.signal, columns }));
  },
});
