import { FIELD_NAMES, KNOWN_FIELDS, type KnownField } from './fields.ts';
import { printValue } from './print.ts';

/** What can stand at the cursor. `[from, to)` of the expression is to be replaced by the chosen option's `insert`. */
export type Completion =
  | { kind: 'field'; from: number; to: number; prefix: string; options: CompletionOption[] }
  /** Values come from the store: ask for those of `field` that begin with `prefix`, and insert with {@link insertValue}. */
  | { kind: 'value'; from: number; to: number; prefix: string; field: string; options: CompletionOption[] }
  | { kind: 'operator'; from: number; to: number; prefix: string; options: CompletionOption[] };

export interface CompletionOption {
  label: string;
  insert: string;
  /** A few words about it. */
  title: string;
}

const OPERATORS: CompletionOption[] = [
  { label: 'AND', insert: 'AND ', title: 'both' },
  { label: 'OR', insert: 'OR ', title: 'either' },
  { label: 'NOT', insert: 'NOT ', title: 'not what follows' },
];
const MAX_OPTIONS = 50;

/** Works on unfinished expressions too: it reads only the word around the cursor and what stands before it. */
export function completeQuery(expression: string, cursor: number): Completion {
  const at = Math.max(0, Math.min(cursor, expression.length));
  const { from, quoted } = wordStart(expression, at);
  let to = at;
  while (to < expression.length && !/[\s()"]/.test(expression[to]!)) to++;
  const word = expression.slice(from, at);
  const colon = quoted ? -1 : word.indexOf(':');
  if (colon > 0) return value(word.slice(0, colon).replace(/^-/, ''), word.slice(colon + 1), from + colon + 1, to);
  const opened = /([@A-Za-z_][\w.@-]*):(?:[^\s"():]*\(?[^()":]*)?$/.exec(
    expression.slice(Math.max(0, from - 300), from),
  );
  if (opened !== null && (quoted || opened[0].includes('(')))
    return value(opened[1]!, word.replace(/^"/, ''), from, to);
  if (quoted) return { kind: 'operator', from: at, to: at, prefix: '', options: [] };
  const minus = word.startsWith('-') ? 1 : 0;
  const prefix = word.slice(minus);
  // Behind a finished term an operator may follow; a name may always begin.
  const behindTerm =
    prefix === '' &&
    /[^\s(]\s+$/.test(expression.slice(0, from)) &&
    !/(?:^|\s|\()(?:AND|OR|NOT)\s+$/.test(expression.slice(0, from));
  if (behindTerm) return { kind: 'operator', from, to, prefix, options: OPERATORS };
  return { kind: 'field', from: from + minus, to, prefix, options: fieldOptions(prefix) };
}

function value(field: string, text: string, from: number, to: number): Completion {
  const sign = /^(?:>=|<=|>|<|"|\[|\{)/.exec(text)?.[0].length ?? 0;
  return { kind: 'value', from: from + sign, to, prefix: text.slice(sign), field, options: [] };
}

/** How a value from the store is written into the expression. */
export function insertValue(text: string | number): string {
  return `${printValue(String(text))} `;
}

/** Where the word before the cursor begins; inside quotes it is the quotation mark. One pass from the start, as quotes may hold anything. */
function wordStart(expression: string, cursor: number): { from: number; quoted: boolean } {
  let from = 0;
  let quote = -1;
  for (let i = 0; i < cursor; i++) {
    const c = expression[i]!;
    if (c === '\\') i++;
    else if (c === '"') {
      if (quote < 0) quote = i;
      else {
        quote = -1;
        from = i + 1;
      }
    } else if (quote < 0 && /[\s()]/.test(c)) from = i + 1;
  }
  return quote < 0 ? { from: Math.min(from, cursor), quoted: false } : { from: quote, quoted: true };
}

/** Names that begin with the prefix, then those that hold it; columns before the rest. */
function fieldOptions(prefix: string): CompletionOption[] {
  const needle = prefix.toLowerCase();
  const scored: { score: number; option: CompletionOption }[] = [];
  const seen = new Set<string>();
  for (const [i, name] of FIELD_NAMES.entries()) {
    const place = name.toLowerCase().indexOf(needle);
    if (place < 0 || seen.has(name)) continue;
    seen.add(name);
    const field = byName(name);
    const score =
      (place === 0 ? 0 : /[._@]/.test(name[place - 1]!) ? 1000 : 2000) +
      (field === undefined || field.column === null ? 500 : 0) +
      i / 1000;
    scored.push({ score, option: { label: name, insert: `${name}:`, title: field?.title ?? '' } });
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, MAX_OPTIONS)
    .map(({ option }) => option);
}

const byNameMap = new Map<string, KnownField>();
for (const field of KNOWN_FIELDS) {
  for (const alias of field.aliases) if (!byNameMap.has(alias)) byNameMap.set(alias, field);
  byNameMap.set(field.name, field);
}

function byName(name: string): KnownField | undefined {
  return byNameMap.get(name);
}
