import { defineProbe } from '../probe.ts';
import { exchangeStream } from '../socket/stream.ts';
import { NAME_SUFFIX } from '../token.ts';

/** A request for a host that exists nowhere (RFC 9112 section 3); whatever the server says to that is an answer. */
export function request(token: string): Buffer {
  return Buffer.from(
    `GET /varde-hb HTTP/1.1\r\nHost: ${token}${NAME_SUFFIX}\r\nUser-Agent: varde heartbeat\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    'latin1',
  );
}

export const http = defineProbe({
  kind: 'http',
  title: 'HTTP request',
  port: (path) => path.http_port,
  send: (shot) => exchangeStream(shot, request),
  rule: (prefix) => ({
    protocol: 'http',
    port: 'any',
    // http.host is in lower case already; Suricata refuses nocase there.
    options: `flow:established,to_server; http.host; content:"${prefix}"; startswith; content:"${NAME_SUFFIX}"; endswith;`,
  }),
});
