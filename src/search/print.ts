import { parseIp } from '../event/ip.ts';
import { parseNetwork } from './address.ts';
import type { Query, Test } from './ast.ts';
import { isOneWord } from './one-word.ts';
import { hasWildcard, patternText } from './pattern.ts';

/** The canonical text of a query: parsing it gives the same tree again. */
export function printQuery(query: Query): string {
  return print(query, 0);
}

const LOOSENESS = { or: 1, and: 2 } as const;

/** `tightness` of the surrounding operator: what binds less is put into parentheses. */
function print(query: Query, tightness: number): string {
  switch (query.type) {
    case 'all':
      return '*';
    case 'text':
      return printText(query.pattern);
    case 'field':
      return printFieldTest(`${printField(query.field)}:${printTest(query.test)}`);
    case 'not':
      return `NOT ${print(query.node, 3)}`;
    case 'and':
    case 'or': {
      const own = LOOSENESS[query.type];
      // Inside its own kind a group would melt into the outer one; parentheses keep the text true to the tree's meaning either way.
      const text = query.nodes.map((node) => print(node, own + 1)).join(query.type === 'and' ? ' AND ' : ' OR ');
      return own < tightness ? `(${text})` : text;
    }
  }
}

/** A field that would melt with its value into an address (`http://x`, `ab:1::2`) is told from one by a backslash. */
function printFieldTest(text: string): string {
  return isOneWord(text) ? `\\${text}` : text;
}

function printText(pattern: string): string {
  if (!hasWildcard(pattern)) {
    const text = patternText(pattern);
    return isPlainWord(text) ? text : quote(text);
  }
  return escapeWord(pattern);
}

/** Escapes what would end or change a word; wildcards and their escapes stay. */
function escapeWord(pattern: string): string {
  // A star in front keeps a leading sign or name from being read as operator or field, and changes nothing: text is searched anywhere.
  return `*${pattern.replace(/[\s()":]|[\x00-\x1f\x7f]/g, '\\$&')}*`;
}

export function printField(field: string): string {
  return field.replace(/^[^@A-Za-z_]|[^@A-Za-z0-9_.-]/g, '\\$&');
}

function printTest(test: Test): string {
  switch (test.op) {
    case 'exists':
      return '*';
    case 'is':
      return parseNetwork(test.value) === null ? printValue(test.value) : quote(test.value);
    case 'network':
      return test.value;
    case 'like':
      return test.pattern.replace(/[\s()"]|[\x00-\x1f\x7f]|^[[{<>]/g, '\\$&');
    case 'compare':
      return test.comparison + printValue(test.value);
    case 'range': {
      const end = (value: string | null): string => (value === null ? '*' : printValue(value));
      return `${test.includeFrom ? '[' : '{'}${end(test.from)} TO ${end(test.to)}${test.includeTo ? ']' : '}'}`;
    }
  }
}

/** A value as it must be written behind a colon or a comparison sign. */
export function printValue(value: string): string {
  const plain = /^[A-Za-z0-9_.@%+,/-]+$/.test(value) && !value.startsWith('//') && !OPERATORS.has(value);
  return plain || (parseIp(value) !== null && !value.startsWith(':')) ? value : quote(value);
}

const OPERATORS = new Set(['AND', 'OR', 'NOT', 'TO']);

function isPlainWord(text: string): boolean {
  return /^[A-Za-z0-9_.@%+,/][A-Za-z0-9_.@%+,/-]*$/.test(text) && !OPERATORS.has(text);
}

/** Quoted text; control characters and lone surrogates as escapes, so that the expression can be copied. */
export function quote(text: string): string {
  const inner = text.replace(/["\\]|[\x00-\x1f\x7f-\x9f\u2028\u2029]|[\ud800-\udfff]/gu, (c) => {
    if (c === '"' || c === '\\') return `\\${c}`;
    if (c === '\n') return '\\n';
    if (c === '\r') return '\\r';
    if (c === '\t') return '\\t';
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${inner}"`;
}
