import { at, type Host, outside, routerOf } from '../household.ts';
import { tcpConversation, udpConversation, type Turn } from '../pcap/conversation.ts';
import type { Packet } from '../pcap/frame.ts';
import type { Random } from '../pcap/random.ts';
import { type Answer, dnsLookup, dnsOverTcp, dnsQuery, type Lookup } from '../protocol/dns.ts';
import { PEOPLE, OFFICE_SERVER, POLLER, SERVER, THINGS } from '../household.ts';
import { clock, each, HOUR, MINUTE, moments, SECOND } from './rhythm.ts';
import { type Site, SITES } from './sites.ts';

/** Asks the router's resolver everything in `lookups` from one socket, as a C library does with A and AAAA. */
export function ask(
  host: Host,
  start: number,
  random: Random,
  lookups: readonly Omit<Lookup, 'id'>[],
  server = at(routerOf(host), 53),
): Packet[] {
  const turns: Turn[] = lookups.flatMap((lookup) => dnsLookup({ ...lookup, id: random.integer(1, 65535) }));
  return udpConversation(turns, {
    client: at(host, random.integer(32768, 60999)),
    server,
    start,
    random,
    rtt: random.integer(400, 9000),
  });
}

/** The look-ups before a visit: A, AAAA and now and then the newer HTTPS record. */
export function lookUp(host: Host, site: Site, start: number, random: Random): Packet[] {
  const alias = site.speaks === 'modern' && site.name.length % 3 === 0;
  const owner = alias ? `edge.${site.name}` : site.name;
  const front: Answer[] = alias ? [{ name: site.name, type: 'CNAME', ttl: 600, data: owner }] : [];
  const lookups: Omit<Lookup, 'id'>[] = [
    {
      name: site.name,
      type: 'A',
      answers: [...front, { name: owner, type: 'A', ttl: random.integer(30, 300), data: site.ip4 }],
    },
    {
      name: site.name,
      type: 'AAAA',
      answers:
        site.ip6 === null
          ? front
          : [...front, { name: owner, type: 'AAAA', ttl: random.integer(30, 300), data: site.ip6 }],
    },
  ];
  if (host.kind === 'phone' || host.kind === 'tablet')
    lookups.push({ name: site.name, type: 'HTTPS', answers: [{ name: site.name, type: 'HTTPS', ttl: 300, data: '' }] });
  return ask(host, start, random, host.ip6 === undefined ? lookups.slice(0, 1) : lookups);
}

const SOA: Answer = {
  name: 'example.org',
  type: 'SOA',
  ttl: 300,
  data: 'ns1.example.org hostmaster.example.org 2026011501 7200 3600 1209600 300',
};

/** Everything else that a resolver hears in a day. */
export function otherNames(random: Random): Packet[] {
  const out: Packet[] = [];
  const pick = (): Host => random.pick(PEOPLE);
  for (const time of moments(random, 90, 'home')) {
    const name = random.pick([
      'wpad.home.test',
      'printr.home.test',
      'exmaple.example.org',
      'intern.example.org',
      'isatap.home.test',
    ]);
    out.push(...ask(pick(), time, random, [{ name, type: 'A', rcode: 'NXDOMAIN', authorities: [SOA] }]));
  }
  for (const time of moments(random, 60, 'always')) {
    const site = random.pick(SITES);
    out.push(
      ...ask(SERVER, time, random, [
        {
          name: site.name.split('.').slice(-2).join('.'),
          type: 'MX',
          answers: [
            { name: 'example.com', type: 'MX', data: '10 mx1.example.com' },
            { name: 'example.com', type: 'MX', data: '20 mx2.example.net' },
          ],
        },
      ]),
    );
  }
  for (const time of moments(random, 40, 'always')) {
    const reversed = random.pick(SITES).ip4.split('.').reverse().join('.');
    out.push(
      ...ask(SERVER, time, random, [
        {
          name: `${reversed}.in-addr.arpa`,
          type: 'PTR',
          answers: [{ name: `${reversed}.in-addr.arpa`, type: 'PTR', data: 'host.example.net' }],
        },
      ]),
    );
  }
  for (const time of moments(random, 25, 'office')) {
    out.push(
      ...ask(OFFICE_SERVER, time, random, [
        {
          name: '_sip._udp.office.home.test',
          type: 'SRV',
          answers: [{ name: '_sip._udp.office.home.test', type: 'SRV', data: '10 60 5060 office-server.home.test' }],
        },
      ]),
    );
  }
  out.push(
    ...overTcp(random),
    ...oddQuestions(random),
    ...tunnel(random),
    ...misspeltStorm(random),
    ...strayResolvers(random),
  );
  for (const time of each(random, 30 * MINUTE, 20 * SECOND)) {
    out.push(
      ...ask(SERVER, time, random, [
        {
          name: 'heartbeat-ping.home.test',
          type: 'A',
          answers: [{ name: 'heartbeat-ping.home.test', type: 'A', data: '192.168.40.12' }],
        },
      ]),
    );
  }
  return out;
}

