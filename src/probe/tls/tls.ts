import { defineProbe } from '../probe.ts';
import { exchangeStream } from '../socket/stream.ts';
import { NAME_SUFFIX } from '../token.ts';
import { clientHello } from './client-hello.ts';

/** The first message of a TLS connection, with a server name that exists nowhere. A refusal of that name is an answer too. */
export const tls = defineProbe({
  kind: 'tls',
  title: 'TLS ClientHello',
  port: (path) => path.tls_port,
  send: (shot) => exchangeStream(shot, (token) => clientHello(`${token}${NAME_SUFFIX}`)),
  rule: (prefix) => ({
    protocol: 'tls',
    port: 'any',
    options: `flow:established,to_server; tls.sni; content:"${prefix}"; startswith; content:"${NAME_SUFFIX}"; endswith;`,
  }),
});
