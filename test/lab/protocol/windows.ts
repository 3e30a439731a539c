import { cat, hex, padTo, type Part, sized24, u16, u16le, u32, u32le, u64le, utf16 } from '../pcap/bytes.ts';
import { client, server, type Turn } from '../pcap/conversation.ts';
import type { Random } from '../pcap/random.ts';
import { der, enumerated, field, generalizedTime, generalString, integer, octets, sequence } from './der.ts';

/** SMB2 over TCP: a message with the four-byte NetBIOS length in front. */
function smb2(
  command: number,
  id: number,
  reply: boolean,
  session: bigint,
  tree: number,
  status: number,
  ...body: readonly Part[]
): Buffer {
  const header = cat(
    hex('fe534d42'),
    u16le(64),
    u16le(1),
    u32le(status),
    u16le(command),
    u16le(31),
    u32le(reply ? 1 : 0),
    u32le(0),
    u64le(BigInt(id)),
    u32le(0xfeff),
    u32le(tree),
    u64le(session),
    Buffer.alloc(16),
  );
  return cat(0, sized24(header, ...body));
}

function ntlm(user: string, host: string): { negotiate: Buffer; challenge: Buffer; authenticate: Buffer } {
  const signature = cat('NTLMSSP', 0);
  const version = hex('0a00614a0000000f');
  const domain = utf16('HOME');
  const fields = [Buffer.alloc(24, 7), Buffer.alloc(24, 9), domain, utf16(user), utf16(host)];
  let at = 72;
  const descriptors = [...fields, Buffer.alloc(0)].map((bytes) => {
    const out = cat(u16le(bytes.length), u16le(bytes.length), u32le(at));
    at += bytes.length;
    return out;
  });
  return {
    negotiate: cat(signature, u32le(1), u32le(0xe2088297), Buffer.alloc(16), version),
    challenge: cat(
      signature,
      u32le(2),
      u16le(domain.length),
      u16le(domain.length),
      u32le(56),
      u32le(0xe2898215),
      Buffer.alloc(8, 3),
      Buffer.alloc(8),
      u16le(0),
      u16le(0),
      u32le(56 + domain.length),
      version,
      domain,
    ),
    authenticate: cat(signature, u32le(3), ...descriptors, u32le(0xe2888215), version, ...fields),
  };
}

/** A workstation opens a share: negotiate, log on (NTLMSSP), connect to the tree, create, close. The session id uses all 64 bits. */
export function smb(user: string, host: string, share: string, file: string, session: bigint, random: Random): Turn[] {
  const security = ntlm(user, host);
  const path = utf16(share);
  const name = utf16(file);
  const setup = (blob: Buffer): Buffer =>
    cat(u16le(25), 0, 1, u32le(1), u32le(0), u16le(88), u16le(blob.length), u64le(0n), blob);
  const setupAnswer = (blob: Buffer): Buffer => cat(u16le(9), u16le(0), u16le(72), u16le(blob.length), blob);
  const guid = random.bytes(16);
  const times = Buffer.alloc(32);
  return [
    client(
      smb2(
        0,
        0,
        false,
        0n,
        0,
        0,
        u16le(36),
        u16le(2),
        u16le(1),
        u16le(0),
        u32le(0x7f),
        guid,
        u64le(0n),
        u16le(0x0210),
        u16le(0x0302),
      ),
    ),
    server(
      smb2(
        0,
        0,
        true,
        0n,
        0,
        0,
        u16le(65),
        u16le(1),
        u16le(0x0302),
        u16le(0),
        guid,
        u32le(0x2f),
        u32le(8388608),
        u32le(8388608),
        u32le(8388608),
        u64le(0n),
        u64le(0n),
        u16le(128),
        u16le(0),
        u32le(0),
      ),
    ),
    client(smb2(1, 1, false, 0n, 0, 0, setup(security.negotiate))),
    server(smb2(1, 1, true, session, 0, 0xc0000016, setupAnswer(security.challenge))),
    client(smb2(1, 2, false, session, 0, 0, setup(security.authenticate))),
    server(smb2(1, 2, true, session, 0, 0, setupAnswer(Buffer.alloc(0)))),
    client(smb2(3, 3, false, session, 0, 0, u16le(9), u16le(0), u16le(72), u16le(path.length), path)),
    server(smb2(3, 3, true, session, 5, 0, u16le(16), 1, 0, u32le(0), u32le(0), u32le(0x1f01ff))),
    client(
      smb2(
        5,
        4,
        false,
        session,
        5,
        0,
        u16le(57),
        0,
        0,
        u32le(2),
        u64le(0n),
        u64le(0n),
        u32le(0x120089),
        u32le(0),
        u32le(7),
        u32le(1),
        u32le(0),
        u16le(120),
        u16le(name.length),
        u32le(0),
        u32le(0),
        padTo(name, 8),
      ),
    ),
    server(
      smb2(
        5,
        4,
        true,
        session,
        5,
        0,
        u16le(89),
        0,
        0,
        u32le(1),
        times,
        u64le(4096n),
        u64le(1234n),
        u32le(0x20),
        u32le(0),
        guid,
        u32le(0),
        u32le(0),
      ),
    ),
    client(smb2(6, 5, false, session, 5, 0, u16le(24), u16le(1), u32le(0), guid)),
    server(
      smb2(6, 5, true, session, 5, 0, u16le(60), u16le(0), u32le(0), times, u64le(4096n), u64le(1234n), u32le(0x20)),
    ),
  ];
}

