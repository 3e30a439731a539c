import { closest } from '../base/closest.ts';
import { ALL_COLUMNS, type ColumnName } from '../event/columns.ts';
import { ALIASES } from './aliases.ts';

/** How values of a field are understood. `any`: a field without a column, whose values speak for themselves; `line`: the raw line. */
export type FieldKind = 'text' | 'number' | 'ip' | 'time' | 'any' | 'line';

/** One place in a document that a name means. */
export interface Target {
  /** ECS name, or a path below `suricata.eve.`. */
  field: string;
  kind: FieldKind;
  /** The column that answers the field exactly, or null. */
  column: ColumnName | null;
  /** Values are lower case by definition; what is asked is folded too. */
  lower: boolean;
  /** Where else the value may stand in the document: tried where `field` is absent. */
  otherwise: string | null;
}

/** A field that is known by name: what completion offers and the reference lists. */
export interface KnownField {
  name: string;
  kind: FieldKind;
  column: ColumnName | null;
  title: string;
  aliases: string[];
}

/** Fields without a column of their own that are worth knowing. */
const DOCUMENTED: readonly [string, string][] = [
  ['network.community_id', 'Community id of the flow: joins events of different tools.'],
  ['url.original', 'URL as it stands in the request.'],
  ['http.request.referrer', 'HTTP referrer.'],
  ['http.response.body.bytes', 'Length of the HTTP answer.'],
  ['dns.answers.data', 'Data of DNS answers.'],
  ['dns.answers.name', 'Names in DNS answers.'],
  ['dns.resolved_ip', 'Addresses in DNS answers.'],
  ['tls.server.subject', 'Subject of the server certificate.'],
  ['tls.server.issuer', 'Issuer of the server certificate.'],
  ['tls.server.hash.sha1', 'SHA-1 fingerprint of the server certificate.'],
  ['tls.server.ja3s', 'JA3S hash of the server.'],
  ['file.hash.md5', 'MD5 of the transferred file.'],
  ['file.hash.sha1', 'SHA-1 of the transferred file.'],
  ['related.ip', 'Every address in the event.'],
  ['related.hosts', 'Every name in the event.'],
  ['threat.technique.id', 'MITRE ATT&CK technique of the signature.'],
  ['threat.tactic.id', 'MITRE ATT&CK tactic of the signature.'],
  ['log.file.path', 'Path of the log file when the line was stored.'],
  ['suricata.eve.tx_id', 'Transaction number within the flow.'],
  ['suricata.eve.flow.state', 'State of the flow: new, established, closed.'],
  ['suricata.eve.flow.reason', 'Why the flow ended.'],
  ['suricata.eve.anomaly.event', 'Name of the protocol anomaly.'],
  ['suricata.eve.payload_printable', 'Payload of the alerting packet, printable part.'],
];

/** Vocabulary that the parser writes in lower case, whatever the log had: `proto:TCP` shall find it. */
const LOWER_CASE = new Set([
  'event.action',
  'event.kind',
  'event.outcome',
  'network.transport',
  'network.protocol',
  'network.direction',
]);
const TIMES = new Set(['@timestamp', 'event.ingested']);
const ADDRESSES = new Set(['source.ip', 'destination.ip']);

const targets = new Map<string, Target>();
const known = new Map<string, KnownField>();
const columnNames = new Map<string, string>();

for (const column of ALL_COLUMNS) {
  if (column.helper || column.field === 'event.original') continue;
  const kind: FieldKind = TIMES.has(column.field)
    ? 'time'
    : ADDRESSES.has(column.field)
      ? 'ip'
      : column.type === 'VARCHAR'
        ? 'text'
        : 'number';
  const name = column.name as ColumnName;
  targets.set(column.field, {
    field: column.field,
    kind,
    column: name,
    lower: LOWER_CASE.has(column.field),
    otherwise: null,
  });
  known.set(column.field, { name: column.field, kind, column: name, title: column.title, aliases: [] });
  columnNames.set(column.name, column.field);
}
targets.set('event.original', { field: 'event.original', kind: 'line', column: null, lower: false, otherwise: null });
known.set('event.original', {
  name: 'event.original',
  kind: 'line',
  column: null,
  title: 'The raw line.',
  aliases: [],
});
for (const [name, title] of DOCUMENTED) known.set(name, { name, kind: 'any', column: null, title, aliases: [] });
for (const [alias, fields] of ALIASES) for (const field of fields) known.get(field)?.aliases.push(alias);

/** Every field known by name: those with a column first, in segment order. */
export const KNOWN_FIELDS: readonly KnownField[] = [...known.values()];

/** All names that people may type, for completion and for "did you mean". */
export const FIELD_NAMES: readonly string[] = [...known.keys(), ...ALIASES.keys()];

/**
 * What a name in an expression means: a column, an ECS field, an alias, or any path of the document; a path that the document lacks is also
 * tried below `suricata.eve.`. Never empty.
 */
export function resolveField(name: string): readonly Target[] {
  const direct = targets.get(name);
  if (direct !== undefined) return [direct];
  const eve = name.startsWith(EVE) ? name.slice(EVE.length) : name;
  const alias = ALIASES.get(name) ?? ALIASES.get(eve);
  if (alias !== undefined) return alias.map((field) => targets.get(field) ?? anyTarget(field, EVE + eve));
  const column = columnNames.get(name);
  if (column !== undefined) return [targets.get(column)!];
  return [anyTarget(name, name.startsWith(EVE) || known.has(name) ? null : EVE + name)];
}

const EVE = 'suricata.eve.';

function anyTarget(field: string, otherwise: string | null): Target {
  return { field, kind: 'any', column: null, lower: false, otherwise };
}

/** Objects of eve.json: what stands below them may be any of hundreds of names, so a guess would be wrong more often than right. */
const EVE_OBJECTS = new Set(
  'alert anomaly app_proto bittorrent_dht dcerpc dhcp dnp3 dns email ether fileinfo files flow ftp ftp_data http http2 ike krb5 ldap mdns metadata modbus mqtt netflow nfs packet_info pgsql pop3 quic rdp rfb rpc sip smb smtp snmp ssh stats stream_tcp tcp telnet template tftp tls traffic verdict websocket'.split(
    ' ',
  ),
);

/** A better spelling for a name that is neither known nor looks like a path of its own, or null. */
export function suggestField(name: string): string | null {
  if (EVE_OBJECTS.has(name.split('.', 1)[0]!)) return null;
  if (known.has(name) || ALIASES.has(name) || columnNames.has(name) || name.startsWith(EVE) || name.length > 40)
    return null;
  return closest(name, FIELD_NAMES);
}
