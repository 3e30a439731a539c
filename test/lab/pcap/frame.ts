import { addressBytes, isV6, macBytes } from './address.ts';
import { cat, type Part, u16, u32 } from './bytes.ts';
import { internetChecksum, transportChecksum } from './checksum.ts';

/** One captured frame and its time in microseconds since the epoch. */
export interface Packet {
  time: number;
  frame: Buffer;
}

/** Who sends or receives: the link address as seen at the sensor, the network address and a port (0 without ports). */
export interface Endpoint {
  mac: string;
  ip: string;
  port: number;
}

export const PROTOCOL = { icmp: 1, igmp: 2, ipip: 4, tcp: 6, udp: 17, gre: 47, icmp6: 58, sctp: 132 } as const;

export const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

export interface IpOptions {
  ttl?: number;
  id?: number;
  /** The 16 bits of IPv4's flags and fragment offset (offset in units of 8 bytes); don't-fragment unless given. */
  fragment?: number;
  /** Options of the IPv4 header, already padded to 32 bits. */
  options?: Buffer;
  tos?: number;
}

/** An Ethernet II frame, optionally with VLAN tags (outermost first), padded to the 60 bytes that the wire demands. */
export function ethernet(
  from: string,
  to: string,
  type: number,
  payload: Buffer,
  vlans: readonly number[] = [],
): Buffer {
  const tags = vlans.flatMap((vlan) => [u16(0x8100), u16(vlan)]);
  const frame = cat(macBytes(to), macBytes(from), ...tags, u16(type), payload);
  return frame.length < 60 ? cat(frame, Buffer.alloc(60 - frame.length)) : frame;
}

export function ipv4(
  source: string,
  destination: string,
  protocol: number,
  payload: Buffer,
  options: IpOptions = {},
): Buffer {
  const extra = options.options ?? Buffer.alloc(0);
  const header = cat(
    0x45 + extra.length / 4,
    options.tos ?? 0,
    u16(20 + extra.length + payload.length),
    u16(options.id ?? 0),
    u16(options.fragment ?? 0x4000),
    options.ttl ?? 64,
    protocol,
    u16(0),
    addressBytes(source),
    addressBytes(destination),
    extra,
  );
  header.writeUInt16BE(internetChecksum(header), 10);
  return cat(header, payload);
}

export function ipv6(
  source: string,
  destination: string,
  protocol: number,
  payload: Buffer,
  options: IpOptions = {},
): Buffer {
  const first = (0x60000000 | ((options.tos ?? 0) << 20)) >>> 0;
  return cat(
    u32(first),
    u16(payload.length),
    protocol,
    options.ttl ?? 64,
    addressBytes(source),
    addressBytes(destination),
    payload,
  );
}

/** An IP packet of the family that the addresses have. */
export function ip(
  source: string,
  destination: string,
  protocol: number,
  payload: Buffer,
  options: IpOptions = {},
): Buffer {
  return isV6(source)
    ? ipv6(source, destination, protocol, payload, options)
    : ipv4(source, destination, protocol, payload, options);
}

/** An Ethernet frame around an IP packet between two endpoints. */
export function ipFrame(
  from: Endpoint,
  to: Endpoint,
  protocol: number,
  payload: Buffer,
  options: IpOptions = {},
  vlans: readonly number[] = [],
): Buffer {
  return ethernet(
    from.mac,
    to.mac,
    isV6(from.ip) ? 0x86dd : 0x0800,
    ip(from.ip, to.ip, protocol, payload, options),
    vlans,
  );
}

export function udpSegment(from: Endpoint, to: Endpoint, payload: Buffer): Buffer {
  const segment = cat(u16(from.port), u16(to.port), u16(8 + payload.length), u16(0), payload);
  const sum = transportChecksum(addressBytes(from.ip), addressBytes(to.ip), PROTOCOL.udp, segment);
  segment.writeUInt16BE(sum === 0 ? 0xffff : sum, 6); // zero means "no checksum" (RFC 768)
  return segment;
}

export interface TcpFields {
  seq: number;
  ack: number;
  flags: number;
  window?: number;
  /** Options, already padded to 32 bits. */
  options?: Buffer;
  urgent?: number;
}

export function tcpSegment(from: Endpoint, to: Endpoint, fields: TcpFields, payload: Buffer = Buffer.alloc(0)): Buffer {
  const options = fields.options ?? Buffer.alloc(0);
  const segment = cat(
    u16(from.port),
    u16(to.port),
    u32(fields.seq),
    u32(fields.ack),
    ((20 + options.length) / 4) << 4,
    fields.flags,
    u16(fields.window ?? 64240),
    u16(0),
    u16(fields.urgent ?? 0),
    options,
    payload,
  );
  segment.writeUInt16BE(transportChecksum(addressBytes(from.ip), addressBytes(to.ip), PROTOCOL.tcp, segment), 16);
  return segment;
}

export function icmpMessage(type: number, code: number, ...rest: readonly Part[]): Buffer {
  const message = cat(type, code, u16(0), ...rest);
  message.writeUInt16BE(internetChecksum(message), 2);
  return message;
}

export function icmp6Message(
  source: string,
  destination: string,
  type: number,
  code: number,
  ...rest: readonly Part[]
): Buffer {
  const message = cat(type, code, u16(0), ...rest);
  message.writeUInt16BE(transportChecksum(addressBytes(source), addressBytes(destination), PROTOCOL.icmp6, message), 2);
  return message;
}

export function udpFrame(
  from: Endpoint,
  to: Endpoint,
  payload: Buffer,
  options: IpOptions = {},
  vlans: readonly number[] = [],
): Buffer {
  return ipFrame(from, to, PROTOCOL.udp, udpSegment(from, to, payload), options, vlans);
}

export function tcpFrame(
  from: Endpoint,
  to: Endpoint,
  fields: TcpFields,
  payload?: Buffer,
  options: IpOptions = {},
  vlans: readonly number[] = [],
): Buffer {
  return ipFrame(from, to, PROTOCOL.tcp, tcpSegment(from, to, fields, payload), options, vlans);
}

/** An echo request (`reply` false) or reply of the family that the addresses have. */
export function echoFrame(
  from: Endpoint,
  to: Endpoint,
  reply: boolean,
  id: number,
  sequence: number,
  payload: Buffer,
): Buffer {
  if (isV6(from.ip)) {
    const message = icmp6Message(from.ip, to.ip, reply ? 129 : 128, 0, u16(id), u16(sequence), payload);
    return ipFrame(from, to, PROTOCOL.icmp6, message);
  }
  return ipFrame(from, to, PROTOCOL.icmp, icmpMessage(reply ? 0 : 8, 0, u16(id), u16(sequence), payload));
}

/** An ARP request or reply for IPv4 over Ethernet (RFC 826). */
export function arpFrame(operation: 1 | 2, from: Endpoint, to: Endpoint): Buffer {
  const target = operation === 1 ? '00:00:00:00:00:00' : to.mac;
  const body = cat(
    u16(1),
    u16(0x0800),
    6,
    4,
    u16(operation),
    macBytes(from.mac),
    addressBytes(from.ip),
    macBytes(target),
    addressBytes(to.ip),
  );
  return ethernet(from.mac, operation === 1 ? 'ff:ff:ff:ff:ff:ff' : to.mac, 0x0806, body);
}
