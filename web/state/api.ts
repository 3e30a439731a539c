import type { ApiError, ListMessage } from '../../src/view/api.ts';

/** A question that failed, in the station's own words, or in ours where no station answers. */
export class Failure extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(error: ApiError['error']) {
    super(error.message);
    this.code = error.code;
    this.remedy = error.remedy;
    this.details = error.details ?? {};
  }
}

export type Params = Record<string, string | number | null | undefined>;

export function apiPath(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? `/api/${path}` : `/api/${path}?${text}`;
}

function unreachable(cause: unknown): Failure {
  return new Failure({
    code: 'station_unreachable',
    message: 'The station does not answer.',
    remedy: 'See whether varde still runs (varde doctor); the page tries again by itself.',
    details: { cause: cause instanceof Error ? cause.message : String(cause) },
  });
}

async function answer(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin', redirect: 'error' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable(error);
  }
  if (response.ok) return response;
  let body: Partial<ApiError> | null = null;
  try {
    body = (await response.json()) as Partial<ApiError> | null;
  } catch {
    // A proxy or another program answered: its text is no help, its status is.
  }
  if (body && typeof body.error?.code === 'string') throw new Failure(body.error);
  throw new Failure({
    code: `http_${response.status}`,
    message: `The station answered ${response.status} ${response.statusText}.`,
    remedy: 'Reload the page; varde doctor tells whether the station is well.',
    details: { path: path.slice(0, 200) },
  });
}

/** One JSON answer. Throws a {@link Failure}, or the abort's own error. */
export async function ask<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const response = await answer(apiPath(path, params), signal ? { signal } : {});
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable(error);
  }
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await (await answer(apiPath(path), init)).json()) as T;
}

/** Reads an NDJSON stream message by message; ends when the station ends it. */
export async function stream(
  path: string,
  params: Params,
  signal: AbortSignal,
  take: (message: ListMessage) => void,
): Promise<void> {
  const response = await answer(apiPath(path, params), { signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    let part: ReadableStreamReadResult<string>;
    try {
      part = await reader.read();
    } catch (error) {
      if (signal.aborted) throw error;
      throw unreachable(error);
    }
    if (part.done) break;
    const lines = (rest + part.value).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') take(JSON.parse(line) as ListMessage);
  }
  if (rest.trim() !== '') take(JSON.parse(rest) as ListMessage);
}

/** Whether it was given up on purpose. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure({
    code: 'page_defect',
    message: error instanceof Error ? error.message : String(error),
    remedy: 'This is a defect of the page: please report it with the details.',
    details: { stack: error instanceof Error ? String(error.stack).slice(0, 1500) : '' },
  });
}
