import { ALL_HOSTS, at, type Host, OFFICE_PEOPLE, outside, PEOPLE, THINGS } from '../household.ts';
import { tcpConversation, type Turn, udpConversation } from '../pcap/conversation.ts';
import type { Endpoint, Packet } from '../pcap/frame.ts';
import type { Random } from '../pcap/random.ts';
import { AGENTS, type Exchange, http } from '../protocol/http.ts';
import { quicSession } from '../protocol/quic.ts';
import { type ClientProfile, PROFILES, tls12, tls13 } from '../protocol/tls.ts';
import { lookUp } from './names.ts';
import { moments, MINUTE, type Rhythm } from './rhythm.ts';
import { chooseSite, type Site, siteNamed } from './sites.ts';
import type { Ingredients } from './zoo.ts';

const PAGES = [
  '/',
  '/index.html',
  '/article/2026/winter',
  '/search?q=ski+wax',
  '/images/fjord.jpg',
  '/style.css',
  '/app.js',
  '/feed.xml',
  '/api/weather?place=Bod%C3%B8',
  '/favicon.ico',
  '/list?page=2',
  '/r%C3%A9sum%C3%A9.pdf',
];
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  css: 'text/css',
  js: 'application/javascript',
  xml: 'application/xml',
  ico: 'image/x-icon',
  pdf: 'application/pdf',
};

/** A page's content: the same path of the same site always has the same bytes, hence the same hashes. */
function content(site: Site, target: string): string {
  const words = `${site.name} ${target} `;
  return `<!doctype html><title>${words}</title>${words.repeat(3 + (words.length % 40))}`;
}

function plainExchange(site: Site, host: Host, random: Random): Exchange {
  const target = random.pick(PAGES);
  const type = TYPES[/\.(\w+)$/.exec(target)?.[1] ?? ''] ?? 'text/html; charset=utf-8';
  const agent =
    host.kind === 'computer'
      ? AGENTS.desktop
      : host.kind === 'television'
        ? AGENTS.television
        : host.kind === 'tablet'
          ? AGENTS.tablet
          : AGENTS.phone;
  const base: Exchange = {
    target,
    host: site.name,
    agent,
    type,
    answer: content(site, target),
    headers: ['Accept-Language: nb,en;q=0.7'],
    after: random.integer(1000, 400_000),
  };
  const dice = random.next();
  if (dice < 0.08) return { ...base, status: '404 Not Found', answer: 'not here' };
  if (dice < 0.16) return { ...base, status: '304 Not Modified' };
  if (dice < 0.22)
    return {
      ...base,
      status: '301 Moved Permanently',
      answerHeaders: [`Location: https://${site.name}${target}`],
      answer: '',
    };
  if (dice < 0.3)
    return {
      ...base,
      gzip: true,
      headers: [...base.headers!, 'Accept-Encoding: gzip', `Referer: http://${site.name}/`],
    };
  if (dice < 0.34) return { ...base, method: 'HEAD' };
  if (dice < 0.38) return { ...base, chunked: 500 };
  if (dice < 0.41)
    return {
      ...base,
      method: 'POST',
      target: '/login',
      body: 'user=anna&password=hemmelig',
      status: '302 Found',
      answerHeaders: ['Location: /home', 'Set-Cookie: id=1'],
      answer: '',
    };
  if (dice < 0.44)
    return {
      ...base,
      headers: ['Range: bytes=0-99'],
      status: '206 Partial Content',
      answerHeaders: ['Content-Range: bytes 0-99/5000'],
      answer: content(site, target).slice(0, 100),
    };
  return base;
}

function profileOf(host: Host): ClientProfile {
  if (host.kind === 'computer') return PROFILES.browser;
  return host.kind === 'phone' || host.kind === 'tablet' ? PROFILES.phone : PROFILES.appliance;
}

function volume(random: Random, typical: number): number {
  return Math.min(60_000, Math.round(typical * Math.exp((random.next() - 0.5) * 3)));
}

