import * as fc from 'fast-check';
import type { JsonValue } from '../../src/event/json.ts';
import { parseIp } from '../../src/event/ip.ts';
import { parseInstant } from '../../src/event/time.ts';

/**
 * Lines of eve.json as an attacker, a bug or a new version of Suricata might write them: known keys with typical and with any values, repeated
 * keys, integers beyond 2^53, wrong types. Texts, not objects: JSON text can say more than a JavaScript object.
 */

const quoted = (value: string): string => JSON.stringify(value);
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    '',
    '\u0000',
    '__proto__',
    '\\xff',
    '<script>',
    "' OR 1=1 --",
    '=cmd()',
    '\u001b[31m',
    '\u202e',
    'a.b.c',
    'x@y <z@w>',
    ', CN=',
  ),
);
const integer = fc.oneof(
  fc.integer({ min: -2, max: 70_000 }),
  fc.bigInt({ min: 0n, max: 2n ** 65n }),
  fc.constantFrom(2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n, 2n ** 64n, 4294967295, 4294967296),
);
const scalar = fc.oneof(
  text.map(quoted),
  integer.map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom(
    'true',
    'false',
    'null',
    '-0',
    '1e3',
    '1e400',
    '8.0',
    '[]',
    '{}',
    '[[]]',
    '[{}]',
    '{"":null}',
    '"A"',
    '["x","x"]',
  ),
);
const anything = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }).map((items) => `[${items.join(',')}]`) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
);

type Entry = fc.Arbitrary<string | null>;

/** A member of an object: mostly absent or typical, sometimes anything, sometimes twice. */
function member(key: string, typical: fc.Arbitrary<string>): Entry {
  const one = fc
    .oneof({ weight: 6, arbitrary: typical }, { weight: 1, arbitrary: anything })
    .map((value) => `${quoted(key)}:${value}`);
  return fc.oneof(
    { weight: 12, arbitrary: one },
    { weight: 10, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.tuple(one, one).map(([a, b]) => `${a},${b}`) },
  );
}

function object(...members: Entry[]): fc.Arbitrary<string> {
  return fc.tuple(...members).map((entries) => `{${entries.filter((entry) => entry !== null).join(',')}}`);
}

const choice = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values).map(quoted);
const name = choice('www.example.co.uk', 'home.test', 'localhost', '192.0.2.1', 'a.b.', '.');
const words = text.map(quoted);
const number = integer.map(String);
const ip = fc
  .oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:0db8:0000:0000:0000:0000:0000:0001', '::ffff:10.1.1.1'),
  )
  .map(quoted);
const port = fc.oneof(fc.integer({ min: 0, max: 65535 }), fc.constantFrom(53, 80, 443)).map(String);
const instant = fc.oneof(
  choice('2026-11-24T02:26:05.818575+0000', '2023-12-08T01:42:11.1011041+0000', '1970-01-01T00:00:03.000000+0000'),
  fc.integer({ min: 0, max: 7_000_000_000_000 }).map((millis) => quoted(new Date(millis).toISOString())),
);
const list = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { maxLength: 3 }).map((items) => `[${items.join(',')}]`);
const mac = choice('02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00');
const hash = object(member('hash', words), member('string', words));
const record = object(
  member('rrname', name),
  member('rrtype', choice('A', 'AAAA', 'TXT', 'SRV', 'ptr')),
  member('ttl', number),
  member('rdata', fc.oneof(ip, words)),
  member('srv', anything),
  member('a', ip),
);
const file = object(
  member('filename', words),
  member('size', number),
  member('sha256', words),
  member('md5', words),
  member('gaps', choice('x')),
);