/** Remote Desktop's first packets: connection request with a cookie, confirmation (MS-RDPBCGR 2.2.1.1). */
export function rdp(cookie: string): Turn[] {
  const tpkt = (body: Buffer): Buffer => cat(3, 0, u16(4 + body.length), body);
  const negotiation = cat(1, 0, u16le(8), u32le(3));
  const routing = cat(`Cookie: mstshash=${cookie}\r\n`, negotiation);
  return [
    client(tpkt(cat(6 + routing.length, 0xe0, u16(0), u16(0), 0, routing))),
    server(tpkt(cat(14, 0xd0, u16(0), u16(0x1234), 0, 2, 0x1f, u16le(8), u32le(1)))),
  ];
}

const REALM = 'HOME.TEST';

function principal(type: number, ...names: readonly string[]): Buffer {
  return sequence(field(0, integer(type)), field(1, sequence(...names.map(generalString))));
}

/** Kerberos: a ticket is asked for and granted, or refused with an error code (RFC 4120). */
export function kerberos(user: string, error: number | null, random: Random): Turn[] {
  const encrypted = (kind: number, size: number): Buffer =>
    sequence(field(0, integer(kind)), field(2, octets(random.bytes(size))));
  const body = sequence(
    field(0, der(0x03, 0, hex('50800000'))),
    field(1, principal(1, user)),
    field(2, generalString(REALM)),
    field(3, principal(2, 'krbtgt', REALM)),
    field(5, generalizedTime('20260116000000Z')),
    field(7, integer(1122334455)),
    field(8, sequence(integer(18), integer(17), integer(23))),
  );
  const request = der(0x6a, sequence(field(1, integer(5)), field(2, integer(10)), field(4, body)));
  const ticket = der(
    0x61,
    sequence(
      field(0, integer(5)),
      field(1, generalString(REALM)),
      field(2, principal(2, 'krbtgt', REALM)),
      field(3, encrypted(18, 120)),
    ),
  );
  const granted = der(
    0x6b,
    sequence(
      field(0, integer(5)),
      field(1, integer(11)),
      field(3, generalString(REALM)),
      field(4, principal(1, user)),
      field(5, ticket),
      field(6, encrypted(18, 160)),
    ),
  );
  const refused = der(
    0x7e,
    sequence(
      field(0, integer(5)),
      field(1, integer(30)),
      field(4, generalizedTime('20260115090000Z')),
      field(5, integer(1234)),
      field(6, integer(error ?? 0)),
      field(9, generalString(REALM)),
      field(10, principal(2, 'krbtgt', REALM)),
    ),
  );
  return [client(request), server(error === null ? granted : refused)];
}

/** The same over TCP: four bytes of length in front. */
export function overTcp(turns: readonly Turn[]): Turn[] {
  return turns.map((turn) => ({ ...turn, bytes: cat(u32(turn.bytes.length), turn.bytes) }));
}

/** LDAP: simple bind, search, unbind (RFC 4511). */
export function ldap(dn: string, password: string, base: string, attribute: string, value: string, code = 0): Turn[] {
  const message = (id: number, operation: Buffer): Buffer => sequence(integer(id), operation);
  const result = (tag: number, status: number): Buffer =>
    der(tag, enumerated(status), octets(''), octets(status === 0 ? '' : 'invalid credentials'));
  const filter = der(0xa3, octets(attribute), octets(value));
  const search = der(
    0x63,
    octets(base),
    enumerated(2),
    enumerated(0),
    integer(100),
    integer(10),
    der(0x01, 0),
    filter,
    sequence(octets('cn'), octets('mail')),
  );
  const entry = der(
    0x64,
    octets(`uid=${value},${base}`),
    sequence(sequence(octets('mail'), der(0x31, octets(`${value}@home.test`)))),
  );
  const bind = [
    client(message(1, der(0x60, integer(3), octets(dn), der(0x80, password)))),
    server(message(1, result(0x61, code))),
  ];
  if (code !== 0) return bind;
  return [
    ...bind,
    client(message(2, search)),
    server(message(2, entry), message(2, result(0x65, 0))),
    client(message(3, der(0x42))),
  ];
}

/** A DCE/RPC bind to the endpoint mapper and a call (C706 chapter 12). */
export function dcerpc(random: Random): Turn[] {
  const header = (kind: number, length: number, call: number): Buffer =>
    cat(5, 0, kind, 3, hex('10000000'), u16le(length), u16le(0), u32le(call));
  const mapper = hex('0883afe1 1f5d c911 91a4 08002b14a0fa');
  const syntax = hex('045d888aeb1cc9119fe808002b104860');
  const context = cat(
    u16le(5840),
    u16le(5840),
    u32le(0),
    1,
    0,
    u16le(0),
    u16le(0),
    1,
    0,
    mapper,
    u16le(3),
    u16le(0),
    syntax,
    u32le(2),
  );
  const accept = cat(
    u16le(5840),
    u16le(5840),
    u32le(0x1234),
    u16le(4),
    '135',
    0,
    u16le(0),
    1,
    0,
    u16le(0),
    u16le(0),
    u16le(0),
    syntax,
    u32le(2),
  );
  const call = cat(u32le(24), u16le(0), u16le(2), random.bytes(24));
  return [
    client(header(11, 16 + context.length, 1), context),
    server(header(12, 16 + accept.length, 1), accept),
    client(header(0, 16 + call.length, 2), call),
    server(header(2, 16 + call.length, 2), call),
  ];
}
