import { parseIp } from '../../../event/ip.ts';
import { bareObject, type JsonObject, type JsonValue } from '../../../event/json.ts';
import type { Mapping } from '../mapping.ts';
import { list, object, text, texts, uint, UINT32 } from '../values.ts';
import type { DnsMessage } from './dns.ts';

/** eve's names of the parts of a record, and ECS's. */
const PARTS: readonly (readonly [string, string])[] = [
  ['rrname', 'name'],
  ['rrtype', 'type'],
  ['ttl', 'ttl'],
  ['rdata', 'data'],
];

/** Records whose data eve takes apart, and the order of the parts in the text form of the RFCs (2782, 1035, 4255). */
const COMPOUND: Record<string, readonly string[]> = {
  SRV: ['priority', 'weight', 'port', 'name'],
  SOA: ['mname', 'rname', 'serial', 'refresh', 'retry', 'expire', 'minimum'],
  SSHFP: ['algo', 'type', 'fingerprint'],
};

/** Types that multicast DNS uses as the key of the data. */
const DATA_KEYS = ['a', 'aaaa', 'ptr', 'cname', 'ns', 'mx', 'txt', 'srv'] as const;

/** One record as ECS has it; `whole` tells whether everything of it is in there. */
function answerOf(record: JsonObject): { answer: JsonObject; whole: boolean } {
  const answer = bareObject();
  let known = 0;
  for (const [from, to] of PARTS) {
    const value = from === 'ttl' ? uint(record[from], UINT32) : record[from];
    if (value === null || value === undefined || (from !== 'ttl' && typeof value !== 'string')) continue;
    answer[to] = value;
    known++;
  }
  const whole = known === Object.keys(record).length;
  if (answer.type === undefined) {
    const key = DATA_KEYS.find((name) => record[name] !== undefined);
    if (key !== undefined) answer.type = key.toUpperCase();
  }
  if (answer.data === undefined && typeof answer.type === 'string') {
    const data = dataOf(answer.type, record);
    if (data !== null) answer.data = data;
  }
  return { answer, whole };
}

/** The data of a record that has no `rdata`: the text form of its parts. */
function dataOf(type: string, record: JsonObject): string | null {
  const value = record[type.toLowerCase()];
  const parts = Object.hasOwn(COMPOUND, type) ? COMPOUND[type]! : null;
  const compound = object(value);
  if (parts !== null && compound !== null) {
    const words = parts.map((part) => compound[part]);
    return words.every((word) => typeof word === 'string' || typeof word === 'number') ? words.join(' ') : null;
  }
  const strings = texts(value);
  return strings.length === 0 ? null : strings.join(' ');
}

/** dns.answers and dns.resolved_ip. */
export function mapAnswers(mapping: Mapping, dns: DnsMessage): void {
  const { message, key } = dns;
  const resolved = new Set<string>();
  const resolve = (type: JsonValue | undefined, data: JsonValue | undefined): void => {
    if (type !== 'A' && type !== 'AAAA') return;
    const ip = parseIp(text(data) ?? '');
    if (ip !== null) resolved.add(ip.text);
  };
  if (message.version === undefined && dns.type === 'answer' && message.answers === undefined && key === 'dns') {
    // Version 1: the event is the answer.
    const record = bareObject();
    for (const [from] of PARTS) if (message[from] !== undefined) record[from] = message[from];
    const { answer, whole } = answerOf(record);
    if (Object.keys(answer).length > 0 && mapping.set('dns.answers', [answer]) && whole) {
      for (const [from] of PARTS) mapping.moved(key, from);
    }
    resolve(answer.type, answer.data);
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
    // Records with more than these parts (SOA, SRV, SSHFP …) stay where they are as well, taken apart.
    if (key !== null && answers.length === records.length && answers.every(({ whole }) => whole))
      mapping.moved(key, 'answers');
  }
  for (const { answer } of answers) resolve(answer.type, answer.data);
  // The grouped format may be the only one configured.
  const grouped = object(message.grouped);
  for (const type of ['A', 'AAAA']) for (const data of texts(grouped?.[type])) resolve(type, data);
  mapping.set('dns.resolved_ip', [...resolved]);
  mapping.relate('ip', ...resolved);
}
