/**
 * The typed columns of the store: the scalar ECS fields that people filter and group by.
 *
 * A column answers its field exactly: a field that may hold several values in a document is never a column. The order is the order in the
 * segment file; new columns go to the end (old segments then read as null).
 */
export type ColumnType = 'BIGINT' | 'UBIGINT' | 'UINTEGER' | 'USMALLINT' | 'UTINYINT' | 'VARCHAR' | 'DOUBLE';

export interface Column {
  /** Name in the segment and in the SQL view. */
  name: string;
  /** ECS (or `suricata.eve.*`, `varde.*`) field that it holds. */
  field: string;
  type: ColumnType;
  /** One sentence for the reference page. */
  title: string;
  /** Helper column of another one (address as number): not offered to people. */
  helper?: true;
}

/** Keeps the name as a literal type, so that `COLUMN_INDEX` knows its keys. */
function column<N extends string>(
  name: N,
  field: string,
  type: ColumnType,
  title: string,
  helper?: true,
): Column & { name: N } {
  return helper ? { name, field, type, title, helper } : { name, field, type, title };
}

/** Columns that a parser fills. */
export const EVENT_COLUMNS = [
  column('ts', '@timestamp', 'BIGINT', 'Time of the event, microseconds since 1970-01-01 UTC.'),
  column('event_action', 'event.action', 'VARCHAR', 'What happened: Suricata event_type such as alert, dns, flow.'),
  column('event_kind', 'event.kind', 'VARCHAR', 'ECS kind: event, alert or metric.'),
  column('event_severity', 'event.severity', 'USMALLINT', 'Severity, 1 is the worst.'),
  column('event_outcome', 'event.outcome', 'VARCHAR', 'success, failure or unknown.'),
  column('observer_hostname', 'observer.hostname', 'VARCHAR', 'Sensor that wrote the event (eve "host").'),
  column('observer_interface', 'observer.ingress.interface.name', 'VARCHAR', 'Interface the packet was seen on.'),
  column('source_ip', 'source.ip', 'VARCHAR', 'Source address, canonical text (RFC 5952).'),
  column('source_ip4', 'source.ip', 'UINTEGER', 'Source IPv4 address as a number.', true),
  column('source_ip6', 'source.ip', 'VARCHAR', 'Source IPv6 address as 32 hexadecimal digits.', true),
  column('source_port', 'source.port', 'USMALLINT', 'Source port.'),
  column('source_bytes', 'source.bytes', 'UBIGINT', 'Bytes from source to destination.'),
  column('source_packets', 'source.packets', 'UBIGINT', 'Packets from source to destination.'),
  column('destination_ip', 'destination.ip', 'VARCHAR', 'Destination address, canonical text.'),
  column('destination_ip4', 'destination.ip', 'UINTEGER', 'Destination IPv4 address as a number.', true),
  column('destination_ip6', 'destination.ip', 'VARCHAR', 'Destination IPv6 address as 32 hexadecimal digits.', true),
  column('destination_port', 'destination.port', 'USMALLINT', 'Destination port.'),
  column('destination_bytes', 'destination.bytes', 'UBIGINT', 'Bytes from destination to source.'),
  column('destination_packets', 'destination.packets', 'UBIGINT', 'Packets from destination to source.'),
  column('destination_domain', 'destination.domain', 'VARCHAR', 'Name of the destination: HTTP host or TLS SNI.'),
  column(
    'network_transport',
    'network.transport',
    'VARCHAR',
    'Transport protocol, lower case: tcp, udp, icmp, ipv6-icmp …',
  ),
  column('network_protocol', 'network.protocol', 'VARCHAR', 'Application protocol, lower case: http, dns, tls …'),
  column('network_direction', 'network.direction', 'VARCHAR', 'internal, inbound, outbound or external.'),
  column('network_bytes', 'network.bytes', 'UBIGINT', 'Bytes in both directions.'),
  column('community_key', 'network.community_id', 'UINTEGER', 'First 32 bits of the community id hash.', true),
  column('flow_id', 'suricata.eve.flow_id', 'UBIGINT', 'Suricata flow id.'),
  column('rule_id', 'rule.id', 'UINTEGER', 'Signature id (sid).'),
  column('rule_name', 'rule.name', 'VARCHAR', 'Signature text.'),
  column('rule_category', 'rule.category', 'VARCHAR', 'Signature category (classtype text).'),
  column('alert_action', 'suricata.eve.alert.action', 'VARCHAR', 'What Suricata did: allowed or blocked.'),
  column('dns_question_name', 'dns.question.name', 'VARCHAR', 'First name asked for.'),
  column('dns_question_type', 'dns.question.type', 'VARCHAR', 'First record type asked for.'),
  column('dns_type', 'dns.type', 'VARCHAR', 'query or answer.'),
  column('dns_response_code', 'dns.response_code', 'VARCHAR', 'NOERROR, NXDOMAIN …'),
  column('http_request_method', 'http.request.method', 'VARCHAR', 'HTTP method.'),
  column('http_status', 'http.response.status_code', 'USMALLINT', 'HTTP status.'),
  column('url_domain', 'url.domain', 'VARCHAR', 'Host of the URL.'),
  column('url_path', 'url.path', 'VARCHAR', 'Path of the URL.'),
  column('user_agent', 'user_agent.original', 'VARCHAR', 'User agent as sent.'),
  column('tls_sni', 'tls.client.server_name', 'VARCHAR', 'TLS server name indication.'),
  column('tls_version', 'tls.version', 'VARCHAR', 'TLS version number, such as 1.3.'),
  column('tls_ja3', 'tls.client.ja3', 'VARCHAR', 'JA3 hash of the client.'),
  column('tls_ja4', 'tls.client.ja4', 'VARCHAR', 'JA4 of the client.'),
  column('file_path', 'file.path', 'VARCHAR', 'Name or path of the transferred file.'),
  column('file_size', 'file.size', 'UBIGINT', 'Size of the transferred file in bytes.'),
  column('file_sha256', 'file.hash.sha256', 'VARCHAR', 'SHA-256 of the transferred file.'),
  column('user_name', 'user.name', 'VARCHAR', 'Account name, where the protocol tells one.'),
] as const satisfies readonly Column[];

