import { defineProbe } from '../probe.ts';
import { exchangeDatagram } from '../socket/datagram.ts';
import { SOCK_DGRAM } from '../socket/sockaddr.ts';
import { MARKER } from '../token.ts';

/** A datagram with the token as text; to the discard port (RFC 863) unless another is configured. Whatever comes back is an answer. */
export const udp = defineProbe({
  kind: 'udp',
  title: 'UDP datagram',
  port: (path) => path.udp_port,
  send: (shot) =>
    exchangeDatagram(shot, {
      sockets: [{ type: SOCK_DGRAM, protocol: 0 }],
      payload: (token) => Buffer.from(`${MARKER} ${token}`, 'latin1'),
      isAnswer: () => true,
    }),
  rule: (prefix, port) => ({
    protocol: 'udp',
    port: String(port),
    options: `content:"${MARKER} ${prefix}"; startswith;`,
  }),
});