/** Long answers: a text record that does not fit a datagram, asked for again over TCP. */
function overTcp(random: Random): Packet[] {
  const text = `v=spf1 ${SITES.slice(0, 24)
    .map((site) => `ip4:${site.ip4}`)
    .join(' ')} -all`;
  return moments(random, 24, 'always').flatMap((time) => {
    const lookup = {
      id: random.integer(1, 65535),
      name: 'example.com',
      type: 'TXT',
      answers: [{ name: 'example.com', type: 'TXT', data: text }],
    } as const;
    const place = { server: at(routerOf(SERVER), 53), random, rtt: 500 };
    const client = at(SERVER, random.integer(32768, 60999));
    const asked = random.chance(0.5);
    return asked
      ? tcpConversation(dnsOverTcp(lookup), { ...place, client, start: time })
      : udpConversation(dnsLookup(lookup), { ...place, client, start: time });
  });
}

/** Types and bytes that no browser asks for. */
function oddQuestions(random: Random): Packet[] {
  const start = clock('11:20');
  const host = PEOPLE[1]!;
  const lookups: Omit<Lookup, 'id'>[] = [
    { name: 'example.com', type: 'SOA', answers: [{ ...SOA, name: 'example.com' }] },
    {
      name: 'example.com',
      type: 'NS',
      answers: [{ name: 'example.com', type: 'NS', data: 'ns1.example.com' }],
      additionals: [{ name: 'ns1.example.com', type: 'A', data: '192.0.2.53' }],
    },
    {
      name: 'server.home.test',
      type: 'SSHFP',
      answers: [{ name: 'server.home.test', type: 'SSHFP', data: `4 2 ${'ab'.repeat(32)}` }],
      authentic: true,
      edns: true,
    },
    { name: 'example.com', type: 'ANY', rcode: 'REFUSED' },
    { name: 'null.example.org', type: 'NULL', answers: [{ name: 'null.example.org', type: 'NULL', data: 'a\u0000b' }] },
    { name: Buffer.from([0xff, 0xfe, 0x80]), type: 'A', rcode: 'NXDOMAIN' },
    {
      name: 'jänner.example.org',
      type: 'A',
      answers: [{ name: 'jänner.example.org', type: 'A', data: '203.0.113.30' }],
    },
    { name: 'slow.example.org', type: 'A', rcode: 'SERVFAIL' },
    {
      name: '<script>alert(1)</script>.example.org',
      type: 'TXT',
      answers: [{ name: 'x.example.org', type: 'TXT', data: '=HYPERLINK("http://www.example.org/","click")' }],
    },
  ];
  const packets = lookups.flatMap((lookup, index) => ask(host, start + index * 9 * SECOND, random, [lookup]));
  const noise = udpConversation(
    [
      {
        from: 'client',
        bytes: Buffer.concat([dnsQuery({ id: 7, name: 'cut.example.org', type: 'A' }).subarray(0, 15)]),
      },
    ],
    {
      client: at(host, 40404),
      server: at(routerOf(host), 53),
      start: start + 5 * MINUTE,
      random,
    },
  );
  return [...packets, ...noise];
}

/** Somebody carries data out in names. */
function tunnel(random: Random): Packet[] {
  return each(random, 20 * SECOND, 6 * SECOND, 22.2 * HOUR, 22.9 * HOUR).flatMap((time) => {
    const label = random.bytes(25).toString('hex');
    return ask(POLLER, time, random, [
      {
        name: `${label}.t.example.org`,
        type: 'TXT',
        answers: [{ name: `${label}.t.example.org`, type: 'TXT', ttl: 1, data: random.bytes(30).toString('base64') }],
      },
    ]);
  });
}

/** Made-up names, many in a minute, none of which exists: how malware looks for its server. */
function misspeltStorm(random: Random): Packet[] {
  return ['02:40', '16:05', '23:15'].flatMap((begin) =>
    Array.from({ length: 45 }, (_, index) => {
      const name = `${random.bytes(6).toString('hex')}.example.net`;
      return ask(POLLER, clock(begin) + index * 2 * SECOND, random, [
        { name, type: 'A', rcode: 'NXDOMAIN', authorities: [SOA] },
      ]);
    }).flat(),
  );
}

/** Appliances with a resolver of their own choice built in. */
function strayResolvers(random: Random): Packet[] {
  const strays = [THINGS[6]!, THINGS[7]!, PEOPLE[8]!];
  return moments(random, 150, 'always').flatMap((time) => {
    const site = random.pick(SITES);
    return ask(
      random.pick(strays),
      time,
      random,
      [{ name: site.name, type: 'A', answers: [{ name: site.name, type: 'A', data: site.ip4 }] }],
      outside('192.0.2.53', 53),
    );
  });
}
