import { VardeError } from '../base/errors.ts';
import { EVENTS } from '../telemetry/event-list.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { ApiError } from './api.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** An answer that must be asked for again each time. */
export function json(value: unknown, status = 200): Response {
  return jsonText(JSON.stringify(value), status);
}

/** The same for text that is JSON already. */
export function jsonText(text: string, status = 200): Response {
  return new Response(text, { status, headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-store' } });
}

/** Anything thrown, as one of our own errors. What is not expected keeps its message for the log: it may tell of paths and insides. */
export function asVardeError(error: unknown, signal?: AbortSignal): VardeError {
  if (error instanceof VardeError) return error;
  if (signal?.aborted === true || (error instanceof Error && error.name === 'AbortError')) {
    return new VardeError('query_cancelled', 'The question was cancelled.', { cause: error });
  }
  return new VardeError('internal', 'The station met a defect; its log has the details.', { cause: error });
}

export function apiError(error: VardeError): ApiError {
  return { error: { code: error.code, message: error.message, remedy: error.remedy, details: { ...error.details } } };
}

/** Logs and counts a failure that is the station's own fault; the client's mistakes are only counted, by status. */
export function reportFailure(error: VardeError, route: string, telemetry: Telemetry): void {
  if (error.httpStatus < 500) return;
  telemetry.emit(EVENTS.request_failed, {
    route,
    code: error.code,
    error: error.code === 'internal' ? error.cause : error,
  });
}

export function errorResponse(error: VardeError): Response {
  return json(apiError(error), error.httpStatus);
}
