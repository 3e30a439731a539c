import { at, OFFICE_SERVER, outside, PEOPLE, SERVER } from '../household.ts';
import { cat, u16, u32 } from '../pcap/bytes.ts';
import { tcpConversation } from '../pcap/conversation.ts';
import { client, server } from '../pcap/conversation.ts';
import { fragments } from '../pcap/fragment.ts';
import {
  ethernet,
  FLAG,
  icmpMessage,
  icmp6Message,
  ipFrame,
  ipv4,
  ipv6,
  type Packet,
  PROTOCOL,
  tcpFrame,
  tcpSegment,
  udpFrame,
  udpSegment,
} from '../pcap/frame.ts';
import type { Random } from '../pcap/random.ts';
import { clock, moments, SECOND } from './rhythm.ts';

/** Frames that no sane stack sends, each once. */
function oddFrames(random: Random): Buffer[] {
  const [from, to] = [outside('203.0.113.180', 4444), at(SERVER, 80)];
  const [from6, to6] = [outside('2001:db8:bad::1', 4444), at(SERVER, 80, true)];
  const syn = { seq: 1, ack: 0, flags: FLAG.syn };
  const segment = tcpSegment(from, to, syn, Buffer.from('data on a SYN'));
  const plain = ipv4(from.ip, to.ip, PROTOCOL.tcp, segment);
  const changed = (bytes: Buffer, at: number, value: number): Buffer => {
    const out = Buffer.from(bytes);
    out[at] = value;
    return out;
  };
  const wire = (packet: Buffer, type = 0x0800): Buffer => ethernet(from.mac, to.mac, type, packet);
  const routing = cat(PROTOCOL.icmp6, 0, 0, 0, u32(0)); // type 0 routing header, forbidden by RFC 5095
  return [
    wire(changed(plain, 0, 0x65)), // says IPv6 in an IPv4 frame
    wire(changed(plain, 0, 0x42)), // header of 8 bytes
    wire(changed(plain, 3, 0xff)), // longer than the frame
    wire(changed(plain, 20 + 12, 0xf0)), // TCP header longer than the packet
    ipFrame(from, to, PROTOCOL.tcp, tcpSegment(from, to, { ...syn, options: cat(3, 40, 7, 0) })), // option runs out of the header
    ipFrame(from, to, PROTOCOL.tcp, tcpSegment(from, to, { ...syn, flags: FLAG.syn | FLAG.fin })),
    ipFrame(from, to, PROTOCOL.udp, changed(udpSegment(from, to, Buffer.from('short')), 4, 9)),
    ipFrame(from, to, PROTOCOL.icmp, icmpMessage(3, 1, u32(0), cat(changed(plain, 9, 99)).subarray(0, 12))), // error about half a packet
    ipFrame(from, to, PROTOCOL.icmp, icmpMessage(77, 5, u32(1))),
    ipFrame(from, to, PROTOCOL.igmp, icmpMessage(0x16, 0, Buffer.from([239, 1, 2, 3]))),
    ipFrame(from, to, PROTOCOL.sctp, cat(u16(4444), u16(80), random.bytes(24))),
    ipFrame(from, to, 99, random.bytes(30)),
    ipFrame({ ...from, ip: '224.0.0.9' }, to, PROTOCOL.udp, udpSegment(from, to, Buffer.from('from a group'))),
    ipFrame(to, to, PROTOCOL.tcp, tcpSegment(to, to, syn)), // to oneself ("land")
    ipFrame(from, to, PROTOCOL.tcp, segment, { options: cat(7, 39, 4, Buffer.alloc(36), 0), ttl: 1 }), // record route
    ipFrame(from6, to6, PROTOCOL.icmp6, icmp6Message(from6.ip, to6.ip, 200, 1, u32(0))),
    ethernet(
      from.mac,
      to.mac,
      0x86dd,
      ipv6(from6.ip, to6.ip, 43, cat(routing, icmp6Message(from6.ip, to6.ip, 128, 0, u32(1)))),
    ),
    ethernet(from.mac, to.mac, 0x86dd, ipv6(from6.ip, to6.ip, PROTOCOL.tcp, random.bytes(7))),
    ethernet(from.mac, to.mac, 0x86dd, ipv6('ff02::5', to6.ip, 59, Buffer.alloc(0))),
    ethernet(from.mac, to.mac, 0x88cc, random.bytes(40)), // LLDP-like noise
    ethernet(from.mac, to.mac, 0x8100, cat(u16(5))), // a tag and nothing after it
    ethernet(
      from.mac,
      to.mac,
      0x8864,
      cat(0x11, 0, u16(1), u16(22), u16(0x0021), changed(plain, 0, 0x44).subarray(0, 20)),
    ), // PPPoE
  ];
}

