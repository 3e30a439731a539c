import type { ReadLimits } from './piece.ts';

/** Named events of the telemetry that a source emits. */
export type SourceLog = (event: string, fields: Record<string, string | number>) => void;

export interface TailerOptions extends ReadLimits {
  patterns: readonly string[];
  start: 'head' | 'end';
  since_ms: number | null;
  /** A deleted file is let go when it did not change for this long (and for two polls), a renamed one that no glob names after `away_ms`. */
  linger_ms: number;
  away_ms: number;
  log: SourceLog;
}
