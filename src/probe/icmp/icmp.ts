import { defineProbe } from '../probe.ts';
import { exchangeDatagram } from '../socket/datagram.ts';
import type { SocketSpec } from '../socket/open.ts';
import { SOCK_DGRAM, SOCK_RAW } from '../socket/sockaddr.ts';
import { MARKER } from '../token.ts';

const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const SOL_RAW = 255;
const FILTER = 1;
/** RFC 792 and RFC 4443 section 4. */
const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

/**
 * Raw sockets get every echo reply of the machine unless told otherwise: ICMP_FILTER (raw(7)) and ICMP6_FILTER (RFC 3542 section 3.2) let
 * only replies pass. A set bit blocks.
 */
function replyFilter(family: 4 | 6): { level: number; name: number; value: Buffer } {
  const value = Buffer.alloc(family === 4 ? 4 : 32, 0xff);
  const { reply } = ECHO[family];
  value[reply >> 3] = 0xff & ~(1 << (reply & 7));
  return { level: family === 4 ? SOL_RAW : IPPROTO_ICMPV6, name: FILTER, value };
}

/** The unprivileged socket first (ping_group_range in icmp(7) decides who may), then the raw one (CAP_NET_RAW). */
function socketsOf(family: 4 | 6): SocketSpec[] {
  const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  return [
    { type: SOCK_DGRAM, protocol },
    { type: SOCK_RAW, protocol, options: [replyFilter(family)] },
  ];
}

/** An echo request with the token as its data. On an unprivileged socket the kernel sets identifier and checksum itself. */
export function echoRequest(family: 4 | 6, identifier: number, sequence: number, data: Buffer): Buffer {
  const out = Buffer.alloc(8 + data.length);
  out[0] = ECHO[family].request;
  out.writeUInt16BE(identifier & 0xffff, 4);
  out.writeUInt16BE(sequence & 0xffff, 6);
  data.copy(out, 8);
  // In IPv6 the kernel fills it in, for it covers the addresses too (RFC 3542 section 3.1).
  if (family === 4) out.writeUInt16BE(checksum(out), 2);
  return out;
}

/** RFC 1071. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Is this the echo reply to our data? A raw IPv4 socket delivers the IP header too. */
export function isReply(family: 4 | 6, raw: boolean, bytes: Buffer, data: Buffer): boolean {
  const icmp = family === 4 && raw ? bytes.subarray(((bytes[0] ?? 0) & 15) * 4) : bytes;
  return icmp[0] === ECHO[family].reply && icmp.subarray(8).equals(data);
}

/** ICMP echo, version 4 or 6 by the target's address. */
export const icmp = defineProbe({
  kind: 'icmp',
  title: 'ICMP echo request',
  port: () => null,
  send(shot) {
    const { family } = shot.to.ip;
    let data: Buffer = Buffer.alloc(0);
    return exchangeDatagram(shot, {
      sockets: socketsOf(family),
      payload(token) {
        data = Buffer.from(`${MARKER} ${token}`, 'latin1');
        return echoRequest(family, process.pid, shot.seq, data);
      },
      isAnswer: (bytes, spec) => isReply(family, spec.type === SOCK_RAW, bytes, data),
    });
  },
  rule: (prefix) => ({
    protocol: 'icmp',
    port: 'any',
    // Between 0 and 129 lie both requests (8 and 128) but neither reply (0 and 129), which carries the same data.
    options: `itype:0<>129; content:"${MARKER} ${prefix}"; startswith;`,
  }),
});
