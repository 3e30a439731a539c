import { type IpRange, parseIp } from '../event/ip.ts';
import { addressRange, parseNetwork } from './address.ts';
import type { Test } from './ast.ts';
import type { Target } from './fields.ts';
import { parsePeriod } from './time.ts';
import { wellFormed } from './well-formed.ts';

/** A test whose value was understood for the kind of its field; the plan and the evaluation read the same one, so they agree. */
export type TypedTest =
  | { op: 'exists' }
  | { op: 'text'; value: string }
  | { op: 'like'; pattern: string }
  /** By code points; null is open. */
  | { op: 'order'; from: string | null; to: string | null; includeFrom: boolean; includeTo: boolean }
  | { op: 'number'; interval: Interval }
  | { op: 'address'; range: IpRange }
  /** Microseconds, [from, to). */
  | { op: 'time'; from: bigint | null; to: bigint | null }
  /** A field without a column: the value's own type decides which of these applies. */
  | { op: 'any'; text: TypedTest | null; number: Interval | null; address: IpRange | null };

/** Numbers between two ends. Whole numbers are exact at any size: `low` and `high` are the whole numbers inside. */
export interface Interval {
  low: bigint | null;
  high: bigint | null;
  from: number | null;
  to: number | null;
  includeFrom: boolean;
  includeTo: boolean;
}

/** A value that the field's kind cannot hold; `message` is for people. */
export interface Misfit {
  misfit: string;
}

export function typeTest(target: Target, test: Test): TypedTest | Misfit {
  if (test.op === 'exists') return test;
  switch (target.kind) {
    case 'time':
      return timeTest(test);
    case 'number':
      return numberTest(target, test);
    case 'ip':
      return addressTest(target, test);
    case 'any':
      return anyTest(test);
    case 'text':
    case 'line':
      return textTest(test, target.lower);
  }
}

type Bounds = Extract<Test, { op: 'range' }>;

/** `compare` as a range with one open end. */
function bounds(test: Extract<Test, { op: 'compare' | 'range' }>): Bounds {
  if (test.op === 'range') return test;
  const includes = test.comparison.endsWith('=');
  return test.comparison.startsWith('>')
    ? { op: 'range', from: test.value, to: null, includeFrom: includes, includeTo: false }
    : { op: 'range', from: null, to: test.value, includeFrom: false, includeTo: includes };
}

function textTest(test: Exclude<Test, { op: 'exists' }>, lower: boolean): TypedTest {
  const fold = <T extends string | null>(text: T): T =>
    text === null ? text : (wellFormed(lower ? text.toLowerCase() : text) as T);
  if (test.op === 'is' || test.op === 'network') return { op: 'text', value: fold(test.value) };
  if (test.op === 'like') return { op: 'like', pattern: fold(test.pattern) };
  const range = bounds(test);
  return { ...range, op: 'order', from: fold(range.from), to: fold(range.to) };
}

function timeTest(test: Exclude<Test, { op: 'exists' }>): TypedTest | Misfit {
  if (test.op === 'like')
    return { misfit: 'a time takes no wildcards; write a day (2026-11-24), an hour (2026-11-24T10) or a range' };
  const range: Bounds =
    test.op === 'is' || test.op === 'network'
      ? { op: 'range', from: test.value, to: test.value, includeFrom: true, includeTo: true }
      : bounds(test);
  const from = range.from === null ? null : parsePeriod(range.from);
  const to = range.to === null ? null : parsePeriod(range.to);
  const wrong = range.from !== null && from === null ? range.from : range.to !== null && to === null ? range.to : null;
  if (wrong !== null) return { misfit: 'not a time; write it like 2026-11-24T10:00:00Z' };
  return {
    op: 'time',
    from: from === null ? null : range.includeFrom ? from.from : from.to,
    to: to === null ? null : range.includeTo ? to.to : to.from,
  };
}

function numberTest(target: Target, test: Exclude<Test, { op: 'exists' }>): TypedTest | Misfit {
  if (test.op === 'like') return textTest(test, false);
  if (test.op === 'network') return { misfit: `the field ${target.field} holds numbers` };
  const number = interval(
    test.op === 'is'
      ? { op: 'range', from: test.value, to: test.value, includeFrom: true, includeTo: true }
      : bounds(test),
  );
  return number === null ? { misfit: `the field ${target.field} holds numbers` } : { op: 'number', interval: number };
}

const NUMBER = /^[+-]?\d{1,400}(?:\.\d{1,400})?$/;

/** The numbers within the bounds; null where a bound is no number. */
export function interval(range: Bounds): Interval | null {
  if (![range.from, range.to].every((text) => text === null || NUMBER.test(text))) return null;
  const { from, to, includeFrom, includeTo } = range;
  const lowest = from === null ? null : floor(from);
  const highest = to === null ? null : floor(to);
  return {
    // The first whole number that is inside: behind a fraction the next one, else the bound or the one behind it.
    low: lowest === null ? null : lowest.fraction || !includeFrom ? lowest.value + 1n : lowest.value,
    high: highest === null ? null : !highest.fraction && !includeTo ? highest.value - 1n : highest.value,
    from: from === null ? null : Number(from),
    to: to === null ? null : Number(to),
    includeFrom,
    includeTo,
  };
}

function floor(text: string): { value: bigint; fraction: boolean } {
  const [whole, rest = ''] = text.replace(/^\+/, '').split('.') as [string, string?];
  const fraction = /[1-9]/.test(rest);
  const value = BigInt(whole);
  return { value: fraction && whole.startsWith('-') ? value - 1n : value, fraction };
}

function addressTest(target: Target, test: Exclude<Test, { op: 'exists' }>): TypedTest | Misfit {
  if (test.op === 'like') return textTest(test, true);
  if (test.op === 'network') {
    const range = parseNetwork(test.value);
    return range === null ? { misfit: networkMisfit(test.value) } : { op: 'address', range };
  }
  if (test.op === 'is') {
    const address = parseIp(test.value);
    if (address !== null) return { op: 'text', value: address.text };
    return {
      misfit: test.value.includes('/') ? networkMisfit(test.value) : `the field ${target.field} holds addresses`,
    };
  }
  const range = addressRange(bounds(test));
  return range === null
    ? { misfit: `the field ${target.field} takes two addresses of one family here` }
    : { op: 'address', range };
}

function networkMisfit(text: string): string {
  return `${text.includes(':') ? 'an IPv6 network is an address and /0 to /128' : 'an IPv4 network is an address and /0 to /32'}`;
}

function anyTest(test: Exclude<Test, { op: 'exists' }>): TypedTest | Misfit {
  if (test.op === 'like') return textTest(test, false);
  if (test.op === 'network') {
    const address = parseNetwork(test.value);
    return { op: 'any', text: textTest(test, false), number: null, address };
  }
  if (test.op === 'is') {
    const number = interval({ op: 'range', from: test.value, to: test.value, includeFrom: true, includeTo: true });
    return { op: 'any', text: textTest(test, false), number, address: null };
  }
  const range = bounds(test);
  const number = interval(range);
  const address = addressRange(range);
  // Bounds that are numbers or addresses mean those, and a text then counts only where it is one too.
  return { op: 'any', text: number === null && address === null ? textTest(range, false) : null, number, address };
}
