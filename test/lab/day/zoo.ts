import {
  at,
  NAS,
  OFFICE_PEOPLE,
  OFFICE_SERVER,
  outside,
  PEOPLE,
  ROUTER,
  routerOf,
  SERVER,
  THINGS,
  type Host,
} from '../household.ts';
import {
  client,
  dialogue,
  type Placement,
  server,
  tcpConversation,
  type Turn,
  udpConversation,
} from '../pcap/conversation.ts';
import { cat, u16, u32 } from '../pcap/bytes.ts';
import {
  arpFrame,
  type Endpoint,
  type Packet,
  ethernet,
  ip,
  PROTOCOL,
  udpFrame,
  udpSegment,
  ipFrame,
} from '../pcap/frame.ts';
import type { Random } from '../pcap/random.ts';
import * as datagrams from '../protocol/datagrams.ts';
import * as devices from '../protocol/devices.ts';
import { dnsQuery, mdnsAnnouncement, mdnsQuestion } from '../protocol/dns.ts';
import { http } from '../protocol/http.ts';
import { ftp, imap, pop3, telnet } from '../protocol/mail.ts';
import { quicSession } from '../protocol/quic.ts';
import { SSH_CLIENTS, SSH_SERVER, sshSession } from '../protocol/ssh.ts';
import { PROFILES, tls12, tls13 } from '../protocol/tls.ts';
import * as windows from '../protocol/windows.ts';

/** What had to be made by other programs before the day is built. */
export interface Ingredients {
  certificates: ReadonlyMap<string, Buffer>;
  http2: Turn[];
  /** What real programs said in network namespaces, times from zero; empty where the lab may not make namespaces. */
  captured: Packet[];
}

type Scene = (start: number, random: Random, found: Ingredients) => Packet[];

const [anna, bjorn] = [PEOPLE[0]!, PEOPLE[1]!];
const desk = OFFICE_PEOPLE[0]!;
const phone = THINGS[0]!;

function place(from: Host, to: Endpoint, start: number, random: Random, more: Partial<Placement> = {}): Placement {
  return {
    client: at(from, random.integer(32768, 60999), to.ip.includes(':')),
    server: to,
    start,
    random,
    rtt: random.integer(300, 25_000),
    ...more,
  };
}

/** A conversation over TCP of one host with one endpoint. */
function tcp(from: Host, to: Endpoint, turns: (random: Random) => Turn[], more: Partial<Placement> = {}): Scene {
  return (start, random) => tcpConversation(turns(random), place(from, to, start, random, more));
}

function udp(from: Host, to: Endpoint, turns: (random: Random) => Turn[], more: Partial<Placement> = {}): Scene {
  return (start, random) => udpConversation(turns(random), place(from, to, start, random, more));
}

function ftpScene(direction: 'RETR' | 'STOR', file: string, password: string): Scene {
  return (start, random) => {
    const session = ftp('anna', password, NAS.ip4, 50021, direction, file, Buffer.from('line of a file\n'.repeat(80)));
    const control = place(anna, at(NAS, 21), start, random, { rtt: 400 });
    const packets = tcpConversation(session.control, control);
    if (password === 'wrong') return packets;
    const opened = packets.find((packet) => packet.frame.includes('150 Opening'))!.time;
    return [
      ...packets,
      ...tcpConversation(session.data, { ...place(anna, at(NAS, 50021), opened - 1500, random, { rtt: 400 }) }),
    ];
  };
}

/** A read request to port 69 and the block that another port answers with. */
const tftp: Scene = (start, random) => {
  const from = at(OFFICE_PEOPLE[8]!, random.integer(40000, 60000));
  const answer = { ...at(OFFICE_SERVER, random.integer(40000, 60000)) };
  const ask = (time: number, file: string, write: boolean): Packet => ({
    time,
    frame: udpFrame(from, at(OFFICE_SERVER, 69), datagrams.tftpRequest(file, write)[0]!.bytes),
  });
  return [
    ask(start, 'voip/firmware.bin', false),
    { time: start + 900, frame: udpFrame(answer, from, cat(u16(3), u16(1), random.bytes(200))) },
    { time: start + 1500, frame: udpFrame(from, answer, cat(u16(4), u16(1))) },
    ask(start + 2_000_000, 'voip/log-51.txt', true),
  ];
};

const arp: Scene = (start) =>
  [anna, bjorn, NAS].flatMap((host, index) => [
    { time: start + index * 900_000, frame: arpFrame(1, at(host), at(ROUTER)) },
    { time: start + index * 900_000 + 200, frame: arpFrame(2, at(ROUTER), at(host)) },
  ]);

