import {
  ALL_HOSTS,
  at,
  NAS,
  OFFICE_SERVER,
  OFFICE_THINGS,
  outside,
  PEOPLE,
  POLLER,
  ROUTER,
  routerOf,
  SENSOR,
  SERVER,
  THINGS,
  type Host,
} from '../household.ts';
import { multicastMac } from '../pcap/address.ts';
import { tcpConversation, udpConversation } from '../pcap/conversation.ts';
import { arpFrame, echoFrame, type Packet, udpFrame } from '../pcap/frame.ts';
import type { Random } from '../pcap/random.ts';
import { dhcp, type DhcpFields, ntp, sip, snmp } from '../protocol/datagrams.ts';
import { mqtt } from '../protocol/devices.ts';
import { mdnsQuestion } from '../protocol/dns.ts';
import { AGENTS, http } from '../protocol/http.ts';
import { clock, each, HOUR, MINUTE, moments, SECOND } from './rhythm.ts';

/** Identifiable pings each five minutes, and once an hour one over IPv6. */
export function heartbeats(random: Random): Packet[] {
  const payload = Buffer.from('heartbeat_ping');
  return each(random, 5 * MINUTE, 2 * SECOND).flatMap((time, index) => {
    const v6 = index % 12 === 5;
    const [from, to] = [at(SENSOR, 0, v6), at(ROUTER, 0, v6)];
    const id = 0x1000 + index;
    return [
      { time, frame: echoFrame(from, to, false, id, 1, payload) },
      { time: time + 310, frame: echoFrame(to, from, true, id, 1, payload) },
    ];
  });
}

/** A machine under foreign control asks for orders once a minute; three times in the day there are some. */
export function polling(random: Random): Packet[] {
  return each(random, MINUTE, 1.5 * SECOND).flatMap((time, index) => {
    const orders = index % 480 === 300;
    const turns = http({
      target: `/gate.php?id=7f3a&n=${index}`,
      host: '203.0.113.200',
      agent: 'Mozilla/4.0 (compatible; MSIE 8.0)',
      ...(orders ? { answer: 'fetch /next.exe', type: 'text/plain' } : { status: '204 No Content' }),
    });
    const place = {
      client: at(POLLER, 32768 + ((index * 7) % 28000)),
      server: outside('203.0.113.200', 80),
      random,
      rtt: 41_000,
    };
    const poll = tcpConversation(turns, { ...place, start: time });
    if (!orders) return poll;
    const program = Buffer.concat([Buffer.from('MZ'), random.bytes(20_000)]);
    const fetched = http({
      target: '/next.exe',
      host: '203.0.113.200',
      type: 'application/octet-stream',
      answer: program,
    });
    return [
      ...poll,
      ...tcpConversation(fetched, { ...place, client: at(POLLER, 61000 + (index % 400)), start: time + 2 * SECOND }),
    ];
  });
}

/** How a host gets its address: four messages in the morning (or at midnight), renewals at half of the lease. */
export function leases(random: Random): Packet[] {
  const out: Packet[] = [];
  const everyone = { mac: 'ff:ff:ff:ff:ff:ff', ip: '255.255.255.255', port: 67 };
  for (const host of ALL_HOSTS.filter((it) => it.kind !== 'router')) {
    const router = routerOf(host);
    const fields: Omit<DhcpFields, 'kind' | 'id'> = {
      mac: host.mac,
      ...(host.dhcpName ? { host: host.dhcpName } : {}),
    };
    const nobody = { mac: host.mac, ip: '0.0.0.0', port: 68 };
    const vendor = host.kind === 'voip' ? 'LabPhone' : host.kind === 'phone' ? 'android-dhcp-15' : undefined;
    const join =
      DAY_TIMES[host.kind] === undefined
        ? clock('00:05') + random.integer(0, 3600) * SECOND
        : clock(DAY_TIMES[host.kind]!) + random.integer(0, 5400) * SECOND;
    const id = random.integer(1, 0x7fffffff);
    const send = (time: number, kind: DhcpFields['kind'], more: Partial<DhcpFields>): void => {
      const down = kind === 'offer' || kind === 'ack' || kind === 'nak';
      const from = down ? at(router, 67) : more.current ? at(host, 68) : nobody;
      const to = down ? { mac: host.mac, ip: host.ip4, port: 68 } : more.current ? at(router, 67) : everyone;
      out.push({ time: Math.round(time), frame: udpFrame(from, to, dhcp({ ...fields, vendor, kind, id, ...more })) });
    };
    send(join, 'discover', {});
    send(join + 900, 'offer', { yours: host.ip4, server: router.ip4 });
    send(join + 1900, 'request', { requested: host.ip4, server: router.ip4 });
    send(join + 2700, 'ack', { yours: host.ip4, server: router.ip4 });
    for (let renew = join + 6 * HOUR; renew < clock('23:55'); renew += 6 * HOUR) {
      const time = renew + random.integer(0, 40) * SECOND;
      send(time, 'request', { current: host.ip4 });
      send(time + 700, 'ack', { yours: host.ip4, current: host.ip4, server: router.ip4 });
    }
  }
  const odd = PEOPLE[10]!;
  const nul = { mac: odd.mac, host: Buffer.from('guest\u0000phone'), id: 99 };
  out.push({
    time: clock('19:31'),
    frame: udpFrame(
      { mac: odd.mac, ip: '0.0.0.0', port: 68 },
      everyone,
      dhcp({ ...nul, kind: 'request', requested: '192.168.99.7' }),
    ),
  });
  out.push({
    time: clock('19:31') + 800,
    frame: udpFrame(at(ROUTER, 67), { ...everyone, port: 68 }, dhcp({ ...nul, kind: 'nak', server: ROUTER.ip4 })),
  });
  return out;
}

