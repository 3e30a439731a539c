import type { Query, Test } from './ast.ts';
import { resolveField } from './fields.ts';
import { parseQuery } from './grammar.ts';
import { printQuery } from './print.ts';

/**
 * "Filter by this value" and "exclude this value": the expression with one more condition. The opposite condition on the same value is
 * taken out, and one that is there already is not added again. A null value means "has no such field" (exclude: has one).
 * Throws `query_syntax` where the expression itself is wrong.
 */
export function addFilter(
  expression: string,
  field: string,
  value: string | number | bigint | boolean | null,
  exclude: boolean,
): string {
  const { query } = parseQuery(expression);
  const test: Test = value === null ? { op: 'exists' } : { op: 'is', value: String(value) };
  const condition: Query = { type: 'field', field, test };
  const wanted = exclude !== (value === null) ? negated(condition) : condition;
  const opposite = exclude !== (value === null) ? condition : negated(condition);
  const terms = query.type === 'all' ? [] : query.type === 'and' ? query.nodes : [query];
  const kept = terms.filter((term) => !same(term, opposite) && !same(term, wanted));
  const all = [...kept, wanted];
  return printQuery(all.length === 1 ? wanted : { type: 'and', nodes: all });
}

function negated(node: Query): Query {
  return { type: 'not', node };
}

/** Whether two single conditions mean the same: other names of one field count as the field. */
function same(a: Query, b: Query): boolean {
  if (a.type === 'not' && b.type === 'not') return same(a.node, b.node);
  if (a.type !== 'field' || b.type !== 'field') return false;
  return meaning(a.field) === meaning(b.field) && JSON.stringify(a.test) === JSON.stringify(b.test);
}

function meaning(field: string): string {
  return resolveField(field)
    .map((target) => target.field)
    .join(' ');
}
