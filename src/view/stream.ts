import { apiError, asVardeError, reportFailure } from './respond.ts';
import type { Call } from './route.ts';
import type { VardeError } from '../base/errors.ts';

export const NDJSON_TYPE = 'application/x-ndjson; charset=utf-8';

export interface StreamOptions {
  type: string;
  route: string;
  headers?: Record<string, string>;
  /** How a failure behind the first bytes is told: as a last text, or (null) by breaking the connection. */
  failure: (error: VardeError) => string | null;
}

/** The failure of an NDJSON stream is its last line. */
export const lastLine = (error: VardeError): string => `${JSON.stringify(apiError(error))}\n`;

/**
 * A streamed answer that goes as fast as its reader: the next part is made only when the last one has been taken. A failure before the first
 * part throws, so that it gets its own status. When the client goes away the signal that `parts` got aborts.
 */
export async function streamResponse(
  call: Call,
  options: StreamOptions,
  parts: (signal: AbortSignal) => AsyncIterable<string | Uint8Array>,
): Promise<Response> {
  const gone = new AbortController();
  const signal = AbortSignal.any([call.signal, gone.signal]);
  const iterator = parts(signal)[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const bytes = (part: string | Uint8Array): Uint8Array => (typeof part === 'string' ? encoder.encode(part) : part);

  let ahead: IteratorResult<string | Uint8Array> | null = await iterator.next();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const result = ahead ?? (await iterator.next());
          ahead = null;
          if (result.done === true) controller.close();
          else controller.enqueue(bytes(result.value));
        } catch (thrown) {
          const error = asVardeError(thrown, signal);
          reportFailure(error, options.route, call.deps.telemetry);
          const last = options.failure(error);
          if (last === null) call.side.abandon?.();
          else controller.enqueue(bytes(last));
          controller.close();
        }
      },
      cancel() {
        gone.abort();
        // Not awaited: a generator that waits for a question ends only when the question has noticed.
        iterator.return?.().catch(() => undefined);
      },
    },
    // Nothing is made before it is asked for.
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: { 'content-type': options.type, 'cache-control': 'no-store', ...options.headers },
  });
}
