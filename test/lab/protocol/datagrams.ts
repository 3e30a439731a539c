import { addressBytes, macBytes } from '../pcap/address.ts';
import { cat, hex, type Part, sized8, u16, u32 } from '../pcap/bytes.ts';
import { client, server, type Turn } from '../pcap/conversation.ts';
import type { Random } from '../pcap/random.ts';
import { integer, nothing, octets, oid, sequence, der } from './der.ts';

export type DhcpKind = 'discover' | 'offer' | 'request' | 'ack' | 'nak' | 'release' | 'inform';
const DHCP_KINDS: Record<DhcpKind, number> = {
  discover: 1,
  offer: 2,
  request: 3,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
};

export interface DhcpFields {
  kind: DhcpKind;
  id: number;
  mac: string;
  host?: string | Buffer;
  yours?: string;
  current?: string;
  requested?: string;
  server?: string;
  lease?: number;
  vendor?: string;
}

/** A DHCP message (RFC 2131) with the options that a small router's server gives. */
export function dhcp(it: DhcpFields): Buffer {
  const reply = it.kind === 'offer' || it.kind === 'ack' || it.kind === 'nak';
  const none = Buffer.alloc(4);
  const option = (code: number, ...body: readonly Part[]): Buffer => cat(code, sized8(...body));
  const options: Part[] = [option(53, DHCP_KINDS[it.kind])];
  if (!reply) options.push(option(61, 1, macBytes(it.mac)));
  if (it.requested) options.push(option(50, addressBytes(it.requested)));
  if (it.server) options.push(option(54, addressBytes(it.server)));
  if (it.host) options.push(option(12, it.host));
  if (it.vendor) options.push(option(60, it.vendor));
  if (!reply) options.push(option(55, 1, 3, 6, 15, 42, 119));
  if (reply && it.kind !== 'nak') {
    const lease = it.lease ?? 43200;
    options.push(
      option(51, u32(lease)),
      option(58, u32(lease / 2)),
      option(59, u32(Math.floor(lease * 0.875))),
      option(1, hex('ffffff00')),
    );
    if (it.server)
      options.push(option(3, addressBytes(it.server)), option(6, addressBytes(it.server)), option(15, 'home.test'));
  }
  const body = cat(
    [reply ? 2 : 1, 1, 6, 0],
    u32(it.id),
    [u16(0), u16(0)],
    it.current ? addressBytes(it.current) : none,
    it.yours ? addressBytes(it.yours) : none,
    [reply && it.server ? addressBytes(it.server) : none, none],
    macBytes(it.mac),
    Buffer.alloc(10 + 64 + 128),
    hex('63825363'),
    ...options,
    255,
  );
  return body.length < 300 ? cat(body, Buffer.alloc(300 - body.length)) : body;
}

/** A TFTP transfer of one block (RFC 1350). The answers come from another port, as the protocol wants. */
export function tftpRequest(file: string, write: boolean): Turn[] {
  return [client(u16(write ? 2 : 1), file, 0, 'octet', 0)];
}

function snmpPdu(tag: number, request: number, name: string, value: Buffer): Buffer {
  return der(tag, integer(request), integer(0), integer(0), sequence(sequence(oid(name), value)));
}

/** An SNMP question with community and its answer. */
export function snmp(version: 1 | 2, community: string, request: number, name: string, value: string): Turn[] {
  const around = (pdu: Buffer): Buffer => sequence(integer(version - 1), octets(community), pdu);
  return [
    client(around(snmpPdu(0xa0, request, name, nothing()))),
    server(around(snmpPdu(0xa2, request, name, octets(value)))),
  ];
}

/** SNMP version 3 with a user, nothing encrypted (RFC 3414). */
export function snmp3(user: string, request: number): Turn[] {
  const global = sequence(integer(request), integer(65507), octets(4), integer(3));
  const security = octets(
    sequence(octets(hex('80001f8804')), integer(1), integer(42), octets(user), octets(''), octets('')),
  );
  const scoped = sequence(
    octets(hex('80001f8804')),
    octets(''),
    snmpPdu(0xa0, request, '1.3.6.1.2.1.1.5.0', nothing()),
  );
  return [client(sequence(integer(3), global, security, scoped))];
}

export function ntp(): Turn[] {
  return [client(0x23, 0, 6, 0xec, Buffer.alloc(44)), server(0x24, 2, 6, 0xec, Buffer.alloc(44, 1))];
}

