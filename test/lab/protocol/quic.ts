import { createCipheriv, createHmac } from 'node:crypto';
import { cat, sized8, u16, u32 } from '../pcap/bytes.ts';
import { client, later, server, type Turn } from '../pcap/conversation.ts';
import type { Random } from '../pcap/random.ts';
import { clientHello, PROFILES, serverHello } from './tls.ts';

/** QUIC version 1's salt for Initial packets (RFC 9001 section 5.2): their keys are no secret, so an IDS reads them. */
const SALT = Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex');
const VERSION_1 = 1;

function hmac(key: Buffer, ...data: readonly Buffer[]): Buffer {
  return createHmac('sha256', key).update(Buffer.concat(data)).digest();
}

/** HKDF-Expand-Label with an empty context (RFC 8446 section 7.1), for at most one hash length. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  return hmac(secret, cat(u16(length), sized8(`tls13 ${label}`), 0), Buffer.of(1)).subarray(0, length);
}

/** The key, IV and header protection key of one side's Initial packets. */
export function initialKeys(connectionId: Buffer, side: 'client' | 'server'): { key: Buffer; iv: Buffer; hp: Buffer } {
  const secret = expand(hmac(SALT, connectionId), `${side} in`, 32);
  return { key: expand(secret, 'quic key', 16), iv: expand(secret, 'quic iv', 12), hp: expand(secret, 'quic hp', 16) };
}

/** A QUIC variable-length integer in two bytes (up to 16383), RFC 9000 section 16. */
function variable(value: number): Buffer {
  return u16(0x4000 | value);
}

/** A protected Initial packet: `keyId` is the client's first destination id, from which both sides' keys come. */
export function initialPacket(
  side: 'client' | 'server',
  keyId: Buffer,
  to: Buffer,
  from: Buffer,
  number: number,
  frames: Buffer,
  size: number,
): Buffer {
  const { key, iv, hp } = initialKeys(keyId, side);
  const head = cat(0xc3, u32(VERSION_1), sized8(to), sized8(from), 0); // 4-byte packet number; no token
  const padded = cat(frames, Buffer.alloc(Math.max(0, size - head.length - 2 - 4 - frames.length - 16)));
  const header = cat(head, variable(4 + padded.length + 16), u32(number));
  const nonce = Buffer.from(iv);
  for (let index = 0; index < 4; index += 1) nonce[8 + index]! ^= u32(number)[index]!;
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(header);
  const sealed = cat(cipher.update(padded), cipher.final(), cipher.getAuthTag());
  const packet = cat(header, sealed);
  // Header protection (RFC 9001 section 5.4): a sample of the ciphertext, 4 bytes after the packet number's start.
  const ecb = createCipheriv('aes-128-ecb', hp, null).setAutoPadding(false);
  const mask = ecb.update(sealed.subarray(0, 16));
  packet[0]! ^= mask[0]! & 0x0f;
  for (let index = 0; index < 4; index += 1) packet[header.length - 4 + index]! ^= mask[1 + index]!;
  return packet;
}

function cryptoFrame(data: Buffer): Buffer {
  return cat(6, variable(0), variable(data.length), data);
}

/** A QUIC connection to `name`: both Initials for real, then short-header packets that only the two ends could read. */
export function quicSession(name: string, random: Random, packets: number): Turn[] {
  const destination = random.bytes(8);
  const source = random.bytes(8);
  const answerId = random.bytes(8);
  const transport = cat(0x01, 0x04, u32(0x80007530), 0x04, 0x04, u32(0x80100000), 0x0f, sized8(source)); // idle timeout, data limit, source id
  const hello = clientHello(name, PROFILES.quic, random, transport);
  const reply = cat(2, 0, 0, 0, 0, cryptoFrame(serverHello(0x1301, true, random)));
  const short = (to: Buffer): Buffer => cat(0x40 | random.integer(0, 0x1f), to, random.bytes(random.integer(40, 1100)));
  const turns: Turn[] = [
    client(initialPacket('client', destination, destination, source, 0, cryptoFrame(hello), 1200)),
    server(initialPacket('server', destination, source, answerId, 0, reply, 1200)),
  ];
  for (let index = 0; index < packets; index += 1) {
    turns.push(later(index % 3 === 0 ? client(short(answerId)) : server(short(source)), random.integer(500, 90_000)));
  }
  return turns;
}
