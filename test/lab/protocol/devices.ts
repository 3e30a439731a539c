import { createHash } from 'node:crypto';
import { cat, hex, padTo, type Part, sized8, sized16, u16, u16le, u32, u32le } from '../pcap/bytes.ts';
import { dnp3Crc } from '../pcap/checksum.ts';
import { client, dialogue, server, type Turn } from '../pcap/conversation.ts';
import type { Random } from '../pcap/random.ts';

/** MQTT 3.1.1: connect, subscribe, publish, ping, disconnect. */
export function mqtt(
  id: string,
  user: string,
  password: string,
  topic: string,
  message: string | Buffer,
  retain = false,
): Turn[] {
  const packet = (type: number, ...body: readonly Part[]): Buffer => {
    const bytes = cat(...body);
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) | 128, Math.floor(bytes.length / 128)];
    return cat(type, length, bytes);
  };
  return [
    client(packet(0x10, sized16('MQTT'), 4, 0xc2, u16(60), sized16(id), sized16(user), sized16(password))),
    server(packet(0x20, 0, 0)),
    client(packet(0x82, u16(1), sized16(`${topic}/set`), 1)),
    server(packet(0x90, u16(1), 1)),
    client(packet(retain ? 0x33 : 0x32, sized16(topic), u16(2), message)),
    server(packet(0x40, u16(2))),
    client(packet(0xc0)),
    server(packet(0xd0)),
    client(packet(0xe0)),
  ];
}

/** Remote frame buffer (VNC), version 3.8, with password (RFC 6143). */
export function rfb(name: string, random: Random): Turn[] {
  return [
    server('RFB 003.008\n'),
    client('RFB 003.008\n'),
    server(1, 2),
    client(2),
    server(random.bytes(16)),
    client(random.bytes(16)),
    server(u32(0)),
    client(1),
    server(u16(1280), u16(800), hex('20180001 00ff 00ff 00ff 10 08 00 000000'), u32(name.length), name),
    client(3, 0, u16(0), u16(0), u16(1280), u16(800)),
  ];
}

/** A PostgreSQL session in clear text: start, password, one question, end. */
export function postgres(user: string, database: string, password: string, question: string): Turn[] {
  const startup = cat(u32(196608), 'user', 0, user, 0, 'database', 0, database, 0, 'application_name', 0, 'psql', 0, 0);
  const message = (type: string, ...body: readonly Part[]): Buffer => {
    const bytes = cat(...body);
    return cat(type, u32(4 + bytes.length), bytes);
  };
  const column = cat('count', 0, u32(0), u16(0), u32(20), u16(8), u32(0xffffffff), u16(0));
  return [
    client(u32(8), u32(80877103)), // may we have TLS?
    server('N'),
    client(u32(4 + startup.length), startup),
    server(message('R', u32(3))),
    client(message('p', password, 0)),
    server(
      message('R', u32(0)),
      message('S', 'server_version', 0, '15.10', 0),
      message('K', u32(4711), u32(99)),
      message('Z', 'I'),
    ),
    client(message('Q', question, 0)),
    server(
      message('T', u16(1), column),
      message('D', u16(1), u32(2), '42'),
      message('C', 'SELECT 1', 0),
      message('Z', 'I'),
    ),
    client(message('X')),
  ];
}

/** A WebSocket: the HTTP upgrade and a few frames, masked on the client's side (RFC 6455). */
export function websocket(host: string, target: string, random: Random): Turn[] {
  const key = random.bytes(16).toString('base64');
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const masked = (opcode: number, text: string): Buffer => {
    const mask = random.bytes(4);
    const body = Buffer.from(text).map((byte, index) => byte ^ mask[index % 4]!);
    return cat(0x80 | opcode, 0x80 | body.length, mask, body);
  };
  return [
    ...dialogue([
      `C: GET ${target} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n`,
    ]),
    ...dialogue([
      `S: HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`,
    ]),
    client(masked(1, '{"id":1,"type":"subscribe_events"}')),
    server(0x81, sized8('{"id":1,"type":"result","success":true}')),
    client(masked(9, 'ping')),
    server(0x8a, sized8('ping')),
    client(masked(8, '')),
  ];
}