const types = choice(
  'alert',
  'flow',
  'netflow',
  'dns',
  'mdns',
  'http',
  'tls',
  'quic',
  'fileinfo',
  'smtp',
  'ssh',
  'dhcp',
  'arp',
  'anomaly',
  'stats',
  'drop',
  'ftp',
  'ftp_data',
  'smb',
  'krb5',
  'mqtt',
  'rfb',
  'rdp',
  'snmp',
  'pgsql',
  'pop3',
  'ldap',
  'engine',
  'Alert',
  'new_type',
);

/** Objects of protocols and kinds of events. */
const PARTS: readonly Entry[] = [
  member(
    'alert',
    object(
      member('action', choice('allowed', 'blocked')),
      member('signature_id', number),
      member('rev', number),
      member('signature', words),
      member('category', words),
      member('severity', port),
      member('references', list(words)),
      member(
        'metadata',
        object(
          member('mitre_technique_id', list(choice('T1059', 't1059.001'))),
          member('mitre_attack', list(choice('TA0001', 'T1059'))),
          member('cve', list(words)),
          member('created_at', list(choice('2021_12_08'))),
          member('attack_target', list(words)),
          member('filename', list(words)),
        ),
      ),
    ),
  ),
  member(
    'flow',
    object(
      member('bytes_toserver', number),
      member('bytes_toclient', number),
      member('pkts_toserver', number),
      member('pkts_toclient', number),
      member('start', instant),
      member('end', instant),
      member('state', choice('new', 'closed')),
      member('src_ip', ip),
      member('dest_ip', ip),
      member('src_port', port),
      member('reason', words),
    ),
  ),
  member(
    'netflow',
    object(member('bytes', number), member('pkts', number), member('start', instant), member('end', instant)),
  ),
  member(
    'dns',
    object(
      member('version', choice('2')),
      member('type', choice('query', 'answer', 'request', 'response')),
      member('id', port),
      member('flags', choice('8180', '20', 'x')),
      member('rcode', choice('NOERROR', 'NXDOMAIN')),
      member('rrname', name),
      member('rrtype', choice('A')),
      member('rdata', ip),
      member('queries', list(record)),
      member('answers', list(record)),
      member('query', list(record)),
      member('answer', record),
      member('opcode', port),
      member('aa', choice('x')),
      member('grouped', object(member('A', list(ip)))),
    ),
  ),
  member(
    'mdns',
    object(
      member('type', choice('request', 'response')),
      member('rcode', number),
      member('flags', list(choice('aa'))),
      member('queries', list(record)),
      member('answers', list(record)),
    ),
  ),
  member(
    'http',
    object(
      member('hostname', name),
      member('url', fc.oneof(words, choice('/a/b.c?d#e', 'http://u:p@h:1/x', 'h:443', '*'))),
      member('http_method', words),
      member('status', port),
      member('http_port', port),
      member('http_user_agent', words),
      member('length', number),
      member('version', choice('2')),
      member('protocol', choice('HTTP/1.1')),
      member('xff', ip),
      member('request_headers', list(object(member('name', choice(':authority')), member('value', name)))),
    ),
  ),
  member(
    'tls',
    object(
      member('version', choice('TLS 1.2', 'TLSv1', 'UNDETERMINED')),
      member('sni', name),
      member('subject', choice('C=FR, O=A, B, CN=x', '')),
      member('issuerdn', words),
      member('fingerprint', choice('aa:bb')),
      member('serial', choice('00:97')),
      member('notbefore', choice('2024-12-25T00:39:18')),
      member('ja3', hash),
      member('ja3s', hash),
      member('ja4', words),
      member('session_resumed', choice('x')),
      member('chain', list(words)),
      member('server_alpns', list(words)),
      member('client', object(member('subject', words))),
    ),
  ),
  member('quic', object(member('sni', name), member('ja3', hash), member('ja4', words), member('ua', words))),
  member('fileinfo', file),
  member('files', list(file)),
  member('smtp', object(member('mail_from', words), member('rcpt_to', list(words)), member('helo', name))),
  member(
    'email',
    object(
      member('from', words),
      member('to', list(words)),
      member('message_id', words),
      member('attachment', list(words)),
    ),
  ),
  member('ssh', object(member('client', object(member('hassh', hash))))),
  member(
    'dhcp',
    object(
      member('client_mac', mac),
      member('assigned_ip', ip),
      member('hostname', words),
      member('routers', list(ip)),
    ),
  ),
  member('arp', object(member('src_ip', ip), member('dest_ip', ip), member('src_mac', mac))),
  member(
    'smb',
    object(
      member('filename', words),
      member('ntlmssp', object(member('user', words), member('domain', words), member('host', words))),
    ),
  ),
  member(
    'krb5',
    object(
      member('cname', words),
      member('realm', words),
      member('error_code', words),
      member('msg_type', choice('KRB_AS_REP')),
    ),
  ),
  member('ftp', object(member('command', choice('USER', 'PASS')), member('command_data', words))),
  member('ftp_data', object(member('filename', words))),
  member('mqtt', object(member('connect', object(member('username', words))))),
  member('pgsql', object(member('request', object(member('startup_parameters', object(member('user', words))))))),
  member('pop3', object(member('request', object(member('command', choice('USER')), member('args', list(words)))))),
  member('anomaly', object(member('event', words), member('type', words))),
  member('engine', object(member('message', words), member('error_code', number))),
];