/** One connection of `host` to `site`. */
export function connection(host: Host, site: Site, start: number, random: Random, found: Ingredients): Packet[] {
  const v6 = site.ip6 !== null && host.ip6 !== undefined && random.chance(0.55);
  const to = (port: number): Endpoint => outside(v6 ? site.ip6! : site.ip4, port, host);
  const place = {
    client: at(host, random.integer(32768, 60999), v6),
    start,
    random,
    rtt: site.rtt + random.integer(0, 4000),
    end: random.chance(0.15) ? ('none' as const) : ('fin' as const),
  };
  if (site.speaks === 'plain') {
    const turns = http(...Array.from({ length: random.integer(1, 3) }, () => plainExchange(site, host, random)));
    return tcpConversation(turns, { ...place, server: to(80) });
  }
  if (site.speaks === 'modern' && host.kind !== 'appliance' && random.chance(0.28)) {
    return udpConversation(quicSession(site.name, random, random.integer(4, 14)), { ...place, server: to(443) });
  }
  const certificate = found.certificates.get(site.name);
  const old = certificate !== undefined && (host.kind === 'appliance' || random.chance(0.6));
  const turns: Turn[] = old
    ? tls12(site.name, profileOf(host), certificate, random, volume(random, 500), volume(random, 3000))
    : tls13(
        random.chance(0.02) ? null : site.name,
        { ...profileOf(host), versions: [0x0304, 0x0303] },
        random,
        volume(random, 700),
        volume(random, 6000),
      );
  return tcpConversation(turns, { ...place, server: to(443) });
}

/** A visit: the name is looked up unless it is still known, then the site and what its pages pull in. */
function visit(
  host: Host,
  taste: number,
  start: number,
  random: Random,
  known: Map<string, number>,
  found: Ingredients,
): Packet[] {
  const main = chooseSite(random, taste);
  const pulled =
    main.speaks === 'modern' && random.chance(0.4)
      ? [
          siteNamed(
            random.pick([
              'cdn.example.net',
              'img.example.net',
              'ads.example.net',
              'tracker.example.net',
              'fonts.example.net',
            ]),
          ),
        ]
      : [];
  let now = start;
  return [main, ...pulled].flatMap((site) => {
    const packets: Packet[] = [];
    if ((known.get(site.name) ?? 0) < now) {
      packets.push(...lookUp(host, site, now, random));
      known.set(site.name, now + 5 * MINUTE);
      now += 40_000;
    }
    packets.push(...connection(host, site, now, random, found));
    now += random.integer(20_000, 600_000);
    return packets;
  });
}

const VISITS: Readonly<Partial<Record<Host['kind'], number>>> = {
  computer: 62,
  phone: 48,
  tablet: 40,
  television: 24,
  console: 22,
  appliance: 12,
  camera: 10,
  printer: 5,
  voip: 5,
};

/** Everybody's browsing and every appliance's talk with its maker. */
export function browsing(random: Random, found: Ingredients): Packet[] {
  const people = new Set([...PEOPLE, ...OFFICE_PEOPLE]);
  const out: Packet[] = [];
  ALL_HOSTS.forEach((host, index) => {
    const count = VISITS[host.kind] ?? 0;
    const own = random.fork(host.name);
    const rhythm: Rhythm = !people.has(host) ? 'always' : host.ip4.startsWith('10.') ? 'office' : 'home';
    const known = new Map<string, number>();
    for (const time of moments(own, count, rhythm)) {
      if (people.has(host)) out.push(...visit(host, index, time, own, known, found));
      else {
        const site = siteNamed(
          own.pick([
            'telemetry.example.net',
            'firmware.example.net',
            'push.example.net',
            host === THINGS[4] ? 'solar.example.net' : 'time.example.net',
          ]),
        );
        out.push(...lookUp(host, site, time, own), ...connection(host, site, time + 30_000, own, found));
      }
    }
  });
  return [...out, ...cameraPages(random.fork('camera'), found)];
}

/** The cameras' own pages at home, behind a certificate that signed itself. */
function cameraPages(random: Random, found: Ingredients): Packet[] {
  const certificate = found.certificates.get('appliance.home.test')!;
  return moments(random, 18, 'home').flatMap((start) => {
    const turns = tls12('appliance.home.test', PROFILES.browser, certificate, random, 400, volume(random, 3000));
    return tcpConversation(turns, {
      client: at(random.pick(PEOPLE.slice(0, 6)), random.integer(32768, 60999)),
      server: at(random.pick([THINGS[2]!, THINGS[3]!]), 443),
      start,
      random,
      rtt: 1800,
    });
  });
}
