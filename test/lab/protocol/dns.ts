import { addressBytes } from '../pcap/address.ts';
import { cat, type Part, sized8, u16, u32 } from '../pcap/bytes.ts';
import type { Turn } from '../pcap/conversation.ts';

const TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  NULL: 10,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  SSHFP: 44,
  HTTPS: 65,
  ANY: 255,
} as const;
export type DnsType = keyof typeof TYPES;

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** A resource record; the data is written as a zone file would have it. */
export interface Answer {
  name: string;
  type: DnsType;
  ttl?: number;
  data: string;
}

export interface Lookup {
  id: number;
  name: string | Buffer;
  type: DnsType;
  answers?: readonly Answer[];
  authorities?: readonly Answer[];
  additionals?: readonly Answer[];
  rcode?: keyof typeof RCODE;
  /** Sets AD, as a validating resolver does. */
  authentic?: boolean;
  /** Adds an EDNS record to the question (RFC 6891). */
  edns?: boolean;
}

/** A name as labels; a Buffer is taken as one single label, for the bytes that no host name may have. */
export function dnsName(name: string | Buffer): Buffer {
  if (typeof name !== 'string') return cat(sized8(name), 0);
  const labels = name.split('.').filter((label) => label !== '');
  return cat(...labels.map((label) => sized8(label)), 0);
}

function recordData(answer: Answer): Part {
  const words = answer.data.split(' ');
  switch (answer.type) {
    case 'A':
    case 'AAAA':
      return addressBytes(answer.data);
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return dnsName(answer.data);
    case 'MX':
      return cat(u16(Number(words[0])), dnsName(words[1]!));
    case 'SRV':
      return cat(u16(Number(words[0])), u16(Number(words[1])), u16(Number(words[2])), dnsName(words[3]!));
    case 'SOA':
      return cat(dnsName(words[0]!), dnsName(words[1]!), ...words.slice(2).map((word) => u32(Number(word))));
    case 'SSHFP':
      return cat(Number(words[0]), Number(words[1]), Buffer.from(words[2]!, 'hex'));
    case 'HTTPS':
      return cat(u16(1), 0, u16(1), u16(6), sized8('h3'), sized8('h2')); // priority, target ".", alpn=h3,h2 (RFC 9460)
    case 'TXT':
      return (answer.data.match(/[\s\S]{1,255}/g) ?? ['']).map((piece) => sized8(piece));
    default:
      return answer.data;
  }
}

function record(answer: Answer): Buffer {
  const data = cat(recordData(answer));
  return cat(dnsName(answer.name), u16(TYPES[answer.type]), u16(1), u32(answer.ttl ?? 300), u16(data.length), data);
}

const EDNS = cat(0, u16(41), u16(1232), u32(0), u16(0));

export function dnsQuery(lookup: Lookup): Buffer {
  const edns = lookup.edns === true;
  const header = cat(u16(lookup.id), u16(edns ? 0x0120 : 0x0100), u16(1), u16(0), u16(0), u16(edns ? 1 : 0));
  return cat(header, dnsName(lookup.name), u16(TYPES[lookup.type]), u16(1), edns ? EDNS : '');
}

export function dnsReply(lookup: Lookup): Buffer {
  const answers = lookup.answers ?? [];
  const authorities = lookup.authorities ?? [];
  const additionals = lookup.additionals ?? [];
  const edns = lookup.edns === true;
  const flags = 0x8180 | (lookup.authentic ? 0x20 : 0) | RCODE[lookup.rcode ?? 'NOERROR'];
  const counts = [1, answers.length, authorities.length, additionals.length + (edns ? 1 : 0)];
  return cat(
    u16(lookup.id),
    u16(flags),
    ...counts.map(u16),
    dnsName(lookup.name),
    u16(TYPES[lookup.type]),
    u16(1),
    ...[...answers, ...authorities, ...additionals].map(record),
    edns ? EDNS : '',
  );
}

/** Question and answer over UDP. */
export function dnsLookup(lookup: Lookup): Turn[] {
  return [
    { from: 'client', bytes: dnsQuery(lookup) },
    { from: 'server', bytes: dnsReply(lookup) },
  ];
}

/** The same over TCP: each message with its length in front (RFC 1035 section 4.2.2). */
export function dnsOverTcp(lookup: Lookup): Turn[] {
  return dnsLookup(lookup).map((turn) => ({ ...turn, bytes: cat(u16(turn.bytes.length), turn.bytes) }));
}

/** Multicast DNS: a question for a service, and a host's announcement of one (RFC 6762). */
export function mdnsQuestion(service: string): Buffer {
  return cat(u16(0), u16(0), u16(1), u16(0), u16(0), u16(0), dnsName(service), u16(TYPES.PTR), u16(1));
}

export function mdnsAnnouncement(answers: readonly Answer[]): Buffer {
  return cat(u16(0), u16(0x8400), u16(0), u16(answers.length), u16(0), u16(0), ...answers.map(record));
}