const mdns: Scene = (start, random) => {
  const group = { mac: '01:00:5e:00:00:fb', ip: '224.0.0.251', port: 5353 };
  const group6 = { mac: '33:33:00:00:00:fb', ip: 'ff02::fb', port: 5353 };
  const name = 'printer._ipp._tcp.local';
  const answers = [
    { name: '_ipp._tcp.local', type: 'PTR', ttl: 4500, data: name },
    { name, type: 'SRV', ttl: 120, data: '0 0 631 printer.local' },
    { name, type: 'TXT', ttl: 4500, data: 'rp=ipp/print' },
    { name: 'printer.local', type: 'A', ttl: 120, data: phone.ip4 },
  ] as const;
  void random;
  return [
    { time: start, frame: udpFrame(at(anna, 5353), group, mdnsQuestion('_ipp._tcp.local')) },
    { time: start + 40_000, frame: udpFrame(at(phone, 5353), group, mdnsAnnouncement(answers)) },
    {
      time: start + 90_000,
      frame: udpFrame({ ...at(anna, 5353), ip: 'fe80::4c:40ff:fe00:15' }, group6, mdnsQuestion('_airplay._tcp.local')),
    },
  ];
};

/** One DNS question inside GRE, VXLAN, Teredo and two VLAN tags: the `tunnel` and `vlan` fields. */
const tunnels: Scene = (start, random) => {
  const inner = (from: Endpoint, to: Endpoint, id: number): Buffer =>
    ip(from.ip, to.ip, PROTOCOL.udp, udpSegment(from, to, dnsQuery({ id, name: `tunnel-${id}.home.test`, type: 'A' })));
  const a = at(desk, 40123);
  const b = { ...outside('198.51.100.53', 53, desk) };
  const far = outside('203.0.113.9', 4789, desk);
  const gre = ipFrame(
    at(OFFICE_SERVER),
    outside('203.0.113.9', 0, desk),
    PROTOCOL.gre,
    cat(u16(0), u16(0x0800), inner(a, b, 1)),
  );
  const vxlan = udpFrame(
    at(OFFICE_SERVER, 50111),
    far,
    cat(0x08, 0, 0, 0, 0, 0, 42, 0, ethernet(a.mac, b.mac, 0x0800, inner(a, b, 2))),
  );
  const six = (host: string): Endpoint => ({ mac: '', ip: host, port: host.endsWith('53') ? 53 : 41000 });
  const teredo = udpFrame(
    at(desk, 50544),
    outside('203.0.113.80', 3544, desk),
    inner(six('2001:0:c000:201::1'), six('2001:db8::53'), 3),
  );
  const ipip = ipFrame(at(OFFICE_SERVER), outside('203.0.113.9', 0, desk), PROTOCOL.ipip, inner(a, b, 4));
  const turns = [client(dnsQuery({ id: 5, name: 'vlan.home.test', type: 'AAAA' }))];
  const tagged = udpConversation(turns, place(desk, at(routerOf(desk), 53), start + 4e6, random, { vlans: [30] }));
  const stacked = udpConversation(
    turns,
    place(desk, at(routerOf(desk), 53), start + 5e6, random, { vlans: [100, 30] }),
  );
  return [
    ...[gre, vxlan, teredo, ipip].map((frame, index) => ({ time: start + index * 700_000, frame })),
    ...tagged,
    ...stacked,
  ];
};

