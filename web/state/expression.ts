import { addFilter } from '../../src/search/add-filter.ts';
import type { Hint } from '../../src/search/ast.ts';
import { parseQuery } from '../../src/search/grammar.ts';
import { Failure } from './api.ts';
import type { Value } from '../part/text.ts';

/** What is wrong with an expression, and where (columns of the text, 0-based). */
export interface SyntaxProblem {
  message: string;
  hint: string;
  position: number;
  length: number;
}

export function checkExpression(text: string): { problem: SyntaxProblem | null; hints: Hint[] } {
  try {
    return { problem: null, hints: parseQuery(text).hints };
  } catch (error) {
    const details = (error as { details?: Record<string, string | number> }).details ?? {};
    return {
      problem: {
        message: error instanceof Error ? error.message : String(error),
        hint: String(details['hint'] ?? ''),
        position: Number(details['position'] ?? 0),
        length: Math.max(1, Number(details['length'] ?? 1)),
      },
      hints: [],
    };
  }
}

/** A broken expression that stands in the address, as the error that the station would answer. */
export function syntaxFailure(expression: string, problem: SyntaxProblem): Failure {
  const { message, hint, position } = problem;
  return new Failure({
    code: 'query_syntax',
    message,
    remedy: hint === '' ? 'Mend the expression in the search line.' : hint,
    details: { expression: expression.slice(0, 500), position },
  });
}

/** The expression with one more condition; a broken expression is replaced by the condition alone. */
export function withFilter(expression: string, field: string, value: Value, exclude: boolean): string {
  const base = checkExpression(expression).problem ? '' : expression;
  try {
    return addFilter(base, field, value, exclude);
  } catch {
    return base;
  }
}

/** The expression for exactly this value. */
export function only(field: string, value: Value): string {
  return withFilter('', field, value, false);
}
