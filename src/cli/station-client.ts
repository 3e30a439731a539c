import { request, type IncomingMessage } from 'node:http';
import { ERROR_CODES, type ErrorCode } from '../base/error-codes.ts';
import { VardeError, messageOf, systemCode } from '../base/errors.ts';
import { socketPath } from '../base/socket-path.ts';
import type { ApiError } from '../view/api.ts';

/** What a small request may take, from the connection to the last byte. */
const SMALL_MS = 30_000;
const PRESENT_MS = 10_000;

export interface RequestOptions {
  signal?: AbortSignal;
  /** For the whole request; null is no limit, for questions: how long one takes is for the asker to judge. */
  limitMs?: number | null;
}

/**
 * Whether a station listens on the socket of this data folder. Only a socket that is not there, or that nobody listens on, proves that none
 * does.
 *
 * @throws VardeError station_refused where this user may not know, station_unreachable where one is there but does not answer
 */
export async function stationAnswers(dataFolder: string): Promise<boolean> {
  try {
    // Any answer will do: an ill station is one, too.
    await withLimit({ limitMs: PRESENT_MS }, async (signal) =>
      collect(await call(dataFolder, 'GET', '/healthz', signal)),
    );
    return true;
  } catch (error) {
    if (isDown(error)) return false;
    throw error;
  }
}

/** A GET whose body is JSON. @throws VardeError with the station's own code, station_unreachable, station_refused, interrupted */
export async function getJson<T>(
  dataFolder: string,
  path: string,
  parameters: Record<string, string | undefined> = {},
  options: RequestOptions = {},
): Promise<T> {
  return askJson<T>(dataFolder, 'GET', withParameters(path, parameters), undefined, options);
}

export async function postJson<T>(
  dataFolder: string,
  path: string,
  body: unknown,
  options: RequestOptions = {},
): Promise<T> {
  return askJson<T>(dataFolder, 'POST', path, body, options);
}

/** A streamed answer: its lines as bytes, without the newline. It may take as long as it takes. */
export async function* streamLines(
  dataFolder: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const response = await ask(dataFolder, method, path, signal, body);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks(response, signal)) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10)) {
      yield bytes.subarray(0, end);
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  if (rest.length > 0) yield rest;
}

export function withParameters(path: string, parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** The station's error as our own. */
export function toError(failure: ApiError['error']): VardeError {
  const code: ErrorCode = failure.code in ERROR_CODES ? (failure.code as ErrorCode) : 'internal';
  return new VardeError(code, failure.message, { details: failure.details });
}

function askJson<T>(
  dataFolder: string,
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions,
): Promise<T> {
  return withLimit(options, async (signal) => {
    const bytes = await collect(await ask(dataFolder, method, path, signal, body), signal);
    return JSON.parse(bytes.toString('utf8')) as T;
  });
}

/** Gives `work` a signal that aborts with the caller's, and when the time is up. */
async function withLimit<T>(
  { signal, limitMs = SMALL_MS }: RequestOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  let late = false;
  const timer =
    limitMs === null
      ? undefined
      : setTimeout(() => {
          late = true;
          stop();
        }, limitMs);
  try {
    return await work(ending.signal);
  } catch (error) {
    if (!late) throw error;
    const text = `a station is there, but gave no whole answer within ${limitMs! / 1000} s`;
    throw new VardeError('station_unreachable', text, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

async function ask(
  dataFolder: string,
  method: string,
  path: string,
  signal: AbortSignal | undefined,
  body?: unknown,
): Promise<IncomingMessage> {
  const response = await call(dataFolder, method, path, signal, body);
  if (response.statusCode !== undefined && response.statusCode < 400) return response;
  const text = (await collect(response, signal)).toString('utf8');
  let failure: ApiError['error'];
  try {
    failure = (JSON.parse(text) as ApiError).error;
  } catch {
    throw new VardeError(
      'station_unreachable',
      `the station answered ${response.statusCode ?? 'nothing'} without a reason`,
    );
  }
  throw toError(failure);
}

function call(
  dataFolder: string,
  method: string,
  path: string,
  signal: AbortSignal | undefined,
  body?: unknown,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body), 'utf8');
  const socket = socketPath(dataFolder);
  return new Promise((resolve, reject) => {
    const headers =
      payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length };
    const outgoing = request(
      // No agent: a kept connection may have been closed by the station in the meantime (EPIPE).
      { socketPath: socket, method, path, headers: { host: 'localhost', ...headers }, signal, agent: false },
      resolve,
    );
    outgoing.on('error', (error) => reject(failed(error, signal, socket)));
    outgoing.end(payload);
  });
}

async function collect(response: IncomingMessage, signal?: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks(response, signal)) parts.push(chunk);
  return Buffer.concat(parts);
}

/** The body; what breaks it off comes out as one of our own errors. */
async function* chunks(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const body = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await body.next().catch((error: unknown) => {
        throw failed(error, signal, null);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    response.destroy();
  }
}

/** @param socket its path while there is no answer yet; null where one broke off */
function failed(error: unknown, signal: AbortSignal | undefined, socket: string | null): VardeError {
  const cause = { cause: error };
  if (signal?.aborted === true) return new VardeError('interrupted', 'Stopped on request.', cause);
  if (socket === null)
    return new VardeError('station_unreachable', `the station broke off its answer: ${messageOf(error)}`, cause);
  if (['EACCES', 'EPERM'].includes(systemCode(error)))
    return new VardeError('station_refused', `${socket} may not be opened by this user`, cause);
  return new VardeError('station_unreachable', `the station's socket: ${messageOf(error)}`, cause);
}

/** ENOTDIR: a part of the folder's path is a file. */
const DOWN = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

function isDown(error: unknown): boolean {
  return error instanceof VardeError && error.code === 'station_unreachable' && DOWN.has(systemCode(error.cause));
}