/** What any event may have. */
const COMMON: readonly Entry[] = [
  fc.oneof(
    { weight: 20, arbitrary: instant.map((stamp) => `"timestamp":${stamp}`) },
    { weight: 1, arbitrary: member('timestamp', instant) },
  ),
  member('event_type', types),
  member('flow_id', number),
  member('src_ip', ip),
  member('src_port', port),
  member('dest_ip', ip),
  member('dest_port', port),
  member('proto', choice('TCP', 'UDP', 'ICMP', 'IPv6-ICMP', 'SCTP', 'GRE', '047', 'DDX')),
  member('icmp_type', port),
  member('icmp_code', port),
  member(
    'app_proto',
    choice(
      'http',
      'failed',
      'ftp-data',
      'TLS',
      'smb',
      'krb5',
      'pgsql',
      'mqtt',
      'rdp',
      'snmp',
      'ldap',
      'pop3',
      'ftp',
      'tftp',
      'nfs',
    ),
  ),
  member('community_id', choice('1:LQU9qZlK+B5F3KDmev6m5PMibrg=', '2:x')),
  member('direction', choice('to_server', 'to_client')),
  member('host', words),
  member('in_iface', words),
  member('vlan', list(number)),
  member('ether', object(member('src_mac', mac), member('dest_mac', mac), member('src_macs', list(mac)))),
  member('tunnel', object(member('src_ip', ip))),
  member('__proto__', anything),
  member('code', choice('not_json')),
  member('constructor', anything),
  fc.tuple(words, anything).map(([key, value]) => `${key}:${value}`),
];

/** One line, valid JSON, with a readable timestamp more often than not; up to four objects of protocols, fitting or not. */
export const eveLine: fc.Arbitrary<string> = fc
  .subarray([...PARTS], { maxLength: 4 })
  .chain((parts) => object(...COMMON, ...parts));

/** Every scalar of a value, as text, spelled the way a document may spell it: letter case, separators, addresses, times and integers do not count. */
export function scalarsOf(value: JsonValue): string[] {
  const found: string[] = [];
  const stack: JsonValue[] = [value];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (typeof at === 'object' && at !== null)
      for (const key of Object.keys(at)) stack.push((at as Record<string, JsonValue>)[key]!);
    else found.push(spelling(String(at)));
  }
  return found;
}

function spelling(raw: string): string {
  const address = parseIp(raw);
  if (address !== null) return address.text;
  const micros = parseInstant(raw.length === 19 ? `${raw}Z` : raw);
  return Number.isNaN(micros) ? raw.toLowerCase().replace(/[:_-]/g, '') : `t${micros}`;
}
