import type { JsonObject, JsonValue } from '../../../event/json.ts';
import type { Mapping } from '../mapping.ts';
import { list, object, text, texts, uint, UINT16 } from '../values.ts';
import { mapAnswers } from './dns-answers.ts';
import { mapDomain } from './http.ts';

/** Operation codes (RFC 6895 section 2.2). */
const OPCODES = ['QUERY', 'IQUERY', 'STATUS', null, 'NOTIFY', 'UPDATE', 'DSO'] as const;

/** Response codes (RFC 6895 section 2.3): multicast DNS prints the number. */
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;

/** Header bits that ECS lists and eve tells as booleans. */
const FLAGS = ['aa', 'tc', 'rd', 'ra'] as const;

/** A DNS message of an event. */
export interface DnsMessage {
  message: JsonObject;
  /** Key of the event's object that is this message, or null where the message lies deeper and is only read. */
  key: 'dns' | 'mdns' | null;
  type: 'query' | 'answer' | null;
}

/**
 * The DNS (or multicast DNS) message of an event. Suricata's version 1 (one event per answer), 2 (`rrname`, `answers`) and 3 (`queries`,
 * request/response); alerts of Suricata 7 carry `query: [message]` or `answer: message` instead.
 */
export function dnsOf(eve: JsonObject): DnsMessage | null {
  const key = eve.dns !== undefined ? 'dns' : eve.mdns !== undefined ? 'mdns' : null;
  const dns = key === null ? null : object(eve[key]);
  if (dns === null) return null;
  if (dns.type === undefined && dns.rrname === undefined && dns.queries === undefined) {
    const inner = object(list(dns.query)[0]) ?? object(dns.answer);
    if (inner !== null) return { message: inner, key: null, type: typeOf(inner) };
  }
  return { message: dns, key, type: typeOf(dns) };
}

function typeOf(message: JsonObject): 'query' | 'answer' | null {
  switch (message.type) {
    case 'query':
    case 'request':
      return 'query';
    case 'answer':
    case 'response':
      return 'answer';
    default:
      return null;
  }
}

/** The first question: name and type; null where the message tells none. */
export function questionOf(dns: DnsMessage): { name: string | null; type: string | null } | null {
  const { message } = dns;
  const queries = message.queries;
  if (Array.isArray(queries)) {
    const first = object(queries[0]);
    return first === null ? null : { name: text(first.rrname), type: typeName(first.rrtype) };
  }
  // In version 1 an answer's rrname is the name of the record, not of the question.
  if (message.version === undefined && dns.type === 'answer') return null;
  return { name: text(message.rrname), type: typeName(message.rrtype) };
}

/** Record types are upper case; multicast DNS prints them lower case. */
function typeName(value: JsonValue | undefined): string | null {
  return text(value)?.toUpperCase() ?? null;
}

/** dns.response_code: only answers have one (version 3 prints NOERROR for requests as well). */
export function responseCodeOf(dns: DnsMessage): string | null {
  if (dns.type === 'query') return null;
  const { rcode } = dns.message;
  return typeof rcode === 'number' ? (RCODES[rcode] ?? null) : text(rcode);
}

/** dns.*, and who asked whom as client and server. */
export function mapDns(mapping: Mapping): void {
  const dns = dnsOf(mapping.eve);
  if (dns === null) return;
  const { message, key } = dns;
  if (mapping.set('dns.type', dns.type) && key !== null && message.type === dns.type) mapping.moved(key, 'type');
  const id = uint(message.id, UINT16);
  if (mapping.set('dns.id', id === null ? null : String(id)) && key !== null) mapping.moved(key, 'id');
  const rcode = responseCodeOf(dns);
  if (mapping.set('dns.response_code', rcode) && rcode === message.rcode && key !== null) mapping.moved(key, 'rcode');
  const opcode = uint(message.opcode, 15);
  if (opcode !== null) mapping.set('dns.op_code', OPCODES[opcode] ?? String(opcode));
  mapping.set('dns.header_flags', headerFlags(message));

  const question = questionOf(dns);
  if (question !== null) {
    const version3 = Array.isArray(message.queries);
    if (mapping.set('dns.question.name', question.name) && !version3 && key !== null) mapping.moved(key, 'rrname');
    if (mapping.set('dns.question.type', question.type) && !version3 && key !== null) mapping.moved(key, 'rrtype');
    // Names of multicast DNS end in .local; the public suffix list says nothing about them.
    if (key !== 'mdns') mapDomain(mapping, 'dns.question', question.name);
    mapping.relate('hosts', question.name);
  }
  mapAnswers(mapping, dns);
  mapSides(mapping, dns);
}

function headerFlags(message: JsonObject): string[] {
  const named = texts(Array.isArray(message.flags) ? message.flags : undefined);
  const flags = FLAGS.filter((flag) => message[flag] === true || named.includes(flag)).map((flag): string =>
    flag.toUpperCase(),
  );
  const hex = text(message.flags);
  if (hex !== null && /^[0-9A-Fa-f]{1,4}$/.test(hex)) {
    const bits = Number.parseInt(hex, 16);
    if ((bits & 0x20) !== 0) flags.push('AD');
    if ((bits & 0x10) !== 0) flags.push('CD');
  }
  return flags;
}

/**
 * client.* and server.*: who asked whom, in every version alike. (Suricata 7 logs an answer with the client as source, Suricata 8 with the
 * server; source and destination stay as logged.)
 */
function mapSides(mapping: Mapping, dns: DnsMessage): void {
  if (mapping.eve.event_type !== 'dns') return;
  const swapped = dns.type === 'answer' && Array.isArray(dns.message.queries);
  for (const [side, role] of [
    ['source', swapped ? 'server' : 'client'],
    ['destination', swapped ? 'client' : 'server'],
  ] as const) {
    const endpoint = object(mapping.document[side]);
    for (const part of ['address', 'ip', 'port']) mapping.set(`${role}.${part}`, endpoint?.[part]);
  }
}