/** Fragments in order, out of order, overlapping, with a hole, and for IPv6. */
function fragmented(start: number, random: Random): Packet[] {
  const [from, to] = [outside('198.51.100.181', 5060), at(OFFICE_SERVER, 5060)];
  const [from6, to6] = [outside('2001:db8:bad::2', 5060), at(SERVER, 5060, true)];
  const payload = udpSegment(from, to, Buffer.alloc(2000, 'fragment '));
  const id = random.integer(1, 65000);
  const whole = fragments(from, to, PROTOCOL.udp, payload, 800, id);
  const turned = fragments(from, to, PROTOCOL.udp, payload, 400, id + 1).reverse();
  const holed = fragments(from, to, PROTOCOL.udp, payload, 800, id + 2).filter((_, index) => index !== 1);
  const other = Buffer.from(payload).fill('OTHER ', 900, 1300);
  const overlap = [
    ...fragments(from, to, PROTOCOL.udp, payload, 800, id + 3).slice(0, 2),
    ...fragments(from, to, PROTOCOL.udp, other, 600, id + 3).slice(1),
  ];
  const six = fragments(from6, to6, PROTOCOL.udp, udpSegment(from6, to6, Buffer.alloc(1800, 'six ')), 1200, id);
  return [whole, turned, holed, overlap, six].flatMap((frames, set) =>
    frames.map((frame, index) => ({ time: Math.round(start + set * 3 * SECOND + index * 900), frame })),
  );
}

/** Connections that go wrong: gaps, wrong sums, a stream in the middle, two truths for one byte. */
function crookedStreams(start: number, random: Random): Packet[] {
  const place = {
    client: outside('203.0.113.182', random.integer(32768, 60999)),
    server: at(SERVER, 80),
    random,
    rtt: 900,
  };
  const turns = [
    client('GET /gap HTTP/1.1\r\nHost: www.home.test\r\n\r\n'),
    server('HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n', Buffer.alloc(9000, 'gap ')),
  ];
  const gap = tcpConversation(turns, { ...place, start });
  gap.splice(9, 2);
  const wrong = tcpConversation([client('hello'), server('wrong port, wrong words')], {
    ...place,
    client: outside('203.0.113.183', 40001),
    start: start + 5 * SECOND,
  });
  const spoiled = wrong.map((packet, index) => {
    if (index !== 3) return packet;
    const frame = Buffer.from(packet.frame);
    frame[14 + 20 + 16]! ^= 0x55; // the TCP checksum
    return { ...packet, frame };
  });
  const middle = tcpFrame(
    outside('203.0.113.184', 40002),
    at(SERVER, 443),
    { seq: 5000, ack: 6000, flags: FLAG.ack | FLAG.psh },
    Buffer.from('out of nowhere'),
  );
  const nameless = tcpConversation(
    [
      client('GET / HTTP/1.1\r\nUser-Agent: none\r\n\r\n'),
      server('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    ],
    { ...place, client: outside('203.0.113.185', 40003), start: start + 9 * SECOND },
  );
  const confused = tcpConversation(
    [client('GET / HTTP/1.1\r\nHost: www.home.test\r\n\r\n'), server('SSH-2.0-OpenSSH_9.2p1\r\n')],
    { ...place, client: outside('203.0.113.186', 40004), start: start + 12 * SECOND },
  );
  return [...gap, ...spoiled, { time: start + 7 * SECOND, frame: middle }, ...nameless, ...confused];
}

/** Everything broken, a few rounds in the day. */
export function broken(random: Random): Packet[] {
  const out: Packet[] = [];
  for (const begin of ['01:30', '04:50', '10:10', '15:45', '20:30']) {
    const start = clock(begin);
    oddFrames(random).forEach((frame, index) => out.push({ time: start + index * 350_000, frame }));
    out.push(...fragmented(start + 30 * SECOND, random), ...crookedStreams(start + 60 * SECOND, random));
  }
  for (const time of moments(random, 30, 'home')) {
    out.push({
      time,
      frame: udpFrame(
        at(random.pick(PEOPLE), 40000),
        outside('198.51.100.77', 33434 + random.integer(0, 20)),
        random.bytes(32),
        { ttl: 1 },
      ),
    });
  }
  return out;
}