/** A telephone registers, then calls (RFC 3261). */
export function sip(number: string, domain: string, clientIp: string): Turn[] {
  const request = (method: string, target: string, sequenceNumber: number, extra: readonly string[]): string =>
    [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP ${clientIp}:5060;branch=z9hG4bK${number}${sequenceNumber}`,
      'Max-Forwards: 70',
      `From: <sip:${number}@${domain}>;tag=a${number}`,
      `To: <sip:${number}@${domain}>`,
      `Call-ID: ${number}-1@${clientIp}`,
      `CSeq: ${sequenceNumber} ${method}`,
      'User-Agent: LabPhone/2.4',
      ...extra,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n');
  const answer = (line: string, sequenceText: string): string =>
    [
      `SIP/2.0 ${line}`,
      `Via: SIP/2.0/UDP ${clientIp}:5060;branch=z9hG4bK${number}`,
      `From: <sip:${number}@${domain}>;tag=a${number}`,
      `To: <sip:${number}@${domain}>;tag=b`,
      `Call-ID: ${number}-1@${clientIp}`,
      `CSeq: ${sequenceText}`,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n');
  return [
    client(request('REGISTER', `sip:${domain}`, 1, [`Contact: <sip:${number}@${clientIp}:5060>`, 'Expires: 3600'])),
    server(answer('401 Unauthorized', '1 REGISTER')),
    client(request('REGISTER', `sip:${domain}`, 2, [`Contact: <sip:${number}@${clientIp}:5060>`])),
    server(answer('200 OK', '2 REGISTER')),
    client(request('OPTIONS', `sip:100@${domain}`, 3, [])),
    server(answer('200 OK', '3 OPTIONS')),
  ];
}

/** IKE version 2, first exchange (RFC 7296): security association, key exchange, nonce. */
export function ikeV2(random: Random): Turn[] {
  const initiator = random.bytes(8);
  const attribute = hex('800e0100'); // key length 256
  const transform = (last: boolean, type: number, id: number, extra: Buffer = Buffer.alloc(0)): Buffer =>
    cat(last ? 0 : 3, 0, u16(8 + extra.length), type, 0, u16(id), extra);
  const transforms = cat(
    transform(false, 1, 12, attribute),
    transform(false, 2, 5),
    transform(false, 3, 12),
    transform(true, 4, 14),
  );
  const proposal = cat(0, 0, u16(8 + transforms.length), 1, 1, 0, 4, transforms);
  const payload = (next: number, body: Buffer): Buffer => cat(next, 0, u16(4 + body.length), body);
  const message = (responder: Buffer, flags: number): Buffer => {
    const payloads = cat(
      payload(34, proposal),
      payload(40, cat(u16(14), u16(0), random.bytes(256))),
      payload(0, random.bytes(32)),
    );
    return cat(initiator, responder, 33, 0x20, 34, flags, u32(0), u32(28 + payloads.length), payloads);
  };
  return [client(message(Buffer.alloc(8), 0x08)), server(message(random.bytes(8), 0x20))];
}

/** IKE version 1, main mode's first packet, offered by old routers. */
export function ikeV1(random: Random): Turn[] {
  const attributes = hex('80010007 800e0100 80020004 80030001 8004000e 800b0001 000c0004 00007080');
  const transform = cat(0, 0, u16(8 + attributes.length), 1, 1, u16(0), attributes);
  const proposal = cat(0, 0, u16(8 + transform.length), 1, 1, 0, 1, transform);
  const body = cat(u32(1), u32(1), proposal);
  const cookie = random.bytes(8);
  const message = (responder: Buffer): Buffer =>
    cat(cookie, responder, 1, 0x10, 2, 0, u32(0), u32(28 + 4 + body.length), 0, 0, u16(4 + body.length), body);
  return [client(message(Buffer.alloc(8))), server(message(random.bytes(8)))];
}

/** BitTorrent's distributed hash table: ping and find peers (BEP 5). */
export function bittorrentDht(random: Random): Turn[] {
  const id = random.bytes(20);
  const other = random.bytes(20);
  return [
    client('d1:ad2:id20:', id, 'e1:q4:ping1:t2:aa1:y1:qe'),
    server('d1:rd2:id20:', other, 'e1:t2:aa1:y1:re'),
    client('d1:ad2:id20:', id, '9:info_hash20:', random.bytes(20), 'e1:q9:get_peers1:t2:ab1:y1:qe'),
    server(
      'd1:rd2:id20:',
      other,
      '5:token8:',
      random.bytes(8),
      '6:valuesl6:',
      addressBytes('203.0.113.77'),
      u16(51413),
      'ee1:t2:ab1:y1:re',
    ),
  ];
}
