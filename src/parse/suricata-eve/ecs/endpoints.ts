import { communityId, hasPorts } from '../../../event/community-id.ts';
import { directionOf, isInternal, parseIp, type Ip } from '../../../event/ip.ts';
import type { JsonObject } from '../../../event/json.ts';
import { protocolNumber } from '../../../event/protocols.ts';
import type { Mapping } from '../mapping.ts';
import { list, object, text, uint, UINT16 } from '../values.ts';
import type { Kind } from './kind.ts';

/** The event's addresses; of ARP those of its payload, for its events have no others. */
export function sourceAddress(eve: JsonObject): string | null {
  return text(eve.src_ip === undefined && eve.arp !== undefined ? object(eve.arp)?.src_ip : eve.src_ip);
}

export function destinationAddress(eve: JsonObject): string | null {
  return text(eve.dest_ip === undefined && eve.arp !== undefined ? object(eve.arp)?.dest_ip : eve.dest_ip);
}

const transports = new Map<string, { name: string; number: number }>();

/** network.transport (lower case) and the protocol's number (-1 where unknown) of `proto`. */
export function transportOf(proto: string): { name: string; number: number } {
  let transport = transports.get(proto);
  if (transport === undefined) {
    const name = proto.toLowerCase();
    transport = { name, number: protocolNumber(name) };
    // Bounded: real logs have some twenty spellings.
    if (transports.size < 256) transports.set(proto, transport);
  }
  return transport;
}

const ports = { first: 0, second: 0 };

/**
 * The two numbers that a community id needs beside addresses and protocol: ports, or ICMP type and code. Null where the event lacks them (a
 * fragment, a broken packet) and so has no id. The object is shared: read it at once.
 */
export function communityPorts(eve: JsonObject, protocol: number): { first: number; second: number } | null {
  if (protocol < 0) return null;
  if (!hasPorts(protocol)) {
    ports.first = 0;
    ports.second = 0;
    return ports;
  }
  const icmp = protocol === 1 || protocol === 58;
  const first = icmp ? uint(eve.icmp_type, 255) : uint(eve.src_port, UINT16);
  const second = icmp ? uint(eve.icmp_code, 255) : uint(eve.dest_port, UINT16);
  if (first === null || second === null) return null;
  ports.first = first;
  ports.second = second;
  return ports;
}

/**
 * True where the event's source is the server's side: alerts on answers, downloaded files. False where it is the client's, null where the event
 * does not tell (a file without telling ports).
 */
export function sourceIsServer(eve: JsonObject, kind: Kind): boolean | null {
  const flow = eve.flow === undefined ? null : object(eve.flow);
  const client = text(flow?.src_ip);
  if (client !== null) {
    if (eve.src_ip !== eve.dest_ip) return client === eve.dest_ip;
    return flow!.src_port !== flow!.dest_port && flow!.src_port === eve.dest_port;
  }
  if (eve.direction === 'to_client') return true;
  if (eve.direction === 'to_server' || kind.action !== 'fileinfo') return false;
  const source = uint(eve.src_port, UINT16);
  const destination = uint(eve.dest_port, UINT16);
  if (source === null || destination === null) return null;
  const server = uint(object(eve.http)?.http_port, UINT16);
  if (server !== null && server > 0 && source !== destination) {
    if (server === source) return true;
    if (server === destination) return false;
  }
  if (source < 1024 === destination < 1024) return null;
  return source < 1024;
}

/** `aa:bb:cc:dd:ee:ff` as ECS wants it: `AA-BB-CC-DD-EE-FF`; null for anything else. */
export function macOf(value: string | null): string | null {
  return value !== null && /^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}$/.test(value)
    ? value.replaceAll(':', '-').toUpperCase()
    : null;
}

function endpoint(mapping: Mapping, side: 'source' | 'destination', key: 'src' | 'dest'): Ip | null {
  const { eve } = mapping;
  const address = side === 'source' ? sourceAddress(eve) : destinationAddress(eve);
  const ip = address === null ? null : parseIp(address);
  if (mapping.set(`${side}.address`, address)) mapping.moved(`${key}_ip`);
  mapping.set(`${side}.ip`, ip?.text ?? null);
  mapping.relate('ip', ip?.text ?? null);
  mapping.move(`${side}.port`, uint(eve[`${key}_port`], Number.MAX_SAFE_INTEGER), `${key}_port`);
  mac(mapping, side, key);
  return ip;
}

function mac(mapping: Mapping, side: 'source' | 'destination', key: 'src' | 'dest'): void {
  const ether = object(mapping.eve.ether);
  if (mapping.move(`${side}.mac`, macOf(text(ether?.[`${key}_mac`])), 'ether', `${key}_mac`)) return;
  // Flows list every address seen; one is told as one.
  const seen = list(ether?.[`${key}_macs`]);
  const macs = seen.map((value) => macOf(typeof value === 'string' ? value : null)).filter((value) => value !== null);
  if (macs.length > 0 && macs.length === seen.length) {
    mapping.move(`${side}.mac`, macs.length === 1 ? macs[0]! : macs, 'ether', `${key}_macs`);
    return;
  }
  const arp = macOf(text(object(mapping.eve.arp)?.[`${key}_mac`]));
  if (arp !== null && arp !== '00-00-00-00-00-00') mapping.set(`${side}.mac`, arp);
}

/** source.*, destination.*, network.{transport, iana_number, type, direction, community_id, vlan} and the interface. */
export function mapEndpoints(mapping: Mapping): void {
  const { eve } = mapping;
  const source = endpoint(mapping, 'source', 'src');
  const destination = endpoint(mapping, 'destination', 'dest');

  const proto = text(eve.proto);
  const transport = proto === null ? null : transportOf(proto);
  if (transport !== null) {
    mapping.move('network.transport', transport.name, 'proto');
    if (transport.number >= 0) mapping.set('network.iana_number', String(transport.number));
  }
  const family = source?.family ?? destination?.family ?? uint(eve.ip_v, 6);
  if (family === 4 || family === 6) mapping.set('network.type', `ipv${family}`);

  if (source !== null && destination !== null) {
    mapping.set('network.direction', directionOf(isInternal(source), isInternal(destination)));
  }
  const given = text(eve.community_id);
  if (given !== null) {
    mapping.move('network.community_id', given, 'community_id');
  } else if (source !== null && destination !== null && source.family === destination.family && transport !== null) {
    const numbers = communityPorts(eve, transport.number);
    if (numbers !== null) {
      mapping.set(
        'network.community_id',
        communityId(source, destination, transport.number, numbers.first, numbers.second),
      );
    }
  }
  const vlans = list(eve.vlan).map((vlan) => uint(vlan, UINT16));
  if (vlans[0] !== undefined && vlans[0] !== null) mapping.set('network.vlan.id', String(vlans[0]));
  if (vlans[1] !== undefined && vlans[1] !== null) mapping.set('network.inner.vlan.id', String(vlans[1]));

  mapping.move('observer.hostname', text(eve.host), 'host');
  mapping.move('observer.ingress.interface.name', text(eve.in_iface), 'in_iface');
  const tunnel = object(eve.tunnel);
  for (const key of ['src_ip', 'dest_ip']) mapping.relate('ip', parseIp(text(tunnel?.[key]) ?? '')?.text ?? null);
}
