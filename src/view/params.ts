import { VardeError } from '../base/errors.ts';
import { parseTimeRange } from '../base/time-range.ts';
import { parseQuery } from '../search/grammar.ts';
import type { TimeRange } from '../store/store.ts';

/** Query parameters, read with limits; what is wrong throws `bad_request` naming the parameter. Unknown ones are ignored. */
export interface Params {
  /** Null where absent or empty. */
  text(name: string, max?: number): string | null;
  required(name: string, max?: number): string;
  /** A whole number in [min, max]. */
  int(name: string, limits: { min: number; max: number; fallback: number }): number;
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T;
  flag(name: string): boolean;
  /** The search expression `q`, checked; throws query_syntax. */
  expression(): string;
  /** `from` and `to`: microseconds, ISO 8601 or relative. */
  range(now: number): TimeRange;
  columns(fallback: readonly string[]): string[];
}

const MAX_TEXT = 10_000;
const MAX_COLUMNS = 60;
const MAX_NAME = 200;

export function badRequest(parameter: string, what: string): VardeError {
  return new VardeError('bad_request', `${parameter} ${what}`, { details: { parameter } });
}

export function readParams(search: URLSearchParams): Params {
  function text(name: string, max = MAX_TEXT): string | null {
    const value = search.get(name);
    if (value === null || value === '') return null;
    if (value.length > max) throw badRequest(name, `is longer than ${max} characters.`);
    return value;
  }

  function required(name: string, max = MAX_TEXT): string {
    const value = text(name, max);
    if (value === null) throw badRequest(name, 'is missing.');
    return value;
  }

  return {
    text,
    required,
    int: (name, { min, max, fallback }) => {
      const value = text(name, 20);
      if (value === null) return fallback;
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= min && number <= max)) throw badRequest(name, `must be a whole number from ${min} to ${max}.`);
      return number;
    },
    choice: (name, choices, fallback) => {
      const value = text(name, 100);
      if (value === null) return fallback;
      const found = choices.find((choice) => choice === value);
      if (found === undefined) throw badRequest(name, `must be one of ${choices.join(', ')}.`);
      return found;
    },
    flag: (name) => ['1', 'true', 'yes'].includes(text(name, 10) ?? ''),
    expression: () => {
      const expression = text('q') ?? '*';
      parseQuery(expression);
      return expression;
    },
    range: (now) =>
      parseTimeRange(search.get('from'), search.get('to'), {
        now,
        code: 'bad_request',
        numbers: 'microseconds',
        names: { from: 'from', to: 'to' },
      }),
    columns: (fallback) => {
      const names = (text('columns') ?? '').split(',').map((name) => name.trim());
      const given = [...new Set(names)].filter((name) => name !== '');
      if (given.length === 0) return [...fallback];
      if (given.length > MAX_COLUMNS) throw badRequest('columns', `may name at most ${MAX_COLUMNS} fields.`);
      const long = given.find((name) => name.length > MAX_NAME);
      if (long !== undefined) throw badRequest('columns', `has a name longer than ${MAX_NAME} characters.`);
      return given;
    },
  };
}
