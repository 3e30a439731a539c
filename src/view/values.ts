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
/** Without a range the newest day is looked at first. */
const RECENT_MICROS = 86_400e6;
/** The commonest values are looked through here, without regard to case; only rarer ones are asked for by their beginning. */
const LOOKED_THROUGH = 1000;

export interface CompletedValue {
  value: string | number;
  count: number;
}

/** The commonest values of a field that begin with a prefix, recent events first. Questions that take too long give none. */
export async function completeValues(
  deps: ViewDeps,
  asked: ValuesAsked,
  signal: AbortSignal,
): Promise<CompletedValue[]> {
  const newest = deps.storeStatus().newest;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const patient = AbortSignal.any([signal, patience]);
  try {
    if (asked.range.from === null && newest !== null) {
      const recent = { ...asked, range: { from: newest - RECENT_MICROS, to: asked.range.to } };
      const found = await complete(deps, recent, patient);
      if (found.length > 0) return found;
    }
    return await complete(deps, asked, patient);
  } catch (error) {
    if (patience.aborted && !signal.aborted) return [];
    throw error;
  }
}

async function complete(deps: ViewDeps, asked: ValuesAsked, signal: AbortSignal): Promise<CompletedValue[]> {
  const { expression, range, field, limit } = asked;
  const prefix = asked.prefix.toLowerCase();
  const common = await deps.questions().top(expression, range, field, LOOKED_THROUGH, { signal });
  const found = common.values.filter(({ value }) => String(value).toLowerCase().startsWith(prefix));
  const textual = resolveField(field).every((target) => target.kind === 'text' || target.kind === 'any');
  if (found.length < limit && prefix !== '' && textual && common.distinct > common.values.length) {
    const rare = await deps.questions().top(withPrefix(asked), range, field, limit, { signal });
    const known = new Set(found.map(({ value }) => value));
    found.push(...rare.values.filter(({ value }) => !known.has(value)));
  }
  return found.slice(0, limit).map(({ value, count }) => ({ value, count }));
}

function withPrefix({ expression, field, prefix }: ValuesAsked): string {
  const condition: Query = { type: 'field', field, test: { op: 'like', pattern: `${literalPattern(prefix)}*` } };
  const { query } = parseQuery(expression);
  return printQuery(query.type === 'all' ? condition : { type: 'and', nodes: [query, condition] });
}