/** Modbus over TCP: read registers, write one, and an exception. */
export function modbus(unit: number): Turn[] {
  const frame = (id: number, ...body: readonly Part[]): Buffer => cat(u16(id), u16(0), sized16(unit, ...body));
  return [
    client(frame(1, 3, u16(40), u16(2))),
    server(frame(1, 3, sized8(u16(230), u16(501)))),
    client(frame(2, 6, u16(12), u16(1))),
    server(frame(2, 6, u16(12), u16(1))),
    client(frame(3, 3, u16(9999), u16(1))),
    server(frame(3, 0x83, 2)),
  ];
}

/** DNP3: a link frame with its checksums, transport and application header in one block. */
function dnp3Frame(control: number, to: number, from: number, application: Buffer): Buffer {
  const header = cat(hex('0564'), 5 + application.length, control, u16le(to), u16le(from));
  const blocks: Buffer[] = [];
  for (let at = 0; at < application.length; at += 16) {
    const block = application.subarray(at, at + 16);
    blocks.push(cat(block, u16le(dnp3Crc(block))));
  }
  return cat(header, u16le(dnp3Crc(header)), ...blocks);
}

export function dnp3(): Turn[] {
  return [
    client(dnp3Frame(0xc4, 10, 1, hex('c0 c1 01 3c0206 3c0306 3c0406'))), // read classes 1, 2, 3
    server(dnp3Frame(0x44, 1, 10, hex('c0 c1 81 0000 0101 00 0000 81'))),
    client(dnp3Frame(0xc4, 10, 1, hex('c1 c2 05 0c01 28 0100 0000 03 01 64000000 64000000 00'))), // direct operate
    server(dnp3Frame(0x44, 1, 10, hex('c1 c2 81 0000 0c01 28 0100 0000 03 01 64000000 64000000 00'))),
  ];
}

/** EtherNet/IP: list the identity, register a session. */
export function enip(): Turn[] {
  const packet = (command: number, session: number, body: Buffer): Buffer =>
    cat(u16le(command), u16le(body.length), u32le(session), u32le(0), Buffer.alloc(8), u32le(0), body);
  return [
    client(packet(0x65, 0, hex('01000000'))),
    server(packet(0x65, 0x1a2b, hex('01000000'))),
    client(packet(0x66, 0x1a2b, Buffer.alloc(0))),
  ];
}

/** NFS version 3 over TCP: look a file up, read its first bytes (RFC 1813), with ONC RPC record marks. */
export function nfs(file: string, random: Random): Turn[] {
  const handle = random.bytes(32);
  const opaque = (bytes: Buffer): Buffer => cat(u32(bytes.length), padTo(bytes, 4));
  const credentials = cat(u32(0x5f000000), opaque(Buffer.from('desk-01')), u32(1000), u32(1000), u32(0));
  const mark = (body: Buffer): Buffer => cat(u32(0x80000000 + body.length), body);
  const call = (id: number, procedure: number, ...args: readonly Part[]): Buffer =>
    mark(
      cat(
        u32(id),
        u32(0),
        u32(2),
        u32(100003),
        u32(3),
        u32(procedure),
        u32(1),
        opaque(credentials),
        u32(0),
        u32(0),
        ...args,
      ),
    );
  const reply = (id: number, ...body: readonly Part[]): Buffer =>
    mark(cat(u32(id), u32(1), u32(0), u32(0), u32(0), u32(0), ...body));
  const attributes = cat(u32(1), u32(1), u32(0o644), u32(1), u32(1000), u32(1000), Buffer.alloc(64));
  const content = Buffer.from('The lab keeps a file here.\n');
  return [
    client(call(0x101, 3, opaque(handle), opaque(Buffer.from(file)))),
    server(reply(0x101, u32(0), opaque(handle), attributes, u32(0))),
    client(call(0x102, 6, opaque(handle), u32(0), u32(0), u32(4096))),
    server(reply(0x102, u32(0), attributes, u32(content.length), u32(1), opaque(content))),
    client(call(0x103, 3, opaque(handle), opaque(Buffer.from('not-there')))),
    server(reply(0x103, u32(2), u32(0))),
  ];
}
