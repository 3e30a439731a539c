import type { Query } from '../search/ast.ts';
import { resolveField } from '../search/fields.ts';
import { parseQuery } from '../search/grammar.ts';
import { literalPattern } from '../search/pattern.ts';
import { printQuery } from '../search/print.ts';
import type { TimeRange } from '../store/store.ts';
import type { ViewDeps } from './deps.ts';

export interface ValuesAsked {
  field: string;
  prefix: string;
  expression: string;
  range: TimeRange;
  limit: number;
}

/** A completion that comes later than this is no help. */
const PATIENCE_MS = 1500;
/** Without a range only the newest day is looked at. */
const RECENT_MICROS = 86_400e6;
/** Where the prefix cannot be asked for (numbers, addresses), this many of the commonest values are looked through. */
const LOOKED_THROUGH = 1000;

/** The commonest values of a field that begin with a prefix, among recent events. Late or impossible questions give none. */
export async function completeValues(
  deps: ViewDeps,
  asked: ValuesAsked,
  signal: AbortSignal,
): Promise<{ value: string | number; count: number }[]> {
  const newest = deps.storeStatus().newest;
  const range =
    asked.range.from === null && newest !== null ? { from: newest - RECENT_MICROS, to: asked.range.to } : asked.range;
  const textual = resolveField(asked.field).every((target) => target.kind === 'text' || target.kind === 'any');
  const askPrefix = textual && asked.prefix !== '';
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    const answer = await deps
      .questions()
      .top(
        askPrefix ? withPrefix(asked) : asked.expression,
        range,
        asked.field,
        askPrefix ? asked.limit : LOOKED_THROUGH,
        { signal: AbortSignal.any([signal, patience]) },
      );
    const prefix = asked.prefix.toLowerCase();
    return answer.values
      .filter(({ value }) => String(value).toLowerCase().startsWith(prefix))
      .slice(0, asked.limit)
      .map(({ value, count }) => ({ value, count }));
  } catch (error) {
    if (patience.aborted && !signal.aborted) return [];
    throw error;
  }
}

function withPrefix({ expression, field, prefix }: ValuesAsked): string {
  const condition: Query = { type: 'field', field, test: { op: 'like', pattern: `${literalPattern(prefix)}*` } };
  const { query } = parseQuery(expression);
  return printQuery(query.type === 'all' ? condition : { type: 'and', nodes: [query, condition] });
}
