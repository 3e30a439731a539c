import type { JsonObject } from '../../../src/event/json.ts';
import { type Random, seeded } from './random.ts';

/** A made-up event: ECS fields by their dotted names. */
export interface FakeEvent {
  id: string;
  /** Microseconds since the epoch. */
  ts: number;
  fields: Record<string, string | number | string[]>;
  /** The raw line where it is not made from the fields. */
  line?: string;
  /** The fields as a tree, once it was needed. */
  document?: JsonObject;
}

const DAY = 86_400e6;

const HOSTS = [
  ...Array.from({ length: 36 }, (_, i) => `192.168.20.${10 + i * 3}`),
  ...Array.from({ length: 6 }, (_, i) => `fd12:3456:789a:20::${(i + 16).toString(16)}`),
];
const SERVERS = Array.from(
  { length: 180 },
  (_, i) => `${[151, 93, 104, 185, 142, 20][i % 6]}.${(i * 37) % 256}.${(i * 91) % 256}.${(i * 13) % 250}`,
);
const SCANNERS = ['203.0.113.77', '198.51.100.23', '2001:db8:bad::5'];
const NAMES = [
  'cdn.shop.example',
  'mail.office.example',
  'time.pool.example',
  'updates.os.example',
  'telemetry.tv.example',
  'news.example',
  'video.stream.example',
  'api.weather.example',
  'git.forge.example',
  'photos.cloud.example',
  'ads.tracker.example',
  'login.bank.example',
  'xn--bcher-kva.example',
  'doh.resolver.example',
  ...Array.from({ length: 60 }, (_, i) => `host-${i}.service.example`),
];
const PATHS = [
  '/',
  '/index.html',
  '/api/v1/items?page=2',
  '/login',
  '/static/app.js',
  '/wp-login.php',
  '/.env',
  '/cgi-bin/luci',
  '/favicon.ico',
  '/generate_204',
];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0',
  'curl/8.5.0',
  'python-requests/2.31',
  'Go-http-client/1.1',
];
const SIGNATURES: readonly (readonly [number, string, number, string])[] = [
  [2010935, 'ET SCAN Suspicious inbound to MSSQL port 1433', 2, 'Potentially Bad Traffic'],
  [2001219, 'ET SCAN Potential SSH Scan', 2, 'Attempted Information Leak'],
  [2024897, 'ET POLICY Observed DNS Query to .onion proxy domain', 2, 'Potential Corporate Privacy Violation'],
  [2027863, 'ET INFO Observed DNS over HTTPS domain in TLS SNI', 3, 'Misc activity'],
  [2013028, 'ET POLICY curl User-Agent outbound', 3, 'Not Suspicious Traffic'],
  [2008983, 'ET MALWARE EICAR test file downloaded', 1, 'A Network Trojan was detected'],
  [2019876, 'ET EXPLOIT Possible CVE-2024-3400 command injection', 1, 'Attempted Administrator Privilege Gain'],
  [2210045, 'SURICATA STREAM Packet with invalid ack', 3, 'Generic Protocol Command Decode'],
  [2200074, 'SURICATA TCPv4 invalid checksum', 3, 'Generic Protocol Command Decode'],
  [9000001, 'VARDE heartbeat probe', 4, 'Heartbeat'],
  ...Array.from({ length: 22 }, (_, i): [number, string, number, string] => [
    9000100 + i,
    `LOCAL rule ${i + 1}: watched service on an unusual port`,
    1 + (i % 4),
    'Local policy',
  ]),
];
const TYPES: readonly (readonly [string, number])[] = [
  ['dns', 30],
  ['flow', 26],
  ['tls', 14],
  ['http', 8],
  ['quic', 4],
  ['fileinfo', 3],
  ['alert', 3],
  ['anomaly', 1.2],
  ['dhcp', 0.8],
  ['ssh', 0.8],
  ['smtp', 0.5],
  ['netflow', 6],
  ['stats', 0.6],
];
const WEIGHTS = TYPES.reduce((sum, [, weight]) => sum + weight, 0);

function typeOf(random: Random): string {
  let left = random.next() * WEIGHTS;
  for (const [type, weight] of TYPES) {
    left -= weight;
    if (left < 0) return type;
  }
  return 'flow';
}

/** How busy the house is at a point of the day, 0 to 1: quiet at night, two humps. */
function busy(part: number): number {
  const hour = part * 24;
  return 0.18 + 0.5 * Math.exp(-((hour - 11) ** 2) / 8) + 0.8 * Math.exp(-((hour - 20) ** 2) / 6);
}

/** One event of the household. `fileId` and `offset` give its id. */
export function makeEvent(random: Random, ts: number, fileId: string, offset: number): FakeEvent {
  const type = typeOf(random);
  const inside = random.often(HOSTS);
  const outside = random.often(SERVERS);
  const fields: FakeEvent['fields'] = {
    '@timestamp': isoMicros(ts),
    'event.action': type,
    'event.kind': type === 'alert' ? 'alert' : 'event',
  };
  Object.assign(fields, {
    'observer.hostname': 'sensor-1',
    'observer.ingress.interface.name': 'br0',
    'log.file.id': fileId,
    'log.offset': offset,
    'varde.source': 'file_tail:0',
  });
  if (type === 'stats') return { id: idOf(fileId, offset, ts), ts, fields };
  const flowId = String(1_000_000_000_000_000n + BigInt(random.below(2 ** 30)) * 65_537n);
  Object.assign(fields, {
    'source.ip': inside,
    'source.port': 32_768 + random.below(28_000),
    'destination.ip': outside,
    'destination.port': 443,
    'network.transport': 'tcp',
    'suricata.eve.flow_id': flowId,
    'network.community_id': `1:${random.hex(26)}=`,
    'network.direction': 'outbound',
  });
  fill(fields, type, random);
  return { id: idOf(fileId, offset, ts), ts, fields };
}

