import { connect, type Socket } from 'node:net';
import type { Address } from './station-address.ts';

/** Why there is no answer. Only `down` proves that no station runs. */
export type Failure = 'down' | 'refused' | 'garbage' | 'late';

export class AskError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, message: string) {
    super(message);
    this.name = 'AskError';
    this.failure = failure;
  }
}

/** More than any report: 200 sensors with five kinds and their histories are some 40 MB. */
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_HEADER = 64 * 1024;

/**
 * One GET, answered with JSON, over the Unix socket or loopback. HTTP/1.1 by hand (RFC 9112): loading `node:http` takes longer than the
 * whole check. The limit covers everything from the connection to the last byte.
 *
 * @throws AskError
 */
export function askJson(address: Address, path: string, limitMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    let done = false;
    const socket: Socket = connect('path' in address ? { path: address.path } : address);
    const end = (outcome: () => void): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      socket.destroy();
      outcome();
    };
    const fail = (failure: Failure, message: string): void => end(() => reject(new AskError(failure, message)));
    const timer = setTimeout(() => fail('late', `no whole answer within ${limitMs / 1000} s`), limitMs);
    const read = (closed: boolean): void => {
      try {
        const body = readAnswer(parts.length === 1 ? parts[0]! : Buffer.concat(parts), closed);
        if (body !== null) end(() => resolve(body));
        else if (closed) fail('garbage', 'the answer ended too early');
      } catch (error) {
        fail(
          error instanceof AskError ? error.failure : 'garbage',
          error instanceof Error ? error.message : String(error),
        );
      }
    };
    socket.on('connect', () => {
      const host =
        'path' in address || !address.host.includes(':')
          ? 'path' in address
            ? 'localhost'
            : address.host
          : `[${address.host}]`;
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n`);
    });
    socket.on('data', (chunk: Buffer) => {
      parts.push(chunk);
      length += chunk.length;
      if (length > MOST_BYTES) return fail('garbage', 'the answer is too long');
      // Joining at each of a thousand chunks would take quadratic time: only a short answer is read early, a long one when the peer closes.
      if (length <= MOST_HEADER) read(false);
      else if (length - chunk.length <= MOST_HEADER) checkHead(parts, fail);
    });
    socket.on('end', () => read(true));
    socket.on('close', () => read(true));
    socket.on('error', (error: NodeJS.ErrnoException) => fail(...connectFailure(error, address)));
  });
}

/** A long answer must at least begin like one; else an endless stream of garbage would be gathered until the limit. */
function checkHead(parts: Buffer[], fail: (failure: Failure, message: string) => void): void {
  if (!Buffer.concat(parts).subarray(0, MOST_HEADER).includes('\r\n\r\n')) fail('garbage', 'the answer is no HTTP');
}

function connectFailure(error: NodeJS.ErrnoException, address: Address): [Failure, string] {
  const where = 'path' in address ? address.path : `${address.host} port ${address.port}`;
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return ['down', `no station answers on ${where}`];
    case 'EACCES':
    case 'EPERM':
      return [
        'refused',
        `${where} may not be opened by this user: run the check as the station's user, or with -H 127.0.0.1`,
      ];
    default:
      return ['garbage', `${where}: ${error.code ?? error.message}`];
  }
}

/** The JSON of a whole answer; null while something is missing. `closed`: no more comes. @throws Error where it is no answer */
export function readAnswer(bytes: Buffer, closed: boolean): unknown {
  const headEnd = bytes.subarray(0, MOST_HEADER).indexOf('\r\n\r\n');
  const start = bytes.subarray(0, 9).toString('latin1');
  if (!'HTTP/1.1 '.startsWith(start) && !'HTTP/1.0 '.startsWith(start)) throw new Error('the answer is no HTTP');
  if (headEnd === -1) {
    if (bytes.length >= MOST_HEADER) throw new Error('the answer is no HTTP');
    return null;
  }
  const [status = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const code = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(status)?.[1];
  if (code === undefined) throw new Error('the answer is no HTTP');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const rest = bytes.subarray(headEnd + 4);
  const body = wholeBody(rest, headers, closed);
  if (body === null) return null;
  if (code !== '200') throw new Error(`the station answered ${code}${reason(body)}`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Error('the answer is no JSON');
  }
}

function wholeBody(rest: Buffer, headers: ReadonlyMap<string, string>, closed: boolean): Buffer | null {
  if ((headers.get('transfer-encoding') ?? '').toLowerCase().includes('chunked')) return chunked(rest);
  const length = headers.get('content-length');
  if (length === undefined) return closed ? rest : null;
  if (!/^\d{1,12}$/.test(length)) throw new Error('the answer has no sane length');
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : null;
}

/** RFC 9112, section 7.1; null while the last chunk is missing. */
function chunked(rest: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd === -1) {
      if (rest.length - at > 1000) throw new Error('the answer has a broken chunk');
      return null;
    }
    const size = /^([\da-f]{1,8})(?:;|$)/i.exec(
      rest
        .subarray(at, Math.min(lineEnd, at + 100))
        .toString('latin1')
        .trim(),
    )?.[1];
    if (size === undefined) throw new Error('the answer has a broken chunk');
    const from = lineEnd + 2;
    const to = from + Number.parseInt(size, 16);
    if (to === from) return Buffer.concat(parts);
    if (rest.length < to + 2) return null;
    parts.push(rest.subarray(from, to));
    at = to + 2;
  }
}

/** What the station itself says of its failure. */
function reason(body: Buffer): string {
  try {
    const { error } = JSON.parse(body.toString('utf8')) as { error?: { message?: unknown } };
    return typeof error?.message === 'string' ? `: ${error.message.slice(0, 300)}` : '';
  } catch {
    return '';
  }
}
