import { expect, test } from 'vitest';
import { addressBytes } from './address.ts';
import { internetChecksum, transportChecksum } from './checksum.ts';
import { client, dialogue, server, tcpConversation, udpConversation } from './conversation.ts';
import { fragments } from './fragment.ts';
import { type Endpoint, FLAG, ipFrame, PROTOCOL, udpSegment } from './frame.ts';
import { seeded } from './random.ts';
import { readdress } from './readdress.ts';

const a: Endpoint = { mac: '02:00:00:00:00:01', ip: '192.168.40.21', port: 40000 };
const b: Endpoint = { mac: '02:00:00:00:00:02', ip: '198.51.100.7', port: 80 };

interface Seen {
  from: 'client' | 'server';
  seq: number;
  ack: number;
  flags: number;
  data: Buffer;
}

function look(frame: Buffer): Seen {
  const length = frame.readUInt16BE(16);
  const header = (frame[46]! >> 4) * 4;
  return {
    from: frame.readUInt16BE(34) === a.port ? 'client' : 'server',
    seq: frame.readUInt32BE(38),
    ack: frame.readUInt32BE(42),
    flags: frame[47]!,
    data: frame.subarray(34 + header, 14 + length),
  };
}

test('a TCP conversation has right numbers, carries every byte and goes forward in time', () => {
  const turns = [client('hello'), server(Buffer.alloc(5000, 'x')), client('more'), server('end')];
  const packets = tcpConversation(turns, { client: a, server: b, start: 1e15, random: seeded('numbers') });
  const next = new Map<string, number>();
  const said = { client: '', server: '' };
  let before = 0;
  for (const packet of packets) {
    expect(packet.time).toBeGreaterThanOrEqual(before);
    before = packet.time;
    const seen = look(packet.frame);
    if (next.has(seen.from)) expect(seen.seq).toBe(next.get(seen.from));
    if (seen.flags & FLAG.ack) expect(seen.ack).toBe(next.get(seen.from === 'client' ? 'server' : 'client'));
    next.set(seen.from, (seen.seq + seen.data.length + (seen.flags & (FLAG.syn | FLAG.fin) ? 1 : 0)) >>> 0);
    said[seen.from] += seen.data.toString();
    expect(seen.data.length).toBeLessThanOrEqual(1460);
  }
  expect(said).toEqual({ client: 'hellomore', server: `${'x'.repeat(5000)}end` });
  expect(look(packets[0]!.frame).flags).toBe(FLAG.syn);
  expect(packets.filter((packet) => look(packet.frame).flags & FLAG.fin)).toHaveLength(2);
});

test('the same seed gives the same packets, another seed others', () => {
  const make = (seed: string) =>
    tcpConversation(dialogue(['S: 220 hi', 'C: QUIT']), { client: a, server: b, start: 5, random: seeded(seed) });
  expect(make('one')).toEqual(make('one'));
  expect(make('one')).not.toEqual(make('two'));
});

test('fragments put together are the datagram again', () => {
  const payload = udpSegment(a, b, Buffer.from(Array.from({ length: 2000 }, (_, index) => index % 251)));
  const whole = Buffer.alloc(payload.length);
  for (const frame of fragments(a, b, PROTOCOL.udp, payload, 800, 7)) {
    const at = (frame.readUInt16BE(20) & 0x1fff) * 8;
    frame.subarray(34, 14 + frame.readUInt16BE(16)).copy(whole, at);
    expect(internetChecksum(frame.subarray(14, 34))).toBe(0);
  }
  expect(whole).toEqual(payload);
});

test('a recorded frame gets other addresses and right checksums, and back again is the same frame', () => {
  const there = { ip: new Map([[a.ip, '10.20.30.9']]), mac: new Map([['10.20.30.9', '02:4c:20:00:00:09']]) };
  const back = { ip: new Map([['10.20.30.9', a.ip]]), mac: new Map([[a.ip, a.mac]]) };
  const packets = [
    ...tcpConversation([client('GET /')], { client: a, server: b, start: 1, random: seeded('x') }),
    ...udpConversation([client('ask'), server('say')], { client: a, server: b, start: 1, random: seeded('y') }),
  ];
  for (const { frame } of packets) {
    const moved = readdress(frame, there);
    const [source, destination] = [moved.subarray(26, 30), moved.subarray(30, 34)];
    expect([source, destination].some((it) => it.equals(addressBytes('10.20.30.9')))).toBe(true);
    expect(internetChecksum(moved.subarray(14, 34))).toBe(0);
    expect(transportChecksum(source, destination, moved[23]!, moved.subarray(34, 14 + moved.readUInt16BE(16)))).toBe(0);
    expect(readdress(moved, back)).toEqual(frame);
  }
});

test('a frame that is no IP, is cut or is a later fragment stays as it is where it cannot be mended', () => {
  const nothing = { ip: new Map<string, string>(), mac: new Map<string, string>() };
  for (const frame of [
    Buffer.alloc(0),
    Buffer.alloc(13),
    Buffer.alloc(60),
    ipFrame(a, b, PROTOCOL.udp, Buffer.alloc(3)),
    ipFrame(a, b, PROTOCOL.tcp, Buffer.alloc(40), { fragment: 5 }),
  ]) {
    expect(readdress(frame, nothing)).toEqual(frame);
  }
});
