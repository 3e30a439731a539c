import type { ColumnName } from '../../../event/columns.ts';
import type { JsonObject } from '../../../event/json.ts';
import { type Target, resolveField } from '../../../search/fields.ts';
import { shownValue } from '../../../search/lookup.ts';
import { FALSE, type Sql, sql, word } from './sql-text.ts';
import type { Plan } from './plan.ts';

/** What events are grouped by: a column, or a value of the document. A name with several meanings (`ip`) is grouped by its first. */
export interface Grouping {
  column: ColumnName | null;
  target: Target;
}

export function groupingOf(field: string): Grouping {
  const target = resolveField(field)[0]!;
  return { column: target.column, target };
}

export function groupColumn(grouping: Grouping): Sql {
  return grouping.column === null ? sql`NULL` : word(grouping.column);
}

/** The value that a document has at the grouping's field. */
export function groupValue(grouping: Grouping, document: JsonObject): string | number | null {
  const { field, otherwise } = grouping.target;
  return shownValue(document, field) ?? (otherwise === null ? null : shownValue(document, otherwise));
}

/** Without a column every matching row has to be looked at as a document: the whole answer then is open. */
export function openUp(plan: Plan): Plan {
  return { ...plan, sure: FALSE, open: plan.open === FALSE ? plan.sure : sql`(${plan.sure} OR ${plan.open})` };
}
