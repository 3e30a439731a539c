import { request, type IncomingMessage } from 'node:http';
import { ERROR_CODES, type ErrorCode } from '../base/error-codes.ts';
import { VardeError, messageOf } from '../base/errors.ts';
import { socketPath } from '../base/socket-path.ts';
import type { ApiError } from '../view/api.ts';

/** Longest wait for the first byte of an answer. */
const ANSWER_MS = 30_000;

/** Whether a station listens on the socket of this data folder. */
export async function stationAnswers(dataFolder: string): Promise<boolean> {
  try {
    const response = await call(dataFolder, 'GET', '/healthz', undefined, 3000);
    response.resume();
    return true;
  } catch (error) {
    if (error instanceof VardeError && error.code === 'station_unreachable') return false;
    throw error;
  }
}

/** A GET whose body is JSON. @throws VardeError with the station's own code, or station_unreachable */
export async function getJson<T>(
  dataFolder: string,
  path: string,
  parameters: Record<string, string | undefined> = {},
): Promise<T> {
  return readJson<T>(await ask(dataFolder, 'GET', withParameters(path, parameters)));
}

export async function postJson<T>(dataFolder: string, path: string, body: unknown): Promise<T> {
  return readJson<T>(await ask(dataFolder, 'POST', path, body));
}

/** A streamed answer: its lines as bytes, without the newline. */
export async function* streamLines(
  dataFolder: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const response = await ask(dataFolder, method, path, body, signal);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of response as AsyncIterable<Buffer>) {
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

async function ask(
  dataFolder: string,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const response = await call(dataFolder, method, path, body, ANSWER_MS, signal);
  if (response.statusCode !== undefined && response.statusCode < 400) return response;
  const text = (await collect(response)).toString('utf8');
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

/** The station's error as our own. */
export function toError(failure: ApiError['error']): VardeError {
  const code: ErrorCode = failure.code in ERROR_CODES ? (failure.code as ErrorCode) : 'internal';
  return new VardeError(code, failure.message, { details: failure.details });
}

function call(
  dataFolder: string,
  method: string,
  path: string,
  body: unknown,
  timeout: number,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body), 'utf8');
  return new Promise((resolve, reject) => {
    const headers =
      payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length };
    const outgoing = request(
      // No agent: a kept connection may have been closed by the station in the meantime (EPIPE).
      {
        socketPath: socketPath(dataFolder),
        method,
        path,
        headers: { host: 'localhost', ...headers },
        signal,
        agent: false,
      },
      (response) => {
        outgoing.setTimeout(0);
        resolve(response);
      },
    );
    outgoing.setTimeout(timeout, () => outgoing.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    outgoing.on('error', (error) => {
      reject(
        signal?.aborted === true
          ? new VardeError('interrupted', 'Stopped on request.')
          : new VardeError('station_unreachable', `the station's socket: ${messageOf(error)}`, { cause: error }),
      );
    });
    outgoing.end(payload);
  });
}

async function readJson<T>(response: IncomingMessage): Promise<T> {
  return JSON.parse((await collect(response)).toString('utf8')) as T;
}

async function collect(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) parts.push(chunk);
  return Buffer.concat(parts);
}
