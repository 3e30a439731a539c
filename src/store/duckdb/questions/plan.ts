import type { ColumnName } from '../../../event/columns.ts';
import type { Query } from '../../../search/ast.ts';
import { type Matcher, compileQuery } from '../../../search/evaluate.ts';
import { type Target, resolveField } from '../../../search/fields.ts';
import { foldPattern } from '../../../search/fold.ts';
import { parseQuery } from '../../../search/grammar.ts';
import { hasWildcard, literals, patternText } from '../../../search/pattern.ts';
import { printQuery } from '../../../search/print.ts';
import { type TypedTest, typeTest } from '../../../search/typed.ts';
import { columnCondition, like, order } from './column-condition.ts';
import type { Key } from '../key-filter.ts';
import { prefilter } from './prefilter.ts';
import { requiredKeys } from './required-keys.ts';
import { FALSE, type Sql, TRUE, and, not, or, sql } from './sql-text.ts';

/**
 * How an expression is answered: rows for which `sure` is true match, rows for which `open` is true may match and are decided by `matcher`
 * on their document and line, all others do not match. The two conditions exclude each other. The pieces of `sure` that columns answer are
 * at its top, so that the engine prunes by them.
 */
export interface Plan {
  /** The canonical expression: equal for equal questions. */
  key: string;
  everything: boolean;
  sure: Sql;
  open: Sql;
  matcher: Matcher;
  /** True where the raw line is read: such a question scans. */
  scansText: boolean;
  /** Every matching row has all of them. */
  keys: Key[];
}

export function planQuery(expression: string): Plan {
  const { query } = parseQuery(expression);
  const seen = { line: false, rest: false };
  look(query, seen);
  const plan = {
    key: printQuery(query),
    everything: query.type === 'all',
    matcher: compileQuery(query),
    scansText: seen.line || seen.rest,
    keys: requiredKeys(query),
  };
  if (!seen.line && !seen.rest) return { ...plan, sure: bounds(query, 'text').lower, open: FALSE };
  if (!seen.rest) {
    // Lines that are text are answered by SQL, the few that are kept in hexadecimal by the matcher.
    const text = bounds(query, 'text').lower;
    return { ...plan, sure: and([IS_TEXT, text]), open: and([IS_HEX, bounds(query, 'hex').upper]) };
  }
  const { lower, upper } = bounds(query, 'both');
  return { ...plan, sure: lower, open: and([upper, not(lower)]) };
}

// Over the one column that is read anyway: conditions over a single column are decided while it is read, before any other is.
const IS_HEX = sql`original IS NULL`;
const IS_TEXT = sql`original IS NOT NULL`;

/** Does the query look at the raw line, or at fields without a column? */
function look(query: Query, seen: { line: boolean; rest: boolean }): void {
  if (query.type === 'text') seen.line = true;
  else if (query.type === 'not') look(query.node, seen);
  else if (query.type === 'and' || query.type === 'or') for (const node of query.nodes) look(node, seen);
  else if (query.type === 'field') {
    for (const target of resolveField(query.field)) {
      if (target.kind === 'line') seen.line = true;
      else if (target.column === null) seen.rest = true;
    }
  }
}

/** `text` and `hex`: only rows of that kind are asked, `both`: all. */
type Rows = 'text' | 'hex' | 'both';

/** Rows in `lower` match for certain, rows outside `upper` certainly do not. Each side grows with the query, not with its square. */
interface Bounds {
  lower: Sql;
  upper: Sql;
}

function bounds(query: Query, rows: Rows): Bounds {
  switch (query.type) {
    case 'all':
      return exact(TRUE);
    case 'text':
      return lineBounds(textCondition(query.pattern), rows);
    case 'not': {
      const { lower, upper } = bounds(query.node, rows);
      return { lower: not(upper), upper: not(lower) };
    }
    case 'and':
    case 'or': {
      const parts = query.nodes.map((node) => bounds(node, rows));
      const combine = query.type === 'and' ? and : or;
      return { lower: combine(parts.map((part) => part.lower)), upper: combine(parts.map((part) => part.upper)) };
    }
    case 'field': {
      const parts = resolveField(query.field).map((target) => {
        const typed = typeTest(target, query.test);
        return 'misfit' in typed ? exact(FALSE) : targetBounds(target, typed, rows);
      });
      return { lower: or(parts.map((part) => part.lower)), upper: or(parts.map((part) => part.upper)) };
    }
  }
}

function exact(condition: Sql): Bounds {
  return { lower: condition, upper: condition };
}

function targetBounds(target: Target, test: TypedTest, rows: Rows): Bounds {
  if (hasColumn(target)) return exact(columnCondition(target, test));
  if (target.kind === 'line') return test.op === 'exists' ? exact(TRUE) : lineBounds(lineCondition(test), rows);
  const { columns, text } = prefilter(target, test);
  return { lower: FALSE, upper: and([columns, rows === 'text' ? text : rows === 'hex' ? TRUE : or([text, IS_HEX])]) };
}

function hasColumn(target: Target): target is Target & { column: ColumnName } {
  return target.column !== null;
}

/** A condition over `original`, which is null (unknown) in hex rows. */
function lineBounds(condition: Sql, rows: Rows): Bounds {
  if (rows === 'text') return exact(condition);
  if (rows === 'hex') return { lower: FALSE, upper: TRUE };
  return { lower: and([IS_TEXT, condition]), upper: or([condition, IS_HEX]) };
}

function lineCondition(test: TypedTest): Sql {
  if (test.op === 'text') return sql`original = ${test.value}`;
  if (test.op === 'like') return like(sql`original`, test.pattern);
  if (test.op === 'order') return order(sql`original`, test);
  throw new Error(`no ${test.op} over the line`);
}

/** Text anywhere in the line without regard to case; `lower()` and {@link foldPattern} fold alike. */
function textCondition(pattern: string): Sql {
  const folded = foldPattern(pattern);
  const wild = hasWildcard(folded);
  const text = patternText(folded);
  if (text === '') return TRUE;
  // Without letters there is no case, and the line need not be folded. (Only letters are the lower case of something.)
  if (!wild && /^[\x20-\x40\x5b-\x60\x7b-\x7e]*$/.test(text)) return sql`contains(original, ${text})`;
  const exact = wild ? like(sql`lower(original)`, `*${folded}*`) : sql`contains(lower(original), ${text})`;
  const needle = wild ? longest(literals(folded)) : text;
  // Folding a line costs twice as much as reading it, so a search that ignores case comes first where the two agree: in ASCII, with the one
  // letter beyond it that `lower()` makes an "i" (that of "k" the expression knows itself).
  if (!/^[\x20-\x7e]{2,200}$/.test(needle)) return exact;
  const loose = `(?i)${needle.replace(/[^A-Za-z0-9 ]/g, '\\$&').replaceAll('i', '[i\\x{130}]')}`;
  return sql`(CASE WHEN regexp_matches(original, ${loose}) THEN ${exact} ELSE false END)`;
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), '');
}