function fill(fields: FakeEvent['fields'], type: string, random: Random): void {
  const name = random.often(NAMES);
  switch (type) {
    case 'dns':
      Object.assign(fields, {
        'destination.ip': '192.168.20.1',
        'destination.port': 53,
        'network.transport': 'udp',
        'network.protocol': 'dns',
        'dns.type': random.pick(['query', 'answer']),
        'dns.question.name': name,
        'dns.question.type': random.often(['A', 'AAAA', 'HTTPS', 'PTR', 'TXT']),
      });
      if (fields['dns.type'] === 'answer') {
        fields['dns.response_code'] = random.often(['NOERROR', 'NXDOMAIN', 'SERVFAIL']);
        fields['dns.resolved_ip'] = [random.pick(SERVERS), random.pick(SERVERS)];
      }
      break;
    case 'http':
      Object.assign(fields, {
        'destination.port': random.often([80, 8080, 8000]),
        'network.protocol': 'http',
        'http.request.method': random.often(['GET', 'POST', 'HEAD']),
        'http.response.status_code': random.often([200, 304, 404, 301, 500]),
        'url.domain': name,
        'url.path': random.often(PATHS),
        'user_agent.original': random.often(AGENTS),
        'destination.domain': name,
      });
      break;
    case 'tls':
    case 'quic':
      Object.assign(fields, {
        'network.protocol': type,
        'tls.client.server_name': name,
        'tls.version': random.often(['1.3', '1.2']),
        'tls.client.ja3': random.hex(32),
        'destination.domain': name,
      });
      if (type === 'quic') fields['network.transport'] = 'udp';
      break;
    case 'fileinfo':
      Object.assign(fields, {
        'network.protocol': 'http',
        'file.path': random.often(['/setup.exe', '/eicar.com', '/firmware-2.1.bin', '/report.pdf', '/logo.png']),
        'file.size': 68 + random.below(4_000_000),
        'file.hash.sha256': random.hex(64),
        'url.domain': name,
      });
      break;
    case 'alert': {
      const [sid, text, severity, category] = random.often(SIGNATURES);
      Object.assign(fields, {
        'rule.id': sid,
        'rule.name': text,
        'rule.category': category,
        'event.severity': severity,
        'suricata.eve.alert.action': random.often(['allowed', 'blocked']),
        'network.direction': 'inbound',
      });
      if (severity < 3)
        Object.assign(fields, {
          'source.ip': random.pick(SCANNERS),
          'destination.ip': random.often(HOSTS),
          'destination.port': random.pick([22, 1433, 445, 3389]),
        });
      break;
    }
    case 'anomaly':
      Object.assign(fields, {
        'suricata.eve.anomaly.event': 'stream.pkt_invalid_ack',
        'suricata.eve.anomaly.type': 'stream',
        'network.protocol': 'tls',
      });
      break;
    case 'dhcp':
      Object.assign(fields, {
        'source.ip': '0.0.0.0',
        'source.port': 68,
        'destination.ip': '255.255.255.255',
        'destination.port': 67,
        'network.transport': 'udp',
        'network.protocol': 'dhcp',
      });
      break;
    case 'ssh':
      Object.assign(fields, {
        'source.ip': random.often(SCANNERS),
        'destination.ip': random.often(HOSTS),
        'destination.port': 22,
        'network.protocol': 'ssh',
        'user.name': random.often(['root', 'admin', 'pi']),
      });
      break;
    case 'smtp':
      Object.assign(fields, { 'destination.port': 25, 'network.protocol': 'smtp' });
      break;
    default: {
      const [up, down] = [60 + random.below(20_000), 60 + Math.floor(random.next() ** 4 * 40_000_000)];
      Object.assign(fields, {
        'network.protocol': random.often(['tls', 'dns', 'http', 'failed', 'ntp']),
        'source.bytes': up,
        'destination.bytes': down,
        'network.bytes': up + down,
        'source.packets': 1 + random.below(400),
        'suricata.eve.flow.state': 'closed',
      });
    }
  }
}

export function isoMicros(ts: number): string {
  return `${new Date(Math.floor(ts / 1000)).toISOString().slice(0, 19)}.${String(ts % 1e6).padStart(6, '0')}Z`;
}

export function idOf(fileId: string, offset: number, ts: number): string {
  return `${fileId}.${offset.toString(36)}.${ts.toString(36)}`;
}

/** A day of `count` events that ends at `end` (microseconds), oldest first. */
export function makeDay(count: number, end: number, seed: number): FakeEvent[] {
  const random = seeded(seed);
  const start = end - DAY;
  const midnight = new Date(Math.floor(start / 1000)).setHours(0, 0, 0, 0) * 1000;
  const times: number[] = [];
  while (times.length < count) {
    const ts = start + Math.floor(random.next() * DAY);
    // An outage of the sensor: a gap must be seen as a gap.
    const back = end - ts;
    if (back > 13 * 3600e6 && back < 13.6 * 3600e6) continue;
    if (random.next() < busy((((ts - midnight) % DAY) / DAY + 1) % 1)) times.push(ts);
  }
  times.sort((a, b) => a - b);
  const files = [random.hex(16), random.hex(16)];
  return times.map((ts, i) => makeEvent(random, ts, files[i < count / 2 ? 0 : 1]!, i * 700));
}
