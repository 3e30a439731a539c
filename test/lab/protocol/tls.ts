import { cat, type Part, sized8, sized16, sized24, u16 } from '../pcap/bytes.ts';
import { client, server, type Turn } from '../pcap/conversation.ts';
import type { Random } from '../pcap/random.ts';

/** What makes a client's hello recognisable (JA3, JA4): the order of its offers. */
export interface ClientProfile {
  ciphers: readonly number[];
  groups: readonly number[];
  signatures: readonly number[];
  alpn: readonly string[];
  versions: readonly number[];
  /** Extensions in sending order. */
  order: readonly (
    | 'sni'
    | 'groups'
    | 'points'
    | 'signatures'
    | 'alpn'
    | 'versions'
    | 'ems'
    | 'ticket'
    | 'psk_modes'
    | 'key_share'
    | 'status'
    | 'quic'
  )[];
}

const TLS12 = 0x0303;
const TLS13 = 0x0304;
const MODERN = [0x1301, 0x1302, 0x1303];
const CLASSIC = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035];
const SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];

export const PROFILES = {
  browser: {
    ciphers: [...MODERN, ...CLASSIC],
    groups: [0x001d, 0x0017, 0x0018],
    signatures: SIGNATURES,
    alpn: ['h2', 'http/1.1'],
    versions: [TLS13, TLS12],
    order: [
      'sni',
      'ems',
      'groups',
      'points',
      'ticket',
      'alpn',
      'status',
      'signatures',
      'key_share',
      'psk_modes',
      'versions',
    ],
  },
  phone: {
    ciphers: [0x1302, 0x1303, 0x1301, ...CLASSIC.slice(0, 8)],
    groups: [0x001d, 0x0017, 0x0018, 0x0019],
    signatures: [...SIGNATURES, 0x0201],
    alpn: ['h2', 'http/1.1'],
    versions: [TLS13, TLS12],
    order: ['sni', 'ems', 'groups', 'points', 'alpn', 'status', 'signatures', 'key_share', 'psk_modes', 'versions'],
  },
  appliance: {
    ciphers: [0xc02f, 0xc030, 0x009c, 0x002f, 0x0035],
    groups: [0x0017],
    signatures: [0x0401, 0x0501, 0x0201],
    alpn: [],
    versions: [TLS12],
    order: ['sni', 'groups', 'points', 'signatures'],
  },
  quic: {
    ciphers: MODERN,
    groups: [0x001d, 0x0017, 0x0018],
    signatures: SIGNATURES,
    alpn: ['h3'],
    versions: [TLS13],
    order: ['sni', 'groups', 'alpn', 'signatures', 'versions', 'psk_modes', 'key_share', 'quic'],
  },
} as const satisfies Record<string, ClientProfile>;

function extension(type: number, ...body: readonly Part[]): Buffer {
  return cat(u16(type), sized16(...body));
}

/** The handshake message ClientHello (RFC 8446 section 4.1.2), without a record around it. */
export function clientHello(
  name: string | null,
  profile: ClientProfile,
  random: Random,
  transport: Buffer = Buffer.alloc(0),
): Buffer {
  const make: Record<ClientProfile['order'][number], () => Part> = {
    sni: () => (name === null ? '' : extension(0, sized16(0, sized16(name)))),
    status: () => extension(5, 1, u16(0), u16(0)),
    groups: () => extension(10, sized16(...profile.groups.map(u16))),
    points: () => extension(11, sized8(0)),
    signatures: () => extension(13, sized16(...profile.signatures.map(u16))),
    alpn: () => (profile.alpn.length === 0 ? '' : extension(16, sized16(...profile.alpn.map((id) => sized8(id))))),
    ems: () => extension(23),
    ticket: () => extension(35),
    versions: () => extension(43, sized8(...profile.versions.map(u16))),
    psk_modes: () => extension(45, sized8(1)),
    key_share: () => extension(51, sized16(u16(0x001d), sized16(random.bytes(32)))),
    quic: () => extension(57, transport),
  };
  const quic = profile.order.includes('quic');
  const body = cat(
    u16(TLS12),
    random.bytes(32),
    sized8(quic ? '' : random.bytes(32)),
    sized16(...profile.ciphers.map(u16)),
    sized8(0),
    sized16(...profile.order.map((key) => make[key]())),
  );
  return cat(1, sized24(body));
}

/** The handshake message ServerHello; `modern` answers with TLS 1.3. */
export function serverHello(cipher: number, modern: boolean, random: Random): Buffer {
  const extensions = modern
    ? cat(extension(51, u16(0x001d), sized16(random.bytes(32))), extension(43, u16(TLS13)))
    : cat(extension(0xff01, 0), extension(11, sized8(0)), extension(23));
  return cat(2, sized24(u16(TLS12), random.bytes(32), sized8(random.bytes(32)), u16(cipher), 0, sized16(extensions)));
}

/** A TLS record around a handshake message (22), a change of cipher (20), an alert (21) or data (23). */
export function tlsRecord(type: 20 | 21 | 22 | 23, ...body: readonly Part[]): Buffer {
  return cat(type, u16(TLS12), sized16(...body));
}

/** Encrypted records of together about `size` bytes; nobody can read them, so their content is noise. */
export function tlsData(size: number, random: Random): Buffer {
  const records: Buffer[] = [];
  for (let left = size; left > 0; left -= 4096) records.push(tlsRecord(23, random.bytes(Math.min(left, 4096))));
  return cat(...records);
}

/** A TLS 1.3 session: hello, hello, encrypted rest. */
export function tls13(name: string | null, profile: ClientProfile, random: Random, up: number, down: number): Turn[] {
  return [
    client(tlsRecord(22, clientHello(name, profile, random))),
    server(tlsRecord(22, serverHello(0x1301, true, random)), tlsRecord(20, 1), tlsData(2200, random)),
    client(tlsRecord(20, 1), tlsData(69, random), tlsData(up, random)),
    server(tlsData(down, random)),
    client(tlsData(19, random)),
  ];
}

/** A TLS 1.2 session, in which the certificate (DER) goes over the wire in the clear. */
export function tls12(
  name: string | null,
  profile: ClientProfile,
  certificate: Buffer,
  random: Random,
  up: number,
  down: number,
): Turn[] {
  const keyExchange = cat(
    12,
    sized24(3, u16(0x001d), sized8(random.bytes(32)), u16(0x0804), sized16(random.bytes(256))),
  );
  return [
    client(tlsRecord(22, clientHello(name, profile, random))),
    server(
      tlsRecord(22, serverHello(0xc02f, false, random)),
      tlsRecord(22, cat(11, sized24(sized24(sized24(certificate))))),
      tlsRecord(22, keyExchange),
      tlsRecord(22, cat(14, sized24())),
    ),
    client(
      tlsRecord(22, cat(16, sized24(sized8(random.bytes(32))))),
      tlsRecord(20, 1),
      tlsRecord(22, random.bytes(40)),
    ),
    server(tlsRecord(20, 1), tlsRecord(22, random.bytes(40))),
    client(tlsData(up, random)),
    server(tlsData(down, random)),
    client(tlsRecord(21, random.bytes(26))),
  ];
}
