import type { Random } from '../pcap/random.ts';

/** A site on the Internet, which for the lab is made of documentation addresses (RFC 5737, RFC 3849). */
export interface Site {
  name: string;
  ip4: string;
  ip6: string | null;
  /** How its pages come: the share of TLS 1.3, of QUIC; the rest is TLS 1.2. */
  speaks: 'modern' | 'old' | 'plain';
  /** Round trip in microseconds. */
  rtt: number;
}

const MODERN = [
  'www.example.com',
  'search.example.com',
  'news.example.com',
  'video.example.com',
  'music.example.com',
  'social.example.com',
  'mail.example.org',
  'maps.example.net',
  'cloud.example.com',
  'photos.example.com',
  'chat.example.net',
  'cdn.example.net',
  'img.example.net',
  'fonts.example.net',
  'api.example.com',
  'push.example.net',
  'ads.example.net',
  'tracker.example.net',
  'games.example.net',
  'store.example.net',
  'calendar.example.org',
  'meet.example.com',
  'translate.example.com',
  'docs.example.com',
  'code.example.org',
  'watch-counter.example.net',
];
const OLD = [
  'shop.example.net',
  'bank.example.com',
  'library.example.org',
  'school.example.org',
  'tax.example.org',
  'trains.example.net',
  'museum.example.org',
  'insurance.example.com',
  'parcel.example.net',
  'hotel.example.net',
  'clinic.example.org',
  'supplier.example.com',
  'payroll.example.com',
  'firmware.example.net',
  'solar.example.net',
  'telemetry.example.net',
];
const PLAIN = [
  'updates.example.org',
  'mirror.example.org',
  'weather.example.org',
  'bakery.example.net',
  'forum.example.org',
  'radio.example.net',
  'time.example.net',
  'captive.example.com',
  'wiki.example.org',
  'old.example.com',
  'choir.example.org',
  'recipes.example.net',
];

const NETWORKS = ['198.51.100', '203.0.113', '192.0.2'];

function site(name: string, index: number, speaks: Site['speaks']): Site {
  const last = 16 + Math.floor(index / 3);
  const ip6 = index % 5 === 4 ? null : `2001:db8:${(0x100 + index).toString(16)}::${last.toString(16)}`;
  return { name, speaks, ip4: `${NETWORKS[index % 3]}.${last}`, ip6, rtt: 6000 + ((index * 7919) % 70) * 1000 };
}

export const SITES: readonly Site[] = [
  ...MODERN.map((name, index) => site(name, index, 'modern')),
  ...OLD.map((name, index) => site(name, 30 + index, 'old')),
  ...PLAIN.map((name, index) => site(name, 60 + index, 'plain')),
];

/** Names whose servers speak TLS 1.2 and so show a certificate. */
export const CERTIFIED: readonly string[] = SITES.filter((it) => it.speaks === 'old').map((it) => it.name);

const BY_NAME = new Map(SITES.map((it) => [it.name, it]));

export function siteNamed(name: string): Site {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new Error(`no such site: ${name}`);
  return found;
}

/** A site by popularity: the n-th most popular is visited 1/n as often (Zipf). Everybody has an own order of likings. */
export function chooseSite(random: Random, taste: number): Site {
  const rank = Math.floor(Math.exp(random.next() * Math.log(SITES.length))) - 1;
  return SITES[(rank * 7 + taste * 5) % SITES.length]!;
}
