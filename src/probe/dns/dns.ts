import { randomInt } from 'node:crypto';
import { defineProbe } from '../probe.ts';
import { exchangeDatagram } from '../socket/datagram.ts';
import { SOCK_DGRAM } from '../socket/sockaddr.ts';
import { NAME_SUFFIX } from '../token.ts';

/** Recursion desired: some forwarders drop what does not ask for it. */
const FLAGS = 0x0100;
const TYPE_A = 1;
const CLASS_IN = 1;

/** A query for the A record of a name (RFC 1035 section 4.1). */
export function query(id: number, name: string): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(FLAGS, 2);
  head.writeUInt16BE(1, 4);
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, TYPE_A, 0, CLASS_IN])]);
}

/** A DNS query for a name that exists nowhere. Any response is an answer, also "no such name" and "refused". */
export const dns = defineProbe({
  kind: 'dns',
  title: 'DNS query',
  port: (path) => path.dns_port,
  send(shot) {
    const id = randomInt(0x10000);
    return exchangeDatagram(shot, {
      sockets: [{ type: SOCK_DGRAM, protocol: 0 }],
      payload: (token) => query(id, `${token}${NAME_SUFFIX}`),
      isAnswer: (bytes) => bytes.length >= 12 && bytes.readUInt16BE(0) === id && (bytes[2]! & 0x80) !== 0,
    });
  },
  rule: (prefix) => ({
    protocol: 'dns',
    port: 'any',
    options: `dns.query; content:"${prefix}"; startswith; nocase; content:"${NAME_SUFFIX}"; endswith; nocase;`,
  }),
});
