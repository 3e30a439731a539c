import { randomBytes } from 'node:crypto';

/**
 * A TLS ClientHello with a server name, as a browser of today opens a connection (RFC 8446 section 4.1.2): TLS 1.3 with 1.2 as the way back.
 * The handshake goes no further, so the key share is any 32 bytes (each is a valid X25519 public value, RFC 7748 section 5).
 */
export function clientHello(serverName: string): Buffer {
  const hello = [
    u16(0x0303),
    randomBytes(32),
    vector8(randomBytes(32)),
    FIXED.ciphers,
    FIXED.compression,
    vector16(...extensions(serverName)),
  ];
  const body = Buffer.concat(hello);
  const handshake = Buffer.concat([Buffer.from([CLIENT_HELLO, 0]), u16(body.length), body]);
  return Buffer.concat([Buffer.from([HANDSHAKE]), u16(0x0301), u16(handshake.length), handshake]);
}

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
/** TLS 1.3's three, then forward-secret ones of TLS 1.2. */
const CIPHERS = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];
const X25519 = 0x001d;
const SECP256R1 = 0x0017;
const SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];

function extensions(serverName: string): Buffer[] {
  const name = Buffer.from(serverName, 'latin1');
  return [
    extension(0, vector16(Buffer.from([0]), vector16(name))), // server_name: host_name (RFC 6066 section 3)
    FIXED.extensions,
    extension(51, vector16(u16(X25519), vector16(randomBytes(32)))), // key_share
  ];
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([u16(type), vector16(data)]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

/** Parts behind their length in one byte. */
function vector8(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([body.length]), body]);
}

/** Parts behind their length in two bytes. */
function vector16(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u16(body.length), body]);
}

/** What is the same in each of them: a station may send many a second. */
const FIXED = {
  ciphers: vector16(...CIPHERS.map(u16)),
  compression: vector8(Buffer.from([0])),
  extensions: Buffer.concat([
    extension(10, vector16(u16(X25519), u16(SECP256R1))), // supported_groups
    extension(11, vector8(Buffer.from([0]))), // ec_point_formats: uncompressed
    extension(13, vector16(...SIGNATURES.map(u16))), // signature_algorithms
    extension(43, vector8(u16(0x0304), u16(0x0303))), // supported_versions
    extension(45, vector8(Buffer.from([1]))), // psk_key_exchange_modes: with (EC)DHE
  ]),
};