/** Columns that the pipeline fills. `original` is the exact line; where a line is not valid UTF-8 text it stands in `original_hex` instead. */
export const ORIGIN_COLUMNS = [
  column('ingested', 'event.ingested', 'BIGINT', 'When Varde took the line, microseconds since 1970-01-01 UTC.'),
  column('source_id', 'varde.source', 'VARCHAR', 'Configured source that delivered the line.'),
  column('parser', 'event.dataset', 'VARCHAR', 'Dataset of the parser: suricata.eve, suricata.fast.'),
  column('parser_version', 'varde.parser_version', 'USMALLINT', 'Version of the parser that made the columns.'),
  column('file_id', 'log.file.id', 'VARCHAR', 'Varde file identity (16 hex digits).'),
  column('file_offset', 'log.offset', 'UBIGINT', 'Byte offset of the line in the (decompressed) file.'),
  column('original', 'event.original', 'VARCHAR', 'The line, byte for byte.'),
  column(
    'original_hex',
    'event.original',
    'VARCHAR',
    'The line in hexadecimal, where it is not valid UTF-8 text.',
    true,
  ),
] as const satisfies readonly Column[];

export type EventColumnName = (typeof EVENT_COLUMNS)[number]['name'];
export type ColumnName = EventColumnName | (typeof ORIGIN_COLUMNS)[number]['name'];

/** Ordinal of each event column in a {@link Row}. */
export const COLUMN_INDEX = Object.fromEntries(EVENT_COLUMNS.map((c, i) => [c.name, i])) as Record<
  EventColumnName,
  number
>;

/** All columns in segment order. */
export const ALL_COLUMNS: readonly Column[] = [...EVENT_COLUMNS, ...ORIGIN_COLUMNS];
