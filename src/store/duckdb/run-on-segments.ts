import type { DuckDBConnection } from '@duckdb/node-api';
import { VardeError, messageOf } from '../../base/errors.ts';
import { damaged } from './damaged.ts';
import { type Engine, isInvalidated } from './engine.ts';
import type { QuestionContext, Segment } from './segments.ts';

/** Errors of the question itself: no reason to read every segment through. */
const NO_DAMAGE = /^(Binder|Parser|Catalog|Conversion|Out of Range|Out of Memory|Permission|Not implemented) Error/;

/** Lines this long on average (packet payloads, hostile ones of megabytes) make a single group of rows larger than the usual limit. */
const LONG_LINE_BYTES = 16 * 1024;

const hasLongLines = (segment: Segment): boolean => segment.raw_bytes > segment.rows * LONG_LINE_BYTES;

/** DuckDB's own error, or what a question made of it. */
function isOutOfMemory(error: unknown): boolean {
  return (
    messageOf(error).startsWith('Out of Memory') ||
    messageOf((error as { cause?: unknown }).cause).startsWith('Out of Memory')
  );
}

/**
 * Asks something of segments: pins them, gives `ask` a connection, and if the engine fails looks for damage: damaged segments are set
 * aside and the rest is asked again. One bad segment so costs its own rows, never the answer.
 *
 * @throws VardeError `query_cancelled`; `query_failed` where no segment is to blame; what `ask` throws as a VardeError.
 */
export async function runOnSegments<T>(
  context: Pick<QuestionContext, 'catalogue' | 'engine'>,
  segments: readonly Segment[],
  signal: AbortSignal | undefined,
  ask: (connection: DuckDBConnection, segments: readonly Segment[]) => Promise<T>,
): Promise<T> {
  context.catalogue.pin(segments);
  try {
    let left = segments;
    let roomy = false;
    let renewed = false;
    for (;;) {
      try {
        const asked = left;
        const run = () => context.engine.withQuestionConnection(signal, (connection) => ask(connection, asked));
        return await (roomy ? (context.engine as Engine).withMoreQuestionMemory(run) : run());
      } catch (error) {
        if (!roomy && isOutOfMemory(error) && left.some(hasLongLines)) {
          roomy = true;
          continue;
        }
        if (!renewed && isInvalidated(error)) {
          renewed = true;
          continue;
        }
        if (error instanceof VardeError) throw error;
        if (NO_DAMAGE.test(messageOf(error))) throw new VardeError('query_failed', messageOf(error), { cause: error });
        const bad = await damaged(context.engine as Engine, left, signal);
        if (bad.length === 0) throw new VardeError('query_failed', messageOf(error), { cause: error });
        for (const { segment, reason } of bad) await context.catalogue.setAside(segment, reason);
        left = left.filter((s) => !bad.some((b) => b.segment === s));
      }
    }
  } finally {
    context.catalogue.unpin(segments);
  }
}
