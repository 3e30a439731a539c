import { parseIp } from '../../../event/ip.ts';
import { bareObject, type JsonObject, type JsonValue } from '../../../event/json.ts';
import type { Mapping } from '../mapping.ts';
import { list, object, text, texts, uint, UINT16, UINT32 } from '../values.ts';
import { mapDomain } from './http.ts';

/** Operation codes (RFC 6895 section 2.2). */
const OPCODES = ['QUERY', 'IQUERY', 'STATUS', null, 'NOTIFY', 'UPDATE', 'DSO'] as const;

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
    return first === null ? null : { name: text(first.rrname), type: text(first.rrtype) };
  }
  // In version 1 an answer's rrname is the name of the record, not of the question.
  if (message.version === undefined && dns.type === 'answer') return null;
  return { name: text(message.rrname), type: text(message.rrtype) };
}

/** dns.response_code: only answers have one (version 3 prints NOERROR for requests as well). */
export function responseCodeOf(dns: DnsMessage): string | null {
  return dns.type === 'query' ? null : text(dns.message.rcode);
}

/** dns.*, and who asked whom as client and server. */
export function mapDns(mapping: Mapping): void {
  const dns = dnsOf(mapping.eve);
  if (dns === null) return;
  const { message, key } = dns;
  /** Sets a field; takes the source away where it lies in the event's own dns object. */
  const move = (field: string, value: JsonValue | null, source: string): void => {
    if (mapping.set(field, value) && key !== null) mapping.moved(key, source);
  };
  if (mapping.set('dns.type', dns.type) && key !== null && message.type === dns.type) mapping.moved(key, 'type');
  const id = uint(message.id, UINT16);
  move('dns.id', id === null ? null : String(id), 'id');
  move('dns.response_code', responseCodeOf(dns), 'rcode');
  const opcode = uint(message.opcode, 15);
  if (opcode !== null) mapping.set('dns.op_code', OPCODES[opcode] ?? String(opcode));
  mapping.set('dns.header_flags', headerFlags(message));

  const question = questionOf(dns);
  if (question !== null) {
    const version3 = Array.isArray(message.queries);
    if (mapping.set('dns.question.name', question.name) && !version3 && key !== null) mapping.moved(key, 'rrname');
    if (mapping.set('dns.question.type', question.type) && !version3 && key !== null) mapping.moved(key, 'rrtype');
    mapDomain(mapping, 'dns.question', question.name);
    mapping.relate('hosts', question.name);
  }
  mapAnswers(mapping, dns);
  mapSides(mapping, dns);
}

function headerFlags(message: JsonObject): string[] {
  const flags: string[] = FLAGS.filter((flag) => message[flag] === true).map((flag) => flag.toUpperCase());
  const hex = text(message.flags);
  if (hex !== null && /^[0-9A-Fa-f]{1,4}$/.test(hex)) {
    const bits = Number.parseInt(hex, 16);
    if ((bits & 0x20) !== 0) flags.push('AD');
    if ((bits & 0x10) !== 0) flags.push('CD');
  }
  return flags;
}

/** eve's names of an answer's parts, and ECS's. */
const ANSWER: readonly (readonly [string, string])[] = [
  ['rrname', 'name'],
  ['rrtype', 'type'],
  ['ttl', 'ttl'],
  ['rdata', 'data'],
];

/** One answer as ECS has it; `whole` tells whether everything of it is in there. */
function answerOf(record: JsonObject): { answer: JsonObject; whole: boolean } {
  const answer = bareObject();
  let known = 0;
  for (const [from, to] of ANSWER) {
    const value = from === 'ttl' ? uint(record[from], UINT32) : record[from];
    if (value === null || (from !== 'ttl' && typeof value !== 'string')) continue;
    answer[to] = value!;
    known++;
  }
  return { answer, whole: known === Object.keys(record).length };
}

function mapAnswers(mapping: Mapping, dns: DnsMessage): void {
  const { message, key } = dns;
  const resolved = new Set<string>();
  const resolve = (type: JsonValue | undefined, data: JsonValue | undefined): void => {
    if (type !== 'A' && type !== 'AAAA') return;
    const ip = parseIp(text(data) ?? '');
    if (ip !== null) resolved.add(ip.text);
  };
  if (message.version === undefined && dns.type === 'answer' && message.answers === undefined) {
    // Version 1: the event is the answer.
    const record = bareObject();
    for (const [from] of ANSWER) if (message[from] !== undefined) record[from] = message[from];
    const { answer, whole } = answerOf(record);
    if (Object.keys(answer).length > 0 && mapping.set('dns.answers', [answer]) && whole && key !== null) {
      for (const [from] of ANSWER) mapping.moved(key, from);
    }
    resolve(message.rrtype, message.rdata);
  }
  const records = list(message.answers);
  const answers = records
    .map((record) => object(record))
    .filter((record) => record !== null)
    .map(answerOf);
  if (answers.length > 0) {
    mapping.set(
      'dns.answers',
      answers.map(({ answer }) => answer),
    );
    // Records with more than these parts (SOA, SRV, SSHFP …) stay where they are, for ECS has no place for the rest.
    if (key !== null && answers.length === records.length && answers.every(({ whole }) => whole))
      mapping.moved(key, 'answers');
  }
  for (const record of records) resolve(object(record)?.rrtype, object(record)?.rdata);
  // The grouped format may be the only one configured.
  const grouped = object(message.grouped);
  for (const type of ['A', 'AAAA']) for (const data of texts(grouped?.[type])) resolve(type, data);
  mapping.set('dns.resolved_ip', [...resolved]);
  mapping.relate('ip', ...resolved);
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
