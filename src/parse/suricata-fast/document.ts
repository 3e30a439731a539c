import { communityId, hasPorts } from '../../event/community-id.ts';
import { setField } from '../../event/document.ts';
import { directionOf, isInternal, parseIp } from '../../event/ip.ts';
import { bareObject, type JsonObject, type JsonValue } from '../../event/json.ts';
import { protocolNumber } from '../../event/protocols.ts';
import { formatInstant } from '../../event/time.ts';
import type { FastAlert } from './line.ts';

/** The ECS fields of an alert of fast.log, the same as those of an eve alert as far as the line tells; what is fast.log's own is suricata.fast. */
export function mapFastAlert(alert: FastAlert): JsonObject {
  const document = bareObject();
  const set = (field: string, value: JsonValue): void => {
    if (value !== null && value !== '') setField(document, field, value);
  };
  set('@timestamp', formatInstant(alert.micros));
  set('message', alert.classification ?? alert.signature);
  set('event.kind', 'alert');
  set('event.action', 'alert');
  set('event.category', ['network', 'intrusion_detection']);
  set('event.type', [alert.mark === 'drop' ? 'denied' : 'allowed']);
  set('event.severity', alert.priority);
  set('rule.id', String(alert.sid));
  set('rule.name', alert.signature);
  set('rule.category', alert.classification);
  set('rule.version', String(alert.rev));
  mapEndpoints(alert, set);
  set('suricata.fast.gid', alert.gid);
  set('suricata.fast.mark', alert.mark);
  set('suricata.fast.raw_packet', alert.rawPacket);
  set('suricata.fast.pcap_packet', alert.pcapPacket);
  return document;
}

function mapEndpoints(alert: FastAlert, set: (field: string, value: JsonValue) => void): void {
  if (alert.proto === null || alert.source === null || alert.destination === null) return;
  const transport = alert.proto.toLowerCase();
  const protocol = protocolNumber(transport);
  const icmp = protocol === 1 || protocol === 58;
  const source = parseIp(alert.source.address);
  const destination = parseIp(alert.destination.address);
  for (const [side, endpoint, ip] of [
    ['source', alert.source, source],
    ['destination', alert.destination, destination],
  ] as const) {
    set(`${side}.address`, endpoint.address);
    set(`${side}.ip`, ip?.text ?? null);
    if (!icmp && hasPorts(protocol)) set(`${side}.port`, endpoint.number);
  }
  set('network.transport', transport);
  if (protocol >= 0) set('network.iana_number', String(protocol));
  if (icmp) {
    set('suricata.fast.icmp_type', alert.source.number);
    set('suricata.fast.icmp_code', alert.destination.number);
  }
  set('related.ip', [...new Set([source?.text, destination?.text].filter((ip) => ip !== undefined))]);
  if (source === null || destination === null) return;
  set('network.direction', directionOf(isInternal(source), isInternal(destination)));
  if (source.family !== destination.family) return;
  set('network.type', `ipv${source.family}`);
  if (protocol >= 0 && alert.source.number <= 65535 && alert.destination.number <= 65535) {
    set(
      'network.community_id',
      communityId(source, destination, protocol, alert.source.number, alert.destination.number),
    );
  }
}