/** One exchange of each protocol that a small network may carry. */
export const ZOO: Readonly<Record<string, Scene>> = {
  arp,
  mdns,
  tunnels,
  tftp,
  ftp_get: ftpScene('RETR', 'holiday.jpg', 'sommer'),
  ftp_put: ftpScene('STOR', 'scan-0115.pdf', 'sommer'),
  ftp_refused: ftpScene('RETR', '', 'wrong'),
  http2: (start, random, found) =>
    tcpConversation(found.http2, place(anna, at(NAS, 8080), start, random, { rtt: 500 })),
  ike: udp(OFFICE_SERVER, outside('203.0.113.9', 500, desk), (random) => datagrams.ikeV2(random), {
    client: at(OFFICE_SERVER, 500),
  }),
  ike_v1: udp(OFFICE_SERVER, outside('203.0.113.10', 500, desk), (random) => datagrams.ikeV1(random), {
    client: at(OFFICE_SERVER, 500),
  }),
  krb5: udp(desk, at(OFFICE_SERVER, 88), (random) => windows.kerberos('sales', null, random)),
  krb5_tcp: tcp(desk, at(OFFICE_SERVER, 88), (random) => windows.overTcp(windows.kerberos('boss', 24, random))),
  ldap: tcp(desk, at(OFFICE_SERVER, 389), () =>
    windows.ldap('cn=reader,dc=home,dc=test', 'geheim', 'ou=people,dc=home,dc=test', 'uid', 'anna'),
  ),
  ldap_refused: tcp(desk, at(OFFICE_SERVER, 389), () =>
    windows.ldap('cn=admin,dc=home,dc=test', 'guess', '', 'uid', 'x', 49),
  ),
  smb: tcp(desk, at(OFFICE_SERVER, 445), (random) =>
    windows.smb('sales', 'DESK-01', '\\\\office-server\\shared', 'offers\\jänner.ods', 11200975000855117829n, random),
  ),
  smb_admin: tcp(OFFICE_PEOPLE[3]!, at(OFFICE_SERVER, 445), (random) =>
    windows.smb('admin', 'DESK-04', '\\\\office-server\\ADMIN$', 'tool.exe', 9007199254740993n, random),
  ),
  dcerpc: tcp(desk, at(OFFICE_SERVER, 135), (random) => windows.dcerpc(random)),
  rdp: tcp(OFFICE_PEOPLE[8]!, at(OFFICE_SERVER, 3389), () => windows.rdp('sales')),
  nfs: tcp(desk, at(NAS, 2049), (random) => devices.nfs('backup.tar', random)),
  mqtt: tcp(THINGS[1]!, at(SERVER, 1883), () =>
    devices.mqtt('thermostat-1', 'home', 'warm', 'home/kitchen/temperature', '{"c":20.4}'),
  ),
  mqtt_binary: tcp(THINGS[4]!, at(SERVER, 1883), () =>
    devices.mqtt('inverter', 'home', 'sun', 'home/solar/raw', Buffer.from([0, 1, 0xff, 0x7f, 0]), true),
  ),
  rfb: tcp(bjorn, at(NAS, 5900), (random) => devices.rfb('nas desktop', random)),
  pgsql: tcp(SERVER, at(NAS, 5432), () =>
    devices.postgres('lab', 'household', 'swordfish', 'SELECT count(*) FROM bills'),
  ),
  websocket: tcp(anna, at(SERVER, 8080), (random) => devices.websocket('server.home.test', '/api/websocket', random)),
  modbus: tcp(SERVER, at(THINGS[4]!, 502), () => devices.modbus(1)),
  dnp3: tcp(OFFICE_SERVER, at(THINGS[5]!, 20000), () => devices.dnp3()),
  enip: tcp(OFFICE_SERVER, at(THINGS[5]!, 44818), () => devices.enip()),
  snmp: udp(OFFICE_SERVER, at(THINGS[0]!, 161), () =>
    datagrams.snmp(2, 'public', 77, '1.3.6.1.2.1.1.1.0', 'LabJet 4000'),
  ),
  snmp_v1: udp(OFFICE_SERVER, at(THINGS[0]!, 161), () => datagrams.snmp(1, 'office', 78, '1.3.6.1.2.1.1.3.0', 'up')),
  snmp_v3: udp(OFFICE_SERVER, at(THINGS[0]!, 161), () => datagrams.snmp3('monitor', 79)),
  ntp: udp(anna, outside('192.0.2.123', 123), () => datagrams.ntp()),
  sip: udp(OFFICE_PEOPLE[8]!, at(OFFICE_SERVER, 5060), () => datagrams.sip('151', 'office.home.test', '10.20.30.51'), {
    client: { ...at(OFFICE_PEOPLE[8]!), port: 5060 },
  }),
  bittorrent: udp(PEOPLE[9]!, outside('203.0.113.77', 51413), (random) => datagrams.bittorrentDht(random)),
  pop3: tcp(bjorn, at(SERVER, 110), () => pop3('bjorn', 'geheim', 'Subject: hello\r\n\r\nA short letter.')),
  imap: tcp(anna, at(SERVER, 143), () => imap('anna')),
  telnet: tcp(bjorn, at(THINGS[2]!, 23), () => telnet('root', 'xc3511')),
  ssh: tcp(anna, at(SERVER, 22), (random) => sshSession(SSH_CLIENTS.openssh, SSH_SERVER, random, 6)),
  quic: udp(anna, outside('198.51.100.20', 443), (random) => quicSession('video.example.com', random, 9)),
  quic_v6: udp(bjorn, outside('2001:db8:9::20', 443), (random) => quicSession('maps.example.net', random, 5)),
  tls13: tcp(anna, outside('198.51.100.21', 443), (random) =>
    tls13('news.example.com', PROFILES.browser, random, 600, 4000),
  ),
  tls12: (start, random, found) =>
    tcpConversation(
      tls12('shop.example.net', PROFILES.appliance, found.certificates.get('shop.example.net')!, random, 300, 2000),
      place(THINGS[1]!, outside('198.51.100.22', 443), start, random),
    ),
  wrong_port: tcp(bjorn, outside('203.0.113.66', 80), () => dialogue(['C: BREW /coffee', 'S: 418 teapot'])),
  port_mix: tcp(bjorn, outside('203.0.113.67', 443), () =>
    http({ target: '/plain', host: 'plain.example.org', answer: 'not TLS at all' }),
  ),
  one_sided: tcp(bjorn, outside('203.0.113.68', 80), () => [
    client('GET / HTTP/1.1\r\nHost: lone.example.org\r\n\r\n'),
    server('\x00\x01\x02\x03 nothing', u32(0)),
  ]),
};

/** All of the zoo, one animal every `step` microseconds. */
export function zoo(start: number, step: number, random: Random, found: Ingredients): Packet[] {
  return Object.entries(ZOO).flatMap(([name, scene], index) =>
    scene(start + index * step, random.fork(`zoo/${name}`), found),
  );
}
