import { communityKeyOf, communityKeyV4, communityKeyV6 } from '../../event/community-id.ts';
import { COLUMN_INDEX } from '../../event/columns.ts';
import { directionOf, isInternal, isInternalV4, parseIpv4, parseIpv6, type Ip } from '../../event/ip.ts';
import type { JsonObject } from '../../event/json.ts';
import type { Row } from '../../event/row.ts';
import { splitUrl } from '../../event/url.ts';
import { ruleId } from './ecs/alert.ts';
import { dnsOf, questionOf, responseCodeOf } from './ecs/dns.ts';
import { communityPorts, destinationAddress, sourceAddress, sourceIsServer, transportOf } from './ecs/endpoints.ts';
import { fileOf } from './ecs/file.ts';
import { countersOf, totalOf } from './ecs/flow.ts';
import { hostOf, userAgentOf } from './ecs/http.ts';
import { kindOf, networkProtocol, outcomeOf } from './ecs/kind.ts';
import { serverName, sniOf } from './ecs/names.ts';
import { ja3Of, ja4Of, tlsVersionOf } from './ecs/tls.ts';
import { userOf } from './ecs/user.ts';
import { id64, object, text, uint, UINT16 } from './values.ts';

const AT = COLUMN_INDEX;

/**
 * Fills a row from the object of a line: the same reading of it as the document's (both use the functions of `ecs/`), but only the columns, and
 * as fast as it goes. `micros` is the event's time.
 */
export function fillRow(eve: JsonObject, micros: number, row: Row): void {
  const kind = kindOf(eve);
  const protocol = networkProtocol(eve, kind);
  row[AT.ts] = micros;
  row[AT.event_action] = kind.action;
  row[AT.event_kind] = kind.kind;
  row[AT.event_outcome] = outcomeOf(eve, kind);
  if (eve.host !== undefined) row[AT.observer_hostname] = text(eve.host);
  row[AT.observer_interface] = text(eve.in_iface);
  row[AT.network_protocol] = protocol;
  row[AT.flow_id] = id64(eve.flow_id);
  fillEndpoints(eve, row);

  const counters = countersOf(eve, kind);
  if (counters !== null) {
    row[AT.source_bytes] = counters.sourceBytes;
    row[AT.source_packets] = counters.sourcePackets;
    row[AT.destination_bytes] = counters.destinationBytes;
    row[AT.destination_packets] = counters.destinationPackets;
    row[AT.network_bytes] = totalOf(counters.sourceBytes, counters.destinationBytes);
  }
  if (eve.alert !== undefined) fillAlert(eve, row);
  if (eve.dns !== undefined || eve.mdns !== undefined) fillDns(eve, row);
  if (eve.http !== undefined) fillHttp(eve, row);
  if (eve.tls !== undefined || eve.quic !== undefined) {
    row[AT.tls_version] = tlsVersionOf(eve)?.version ?? null;
    row[AT.tls_ja3] = ja3Of(eve);
    row[AT.tls_ja4] = ja4Of(eve);
  }
  row[AT.user_agent] = userAgentOf(eve);
  const sni = sniOf(eve);
  row[AT.tls_sni] = sni;
  const name = serverName(eve, sni);
  if (name !== null && sourceIsServer(eve, kind) === false) row[AT.destination_domain] = name;

  const file = fileOf(eve, protocol);
  if (file !== null) {
    row[AT.file_path] = file.path;
    row[AT.file_size] = file.size;
    row[AT.file_sha256] = file.sha256;
  }
  row[AT.user_name] = userOf(eve, protocol);
}

function fillEndpoints(eve: JsonObject, row: Row): void {
  const source = sourceAddress(eve);
  const destination = destinationAddress(eve);
  let source4 = -1;
  let source6: Ip | null = null;
  if (source !== null) {
    source4 = parseIpv4(source);
    if (source4 >= 0) {
      row[AT.source_ip] = source;
      row[AT.source_ip4] = source4;
    } else {
      source6 = parseIpv6(source);
      if (source6 !== null) {
        row[AT.source_ip] = source6.text;
        row[AT.source_ip6] = source6.hex;
      }
    }
  }
  let destination4 = -1;
  let destination6: Ip | null = null;
  if (destination !== null) {
    destination4 = parseIpv4(destination);
    if (destination4 >= 0) {
      row[AT.destination_ip] = destination;
      row[AT.destination_ip4] = destination4;
    } else {
      destination6 = parseIpv6(destination);
      if (destination6 !== null) {
        row[AT.destination_ip] = destination6.text;
        row[AT.destination_ip6] = destination6.hex;
      }
    }
  }
  row[AT.source_port] = uint(eve.src_port, UINT16);
  row[AT.destination_port] = uint(eve.dest_port, UINT16);

  const known = (source4 >= 0 || source6 !== null) && (destination4 >= 0 || destination6 !== null);
  if (known) {
    row[AT.network_direction] = directionOf(
      source6 === null ? isInternalV4(source4) : isInternal(source6),
      destination6 === null ? isInternalV4(destination4) : isInternal(destination6),
    );
  }
  const proto = text(eve.proto);
  const transport = proto === null ? null : transportOf(proto);
  if (transport !== null) row[AT.network_transport] = transport.name;

  const id = text(eve.community_id);
  if (id !== null) {
    const key = communityKeyOf(id);
    if (key >= 0) row[AT.community_key] = key;
  } else if (known && transport !== null && (source6 === null) === (destination6 === null)) {
    const ports = communityPorts(eve, transport.number);
    if (ports !== null) {
      row[AT.community_key] =
        source6 === null || destination6 === null
          ? communityKeyV4(source4, destination4, transport.number, ports.first, ports.second)
          : communityKeyV6(source6, destination6, transport.number, ports.first, ports.second);
    }
  }
}

function fillAlert(eve: JsonObject, row: Row): void {
  const alert = object(eve.alert);
  if (alert === null) return;
  row[AT.event_severity] = uint(alert.severity, UINT16);
  row[AT.rule_id] = ruleId(alert);
  row[AT.rule_name] = text(alert.signature);
  row[AT.rule_category] = text(alert.category);
  row[AT.alert_action] = text(alert.action);
}

function fillDns(eve: JsonObject, row: Row): void {
  const dns = dnsOf(eve);
  if (dns === null) return;
  row[AT.dns_type] = dns.type;
  row[AT.dns_response_code] = responseCodeOf(dns);
  const question = questionOf(dns);
  if (question === null) return;
  row[AT.dns_question_name] = question.name;
  row[AT.dns_question_type] = question.type;
}

function fillHttp(eve: JsonObject, row: Row): void {
  const http = object(eve.http);
  if (http === null) return;
  row[AT.http_request_method] = text(http.http_method);
  row[AT.http_status] = uint(http.status, UINT16);
  const url = text(http.url);
  if (url === null) {
    row[AT.url_domain] = hostOf(http);
    return;
  }
  const parts = splitUrl(url);
  row[AT.url_path] = parts.path;
  row[AT.url_domain] = parts.domain ?? hostOf(http);
}