const DAY_TIMES: Readonly<Partial<Record<Host['kind'], string>>> = {
  computer: '07:10',
  phone: '06:20',
  tablet: '07:00',
  television: '16:40',
  console: '15:30',
};

/** Clocks, thermometers, telephones, monitoring, and who asks for whom on the local link. */
export function routine(random: Random): Packet[] {
  const out: Packet[] = [];
  for (const host of THINGS.slice(1, 6)) {
    for (const time of each(random, 75 * MINUTE, 9 * MINUTE)) {
      const celsius = (18 + random.next() * 5).toFixed(1);
      const turns = mqtt(`${host.name}-1`, 'home', 'warm', `home/${host.name}/state`, `{"value":${celsius}}`);
      out.push(
        ...tcpConversation(turns, {
          client: at(host, random.integer(49152, 65000)),
          server: at(SERVER, 1883),
          start: time,
          random,
          rtt: 900,
        }),
      );
    }
  }
  OFFICE_THINGS.filter((host) => host.kind === 'voip').forEach((host, index) => {
    for (const time of each(random, 3 * HOUR, 10 * MINUTE)) {
      out.push(
        ...udpConversation(sip(`15${index + 1}`, 'office.home.test', host.ip4), {
          client: at(host, 5060),
          server: at(OFFICE_SERVER, 5060),
          start: time,
          random,
          rtt: 2000,
        }),
      );
    }
  });
  for (const time of each(random, 30 * MINUTE, 20 * SECOND)) {
    const printer = random.pick([OFFICE_THINGS[0]!, OFFICE_THINGS[1]!]);
    out.push(
      ...udpConversation(
        snmp(
          2,
          random.chance(0.2) ? 'public' : 'office',
          random.integer(1, 99999),
          '1.3.6.1.2.1.43.10.2.1.4.1.1',
          '48211',
        ),
        {
          client: at(OFFICE_SERVER, random.integer(40000, 60000)),
          server: at(printer, 161),
          start: time,
          random,
          rtt: 3000,
        },
      ),
    );
  }
  for (const time of moments(random, 260, 'always')) {
    const host = random.pick(ALL_HOSTS);
    out.push(
      ...udpConversation(ntp(), {
        client: at(host, 123),
        server: outside(random.pick(['192.0.2.123', '192.0.2.124']), 123, host),
        start: time,
        random,
        rtt: 18_000,
      }),
    );
  }
  for (const time of moments(random, 220, 'home')) {
    const host = random.pick(PEOPLE);
    out.push(
      { time, frame: arpFrame(1, at(host), at(ROUTER)) },
      { time: time + 190, frame: arpFrame(2, at(ROUTER), at(host)) },
    );
  }
  for (const time of moments(random, 110, 'home')) {
    const group = { mac: multicastMac('224.0.0.251'), ip: '224.0.0.251', port: 5353 };
    out.push({
      time,
      frame: udpFrame(
        at(random.pick(PEOPLE), 5353),
        group,
        mdnsQuestion(
          random.pick(['_ipp._tcp.local', '_airplay._tcp.local', '_googlecast._tcp.local', '_hap._tcp.local']),
        ),
      ),
    });
  }
  return out;
}

/** Package updates and back-ups: files over plain HTTP, some large, some cut off. */
export function downloads(random: Random): Packet[] {
  const out: Packet[] = [];
  const mirror = (host: Host): ReturnType<typeof outside> => outside('198.51.100.36', 80, host);
  for (const time of moments(random, 70, 'night')) {
    const host = random.pick([NAS, SERVER, OFFICE_SERVER, SENSOR]);
    const name = random.pick([
      'libc6_2.36-9_amd64.deb',
      'curl_7.88.1_amd64.deb',
      'tzdata_2025b_all.deb',
      'InRelease',
      'Packages.xz',
    ]);
    const size = name.endsWith('.deb') ? 9000 : 3000;
    const file = Buffer.alloc(size, `${name} `);
    const turns = http({
      target: `/debian/pool/${name}`,
      host: 'mirror.example.org',
      agent: AGENTS.updater,
      type: 'application/octet-stream',
      answer: file,
    });
    out.push(
      ...tcpConversation(turns, {
        client: at(host, random.integer(32768, 60999)),
        server: mirror(host),
        start: time,
        random,
        rtt: 22_000,
      }),
    );
  }
  const large = http({
    target: '/images/netinst.iso',
    host: 'mirror.example.org',
    agent: AGENTS.curl,
    type: 'application/x-iso9660-image',
    answer: Buffer.alloc(1_500_000, 'iso '),
  });
  out.push(
    ...tcpConversation(large, {
      client: at(POLLER, 45111),
      server: mirror(POLLER),
      start: clock('20:14'),
      random,
      rtt: 22_000,
      end: 'reset',
    }),
  );
  return out;
}

/**
 * A camera's stream: a small datagram every two seconds, one flow all day. It keeps the sensor's clock going at night too: Suricata 7 dates
 * a flow's end 1970 when no packet came for five seconds of its (here: sped up) time.
 */
export function cameraStream(random: Random): Packet[] {
  const [camera, store] = [at(THINGS[3]!, 5004), at(NAS, 5004)];
  const picture = random.bytes(40);
  return each(random, 2 * SECOND, 0.2 * SECOND).map((time) => ({ time, frame: udpFrame(camera, store, picture) }));
}
