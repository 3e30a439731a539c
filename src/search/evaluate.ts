import type { JsonObject, JsonValue } from '../event/json.ts';
import { inRange } from './address.ts';
import type { Query } from './ast.ts';
import { type Target, resolveField } from './fields.ts';
import { unanchored } from './fold.ts';
import { columnValue } from './column-value.ts';
import { someValue } from './lookup.ts';
import { patternMatcher } from './pattern.ts';
import { parsePeriod } from './time.ts';
import { type Interval, type TypedTest, typeTest } from './typed.ts';
import { wellFormed } from './well-formed.ts';

type Scalar = Exclude<JsonValue, null | JsonValue[]>;

/** Whether an event matches: its ECS document and its raw line as text. */
export type Matcher = (document: JsonObject, line: string) => boolean;

/**
 * Makes a matcher of a query. It defines what an expression means; the store's plan must give the same answer from its columns. Fields that
 * hold several values match where one of them does; `NOT` matches where the field is absent.
 */
export function compileQuery(query: Query): Matcher {
  switch (query.type) {
    case 'all':
      return () => true;
    case 'and': {
      const parts = query.nodes.map(compileQuery);
      return (document, line) => parts.every((part) => part(document, line));
    }
    case 'or': {
      const parts = query.nodes.map(compileQuery);
      return (document, line) => parts.some((part) => part(document, line));
    }
    case 'not': {
      const inner = compileQuery(query.node);
      return (document, line) => !inner(document, line);
    }
    case 'text': {
      const matches = unanchored(query.pattern);
      return (_, line) => matches(line);
    }
    case 'field': {
      const parts = resolveField(query.field).map((target) => {
        const typed = typeTest(target, query.test);
        return 'misfit' in typed ? () => false : compileTarget(target, typed);
      });
      return (document, line) => parts.some((part) => part(document, line));
    }
  }
}

function compileTarget(target: Target, test: TypedTest): Matcher {
  const match = valueMatcher(test);
  if (target.kind === 'line') return (_, line) => match(line);
  if (target.column !== null)
    return (document) => {
      const value = columnValue(document, target);
      return value !== null && match(value);
    };
  const { field, otherwise } = target;
  if (otherwise === null) return (document) => someValue(document, field, match);
  return (document) => {
    let absent = true;
    const found = someValue(document, field, (value) => {
      absent = false;
      return match(value);
    });
    return absent ? someValue(document, otherwise, match) : found;
  };
}

function valueMatcher(test: TypedTest): (value: Scalar) => boolean {
  switch (test.op) {
    case 'exists':
      return () => true;
    case 'text':
      return (value) => asText(value) === test.value;
    case 'like': {
      const like = patternMatcher(test.pattern);
      return (value) => {
        const text = asText(value);
        return text !== null && like(text);
      };
    }
    case 'order':
      return (value) => {
        const text = asText(value);
        return text !== null && inOrder(text, test);
      };
    case 'number':
      return (value) => inInterval(asNumber(value), test.interval);
    case 'address':
      return (value) => typeof value === 'string' && inRange(value, test.range);
    case 'time':
      return (value) => {
        const micros = asMicros(value);
        return micros !== null && (test.from === null || micros >= test.from) && (test.to === null || micros < test.to);
      };
    case 'any': {
      const parts: ((value: Scalar) => boolean)[] = [];
      if (test.text !== null) parts.push(valueMatcher(test.text));
      if (test.number !== null) parts.push(valueMatcher({ op: 'number', interval: test.number }));
      if (test.address !== null) parts.push(valueMatcher({ op: 'address', range: test.address }));
      return (value) => parts.some((part) => part(value));
    }
  }
}

/** As the store holds it: half a surrogate pair is no character and becomes U+FFFD. Numbers beyond the doubles have no text. */
function asText(value: Scalar): string | null {
  if (typeof value === 'string') return wellFormed(value);
  return typeof value === 'object' || value === Infinity || value === -Infinity ? null : String(value);
}

/** Numbers, and texts that are written as one (Suricata and ECS write ids as text). */
function asNumber(value: Scalar): number | bigint | null {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value !== 'string' || value.length > 400 || !/^-?\d+(?:\.\d+)?$/.test(value)) return null;
  const number = Number(value);
  return value.includes('.') || Number.isSafeInteger(number) ? number : BigInt(value);
}

function inInterval(value: number | bigint | null, interval: Interval): boolean {
  if (value === null) return false;
  if (typeof value === 'bigint' || Number.isInteger(value))
    return (interval.low === null || value >= interval.low) && (interval.high === null || value <= interval.high);
  const { from, to } = interval;
  return (
    (from === null || value > from || (interval.includeFrom && value === from)) &&
    (to === null || value < to || (interval.includeTo && value === to))
  );
}

function asMicros(value: Scalar): bigint | null {
  if (typeof value === 'string') return parsePeriod(value)?.from ?? null;
  return typeof value === 'bigint'
    ? value
    : typeof value === 'number' && Number.isInteger(value)
      ? BigInt(value)
      : null;
}

function inOrder(text: string, test: Extract<TypedTest, { op: 'order' }>): boolean {
  const from = test.from === null ? 1 : compareText(text, test.from);
  const to = test.to === null ? -1 : compareText(text, test.to);
  return (
    (from > 0 || (from === 0 && (test.includeFrom || test.from === null))) &&
    (to < 0 || (to === 0 && (test.includeTo || test.to === null)))
  );
}

/** Halves of code points above U+FFFF go behind all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Order by code points, which is the order of the UTF-8 bytes that the store compares (UTF-16 puts U+E000 to U+FFFF behind the rest). */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      return rank(x) - rank(y);
    }
  }
  return a.length - b.length;
}
