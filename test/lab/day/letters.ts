import { at, type Host, OFFICE_PEOPLE, outside, PEOPLE, SERVER } from '../household.ts';
import { dialogue, tcpConversation } from '../pcap/conversation.ts';
import type { Packet } from '../pcap/frame.ts';
import type { Random } from '../pcap/random.ts';
import { ftp, type Letter, pop3, smtp, smtpStartTls } from '../protocol/mail.ts';
import { PROFILES, tls13 } from '../protocol/tls.ts';
import { NAS } from '../household.ts';
import { clock, moments } from './rhythm.ts';

/** The antivirus test text, in pieces: a scanner of this very file should find nothing. */
export const TEST_VIRUS = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE', '!$H+H*'].join(
  '',
);

const SUBJECTS = [
  'Minutes of the meeting',
  '=?utf-8?B?QmzDpWLDpnIgb2cgZmzDuHRl?=',
  'Invoice 2026-0115',
  'Re: Re: holiday',
  '=?iso-8859-1?Q?Gr=FC=DFe?=',
  'Your parcel',
  'Weekly report',
  '<b>Bold</b> offer',
  'Fwd: photos',
];

function letter(random: Random, from: string, to: readonly string[], serverName: string, helo: string): Letter {
  const number = random.integer(1, 0x7fffffff).toString(16);
  const text = `Hello,\r\n\r\nsee https://news.example.com/${number.slice(0, 3)} for more.\r\n\r\nKind regards`;
  return { from, to, subject: random.pick(SUBJECTS), text, helo, server: serverName, id: number };
}

/** Mail in and out of the own server, with attachments, refusals and some that nobody should open. */
export function mail(random: Random): Packet[] {
  const out: Packet[] = [];
  const people = ['anna@home.test', 'bjorn@home.test', '"Cleo, Ms" <cleo@home.test>', 'sales@office.home.test'];
  const inbound = (time: number, it: Letter, ip: string): void => {
    out.push(
      ...tcpConversation(smtp(it), {
        client: outside(ip, random.integer(32768, 60999)),
        server: at(SERVER, 25),
        start: time,
        random,
        rtt: 900,
      }),
    );
  };
  for (const time of moments(random, 120, 'office')) {
    const index = random.integer(1, 2);
    const it = letter(
      random,
      `writer${random.integer(1, 40)}@example.com`,
      [random.pick(people)],
      'server.home.test',
      `mx${index}.example.com`,
    );
    const roll = random.next();
    if (roll < 0.15)
      it.attachment = {
        name: 'møteplan.pdf',
        type: 'application/pdf',
        bytes: Buffer.concat([Buffer.from('%PDF-1.7\n'), random.bytes(900)]),
      };
    else if (roll < 0.22)
      it.extraHeaders = [
        'X-Mailer: LabMail 3',
        'Reply-To: other@example.org',
        'Cc: copy@example.org, second@example.org',
      ];
    else if (roll < 0.32)
      Object.assign(it, {
        to: ['somebody@elsewhere.example.org'],
        refusal: '554 5.7.1 <somebody@elsewhere.example.org>: Relay access denied',
      });
    inbound(time, it, `198.51.100.${30 + index}`);
  }
  for (const time of moments(random, 60, 'office')) {
    const it = letter(
      random,
      'anna@home.test',
      [`reader${random.integer(1, 30)}@example.org`, 'second@example.net'],
      'mx1.example.org',
      'server.home.test',
    );
    const host: Host = SERVER;
    out.push(
      ...tcpConversation(smtp(it), {
        client: at(host, random.integer(32768, 60999)),
        server: outside('203.0.113.25', 25),
        start: time,
        random,
        rtt: 31_000,
      }),
    );
  }
  for (const time of moments(random, 40, 'office')) {
    const rest = tls13('mx1.example.org', PROFILES.appliance, random, 900, 400);
    out.push(
      ...tcpConversation(smtpStartTls('server.home.test', 'mx1.example.org', rest), {
        client: at(SERVER, random.integer(32768, 60999)),
        server: outside('203.0.113.25', 25),
        start: time,
        random,
        rtt: 31_000,
      }),
    );
  }
  const bad = letter(
    random,
    'Billing <billing@watch-counter.example.net>',
    ['sales@office.home.test'],
    'server.home.test',
    'dialup-77.example.net',
  );
  inbound(
    clock('09:42'),
    {
      ...bad,
      subject: 'Overdue!!!',
      attachment: { name: 'invoice.pdf.js', type: 'application/javascript', bytes: Buffer.from('var x = "lab";') },
    },
    '203.0.113.78',
  );
  inbound(
    clock('09:58'),
    {
      ...bad,
      subject: 'Scan',
      attachment: { name: 'scan.com', type: 'application/octet-stream', bytes: Buffer.from(TEST_VIRUS) },
    },
    '203.0.113.78',
  );
  const probing = dialogue([
    'S: 220 server.home.test ESMTP',
    'C: HELO x',
    'S: 250 server.home.test',
    'C: VRFY root',
    'S: 252 2.0.0 Cannot verify',
    'C: EXPN staff',
    'S: 502 5.5.1 Not implemented',
    'C: AUTH LOGIN',
    'S: 503 5.5.1 Not enabled',
    'C: QUIT',
    'S: 221 Bye',
  ]);
  for (const time of moments(random, 12, 'night')) {
    out.push(
      ...tcpConversation(probing, {
        client: outside('203.0.113.90', random.integer(32768, 60999)),
        server: at(SERVER, 25),
        start: time,
        random,
        rtt: 900,
      }),
    );
  }
  return [...out, ...fetching(random)];
}

/** Old habits inside: POP3, and FTP to the NAS. */
function fetching(random: Random): Packet[] {
  const out: Packet[] = [];
  for (const time of moments(random, 30, 'office')) {
    const turns = pop3('sales', 'geheim', 'Subject: order\r\n\r\nTwo of them, please.');
    out.push(
      ...tcpConversation(turns, {
        client: at(OFFICE_PEOPLE[8]!, random.integer(32768, 60999)),
        server: at(SERVER, 110),
        start: time,
        random,
        rtt: 1500,
      }),
    );
  }
  moments(random, 22, 'home').forEach((time, index) => {
    const port = 50100 + index;
    const wrong = random.chance(0.2);
    const session = ftp(
      'cleo',
      wrong ? 'wrong' : 'sommer',
      NAS.ip4,
      port,
      random.chance(0.3) ? 'STOR' : 'RETR',
      random.pick(['film.mkv', 'notes.txt', 'bilder/ås.jpg']),
      Buffer.alloc(4000, `file ${index} `),
    );
    const place = {
      client: at(PEOPLE[6]!, random.integer(32768, 60999)),
      server: at(NAS, 21),
      start: time,
      random,
      rtt: 500,
    };
    const control = tcpConversation(session.control, place);
    out.push(...control);
    const opened = control.find((packet) => packet.frame.includes('150 Opening'))?.time;
    if (opened !== undefined)
      out.push(
        ...tcpConversation(session.data, {
          ...place,
          client: at(PEOPLE[6]!, random.integer(32768, 60999)),
          server: at(NAS, port),
          start: opened - 1600,
        }),
      );
  });
  return out;
}
