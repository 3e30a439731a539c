import { gzipSync } from 'node:zlib';
import { cat, type Part } from '../pcap/bytes.ts';
import { client, later, server, type Turn } from '../pcap/conversation.ts';

export interface Exchange {
  method?: string;
  target: string;
  host: string;
  agent?: string;
  headers?: readonly string[];
  body?: Part;
  status?: string;
  type?: string;
  answer?: Part;
  answerHeaders?: readonly string[];
  gzip?: boolean;
  /** Send the answer in chunks of this size instead of with a length. */
  chunked?: number;
  /** Think time before the request in microseconds. */
  after?: number;
}

/** One request and its answer. */
export function exchange(it: Exchange): Turn[] {
  const method = it.method ?? 'GET';
  const body = it.body === undefined ? null : cat(it.body);
  const head = [
    `${method} ${it.target} HTTP/1.1`,
    `Host: ${it.host}`,
    ...(it.agent === undefined ? [] : [`User-Agent: ${it.agent}`]),
    'Accept: */*',
    ...(it.headers ?? []),
    ...(body === null ? [] : [`Content-Length: ${body.length}`]),
  ];
  const plain = cat(it.answer ?? '');
  const answer = it.gzip ? gzipSync(plain) : plain;
  const framing = it.chunked === undefined ? `Content-Length: ${answer.length}` : 'Transfer-Encoding: chunked';
  const noBody = /^(?:1|204|304)/.test(it.status ?? '200');
  const answerHead = [
    `HTTP/1.1 ${it.status ?? '200 OK'}`,
    'Server: nginx',
    ...(it.type === undefined ? [] : [`Content-Type: ${it.type}`]),
    ...(it.gzip ? ['Content-Encoding: gzip'] : []),
    ...(it.answerHeaders ?? []),
    ...(noBody ? [] : [framing]),
  ];
  const sent = it.chunked === undefined ? answer : chunks(answer, it.chunked);
  return [
    later(client(head.join('\r\n'), '\r\n\r\n', body ?? ''), it.after ?? 0),
    server(answerHead.join('\r\n'), '\r\n\r\n', method === 'HEAD' || noBody ? '' : sent),
  ];
}

function chunks(body: Buffer, size: number): Buffer {
  const parts: Part[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    parts.push(`${piece.length.toString(16)}\r\n`, piece, '\r\n');
  }
  return cat(...parts, '0\r\n\r\n');
}

/** Several exchanges on one kept-alive connection. */
export function http(...exchanges: readonly Exchange[]): Turn[] {
  return exchanges.flatMap((it) => exchange(it));
}

export const AGENTS = {
  desktop: 'Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0',
  phone:
    'Mozilla/5.0 (Linux; Android 15; Mobile) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
  tablet:
    'Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/604.1',
  television: 'Mozilla/5.0 (Linux; Tizen 8.0) AppleWebKit/537.36 SmartTV',
  updater: 'Debian APT-HTTP/1.3 (2.6.1)',
  curl: 'curl/7.88.1',
} as const;
