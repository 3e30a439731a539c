/**
 * A parsed search expression. Plain data without positions: two expressions that mean the same text have equal trees, and
 * {@link ./print.ts} writes a tree back as text.
 */
export type Query =
  | { type: 'all' }
  | { type: 'and'; nodes: Query[] }
  | { type: 'or'; nodes: Query[] }
  | { type: 'not'; node: Query }
  /** Text anywhere in the raw line, without regard to case. `pattern` is a {@link ./pattern.ts pattern}, unanchored. */
  | { type: 'text'; pattern: string }
  /** `field` as it was written (alias, column or ECS name, or eve path). */
  | { type: 'field'; field: string; test: Test };

export type Comparison = '>' | '>=' | '<' | '<=';

export type Test =
  | { op: 'exists' }
  | { op: 'is'; value: string }
  /** Anchored {@link ./pattern.ts pattern} with at least one wildcard. */
  | { op: 'like'; pattern: string }
  /** Network, only where the field may hold addresses: `10.0.0.0/8`. */
  | { op: 'network'; value: string }
  | { op: 'compare'; comparison: Comparison; value: string }
  /** Null is an open end. */
  | { op: 'range'; from: string | null; to: string | null; includeFrom: boolean; includeTo: boolean };

/** What may be better, but is no error: shown beside the result. */
export interface Hint {
  position: number;
  length: number;
  message: string;
}
