import type { FieldInfo } from '../api.ts';
import { KNOWN_FIELDS, resolveField } from '../../search/fields.ts';
import type { Query } from '../../search/ast.ts';
import { parseQuery } from '../../search/grammar.ts';
import { badRequest } from '../params.ts';
import { json } from '../respond.ts';
import { defineRoute, type Call } from '../route.ts';
import { completeValues } from '../values.ts';
import { emptyReason } from '../empty-reason.ts';
import { marked } from '../incomplete.ts';

/** A field to group by: any name is allowed, the store knows what it means. */
function field(call: Call, name: string, fallback?: string): string {
  const value = fallback === undefined ? call.params.required(name, 200) : (call.params.text(name, 200) ?? fallback);
  if (/[\u0000-\u001F]/.test(value)) throw badRequest(name, 'must be the name of a field.');
  return value;
}

export const timeline = defineRoute({
  method: 'GET',
  path: '/api/timeline',
  question: 'timeline',
  run: async (call) => {
    const bins = call.params.int('bins', { min: 1, max: 2000, fallback: 120 });
    const by = field(call, 'by', 'event.action');
    const { params, signal } = call;
    const [expression, range] = [params.expression(), params.range(call.now)];
    return json(await marked(signal, (ask) => call.deps.questions().timeline(expression, range, by, bins, ask)));
  },
});

export const top = defineRoute({
  method: 'GET',
  path: '/api/top',
  question: 'top',
  run: async (call) => {
    const { params, signal } = call;
    const limit = params.int('limit', { min: 1, max: 10_000, fallback: 10 });
    const by = field(call, 'field');
    const bytes = params.flag('bytes');
    const [expression, range] = [params.expression(), params.range(call.now)];
    return json(
      await marked(signal, (ask) => call.deps.questions().top(expression, range, by, limit, { ...ask, bytes })),
    );
  },
});

export const count = defineRoute({
  method: 'GET',
  path: '/api/count',
  question: 'count',
  run: async ({ deps, params, signal, now }) => {
    const [expression, range] = [params.expression(), params.range(now)];
    const answer = await marked(signal, async (ask) => ({
      count: await deps.questions().count(expression, range, ask),
    }));
    return json(answer);
  },
});

export const nearest = defineRoute({
  method: 'GET',
  path: '/api/nearest',
  question: 'nearest',
  run: async ({ deps, params, signal, now }) =>
    json(await deps.questions().nearest(params.expression(), params.range(now), { signal })),
});

export const empty = defineRoute({
  method: 'GET',
  path: '/api/empty',
  question: 'empty',
  run: async ({ deps, params, signal, now }) =>
    json(await emptyReason(deps, params.expression(), params.range(now), now, signal)),
});

export const values = defineRoute({
  method: 'GET',
  path: '/api/values',
  question: 'values',
  run: async (call) => {
    const { params } = call;
    const asked = {
      field: field(call, 'field'),
      prefix: params.text('prefix', 1000) ?? '',
      expression: params.expression(),
      range: params.range(call.now),
      limit: params.int('limit', { min: 1, max: 200, fallback: 20 }),
    };
    return json({ values: await completeValues(call.deps, asked, call.signal) });
  },
});

export const explain = defineRoute({
  method: 'GET',
  path: '/api/explain',
  run: ({ params }) => {
    const { query, hints } = parseQuery(params.text('q') ?? '*');
    return json({ ok: true, columns: columnsAnswer(query), hints });
  },
});

/** Whether columns alone answer it: then it is fast however many events there are. */
function columnsAnswer(query: Query): boolean {
  switch (query.type) {
    case 'all':
      return true;
    case 'text':
      return false;
    case 'not':
      return columnsAnswer(query.node);
    case 'and':
    case 'or':
      return query.nodes.every(columnsAnswer);
    case 'field':
      return resolveField(query.field).every((target) => target.column !== null);
  }
}

const KIND_NAMES = { text: 'text', number: 'number', ip: 'ip', time: 'time', any: 'text', line: 'text' } as const;

export const fields = defineRoute({
  method: 'GET',
  path: '/api/fields',
  run: () => {
    const infos: FieldInfo[] = KNOWN_FIELDS.map(({ name, aliases, kind, title, column }) => ({
      name,
      aliases,
      type: KIND_NAMES[kind],
      title,
      column: column !== null,
    }));
    return json(infos);
  },
});
