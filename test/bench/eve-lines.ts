import type { Random } from '../lab/pcap/random.ts';

/** One connection of the made-up network; the lines that belong to it share its flow id. */
export interface Conversation {
  flowId: string;
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
  transport: 'TCP' | 'UDP';
  protocol: 'dns' | 'tls' | 'http' | 'ssh' | 'failed';
  name: string;
}

const DIGITS = '0123456789abcdef';

function hex(random: Random, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += DIGITS[random.integer(0, 15)]!;
  return text;
}

/** Small indices are much more frequent than large ones, as with real servers and names. */
function skewed(random: Random, count: number): number {
  const draw = random.next();
  return Math.floor(draw * draw * draw * count);
}

const HOME = Array.from({ length: 60 }, (_, i) =>
  i % 6 === 5
    ? `2001:0db8:0077:0000:0000:0000:0000:${(i + 16).toString(16).padStart(4, '0')}`
    : `192.168.${i % 3}.${i + 10}`,
);
const SERVERS = Array.from(
  { length: 2500 },
  (_, i) => `${i % 2 === 0 ? '203.0' : '198.51'}.${(i * 7) % 256}.${((i * 13) % 254) + 1}`,
);
const NAMES = Array.from(
  { length: 4000 },
  (_, i) =>
    `${['www', 'api', 'cdn', 'img', 'mail', 'push'][i % 6]}${i % 40}.site-${i}.${['example', 'test', 'invalid'][i % 3]}`,
);
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'curl/8.14.1',
  'Debian APT-HTTP/1.3 (3.0.3)',
];
const PATHS = [
  '/',
  '/index.html',
  '/api/v1/items?page=',
  '/assets/app.js?v=',
  '/images/photo-',
  '/wp-login.php',
  '/search?q=varde+',
];
const CATEGORIES = [
  'Attempted Information Leak',
  'Misc activity',
  'A Network Trojan was detected',
  'Potentially Bad Traffic',
];
const SIGNATURES = Array.from({ length: 48 }, (_, i) => ({
  id: 9_000_000 + i,
  severity: (i % 3) + 1,
  text: `VARDE BENCH ${['SCAN', 'POLICY', 'MALWARE', 'INFO'][i % 4]} Made-up signature number ${i} for measuring`,
  category: CATEGORIES[i % 4]!,
}));
const RECORD_TYPES = ['A', 'A', 'A', 'AAAA', 'AAAA', 'HTTPS', 'PTR', 'TXT'];
const JA3 =
  '771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,0-23-65281-10-11-35-16-5-13-18-51-45-43-27-17513-21,29-23-24,0';

export function conversation(random: Random, protocol: Conversation['protocol']): Conversation {
  const ports = { dns: 53, tls: 443, http: 80, ssh: 22, failed: random.integer(1, 65_535) };
  return {
    flowId: String(Math.floor(random.next() * 2 ** 31) * 1_000_003 + random.integer(0, 999_999)),
    source: HOME[skewed(random, HOME.length)]!,
    sourcePort: random.integer(32_768, 60_999),
    destination: protocol === 'dns' ? '192.168.0.1' : SERVERS[skewed(random, SERVERS.length)]!,
    destinationPort: ports[protocol],
    transport: protocol === 'dns' ? 'UDP' : 'TCP',
    protocol,
    name: NAMES[skewed(random, NAMES.length)]!,
  };
}

function head(c: Conversation, time: string, type: string): string {
  return (
    `{"timestamp":"${time}","flow_id":${c.flowId},"in_iface":"eth0","event_type":"${type}","vlan":[20],` +
    `"src_ip":"${c.source}","src_port":${c.sourcePort},"dest_ip":"${c.destination}","dest_port":${c.destinationPort},"proto":"${c.transport}"`
  );
}

export function dnsLines(random: Random, c: Conversation): ((time: string) => string)[] {
  const id = random.integer(0, 65_535);
  const type = random.pick(RECORD_TYPES);
  const address = SERVERS[skewed(random, SERVERS.length)]!;
  const ttl = random.integer(1, 86_400);
  const code = random.chance(0.06) ? 'NXDOMAIN' : 'NOERROR';
  const answers = [0, 1, 2]
    .map((i) => `{"rrname":"${c.name}","rrtype":"${type}","ttl":${ttl + i},"rdata":"${address}"}`)
    .join(',');
  return [
    (time) =>
      `${head(c, time, 'dns')},"pkt_src":"wire/pcap","dns":{"type":"query","id":${id},"rrname":"${c.name}","rrtype":"${type}","tx_id":0,"opcode":0}}`,
    (time) =>
      `${head(c, time, 'dns')},"pkt_src":"wire/pcap","dns":{"version":2,"type":"answer","id":${id},"flags":"8180","qr":true,"rd":true,"ra":true,` +
      `"opcode":0,"rrname":"${c.name}","rrtype":"${type}","rcode":"${code}","answers":[${answers}],"grouped":{"${type}":["${address}"]}}}`,
  ];
}

export function tlsLine(random: Random, c: Conversation): (time: string) => string {
  const version = random.chance(0.8) ? 'TLS 1.3' : 'TLS 1.2';
  const ja3 = hex(random, 32);
  const ja3s = hex(random, 32);
  const ja4 = `t13d1516h2_${hex(random, 12)}_${hex(random, 12)}`;
  const certificate =
    version === 'TLS 1.3'
      ? ''
      : `"subject":"CN=${c.name}","issuerdn":"C=NO, O=Made Up Authority, CN=Made Up R${random.integer(1, 9)}","serial":"${hex(random, 24)}","fingerprint":"${hex(random, 40)}","notbefore":"2026-09-01T00:00:00","notafter":"2026-12-01T00:00:00",`;
  return (time) =>
    `${head(c, time, 'tls')},"pkt_src":"wire/pcap","tls":{${certificate}"sni":"${c.name}","version":"${version}",` +
    `"ja3":{"hash":"${ja3}","string":"${JA3}"},"ja3s":{"hash":"${ja3s}","string":"771,4866,43-51"},"ja4":"${ja4}"}}`;
}

export function httpLines(random: Random, c: Conversation): ((time: string) => string)[] {
  const path = `${random.pick(PATHS)}${random.integer(1, 5000)}`;
  const referrer = `http://${c.name}/from?session=${hex(random, 24)}`;
  const status = random.pick([200, 200, 200, 200, 301, 304, 404, 500]);
  const size = random.integer(200, 200_000);
  const http =
    `"http":{"hostname":"${c.name}","url":"${path}","http_user_agent":"${random.pick(AGENTS)}","http_content_type":"text/html","http_refer":"${referrer}",` +
    `"http_method":"${random.chance(0.9) ? 'GET' : 'POST'}","protocol":"HTTP/1.1","status":${status},"length":${size}}`;
  const sha256 = hex(random, 64);
  return [
    (time) => `${head(c, time, 'http')},"pkt_src":"wire/pcap","tx_id":0,${http}}`,
    (time) =>
      `${head(c, time, 'fileinfo')},"pkt_src":"wire/pcap",${http},"app_proto":"http","fileinfo":{"filename":"${path}","magic":"HTML document, ASCII text",` +
      `"gaps":false,"state":"CLOSED","sha256":"${sha256}","stored":false,"size":${size},"tx_id":0}}`,
  ];
}

export function sshLine(random: Random, c: Conversation): (time: string) => string {
  const side = (software: string): string =>
    `{"proto_version":"2.0","software_version":"${software}","hassh":{"hash":"${hex(random, 32)}","string":"curve25519-sha256,ecdh-sha2-nistp256;chacha20-poly1305@openssh.com,aes256-gcm@openssh.com;hmac-sha2-256;none"}}`;
  const ssh = `"ssh":{"client":${side('OpenSSH_10.0p2')},"server":${side('OpenSSH_9.2p1')}}`;
  return (time) => `${head(c, time, 'ssh')},"pkt_src":"wire/pcap","tx_id":0,${ssh}}`;
}

export function alertLine(random: Random, c: Conversation): (time: string) => string {
  const signature = SIGNATURES[skewed(random, SIGNATURES.length)]!;
  const packets = random.integer(3, 60);
  return (time) =>
    `${head(c, time, 'alert')},"pkt_src":"wire/pcap","metadata":{"flowbits":["varde.bench.seen"]},"tx_id":0,"alert":{"action":"allowed","gid":1,` +
    `"signature_id":${signature.id},"rev":3,"signature":"${signature.text}","category":"${signature.category}","severity":${signature.severity},` +
    `"metadata":{"affected_product":["Any"],"attack_target":["Client_Endpoint"],"created_at":["2026_01_11"],"deployment":["Perimeter"],"signature_severity":["Major"],"updated_at":["2026_03_02"]}},` +
    `"app_proto":"${c.protocol}","direction":"to_server","flow":{"pkts_toserver":${packets},"pkts_toclient":${packets - 1},"bytes_toserver":${packets * 81},` +
    `"bytes_toclient":${packets * 912},"start":"${time}","src_ip":"${c.source}","dest_ip":"${c.destination}","src_port":${c.sourcePort},"dest_port":${c.destinationPort}},` +
    `"payload_printable":"GET /${c.flowId} HTTP/1.1\\r\\nHost: ${c.name}\\r\\nUser-Agent: ${AGENTS[0]!}\\r\\n\\r\\n","stream":1}`;
}

export function flowLine(random: Random, c: Conversation, started: string): (time: string) => string {
  const up = random.integer(1, 90);
  const down = random.integer(0, 200);
  const upBytes = up * 60 + random.integer(0, up * 700);
  const downBytes = down * 60 + random.integer(0, down * 1400);
  const tcp =
    c.transport === 'TCP'
      ? `,"tcp":{"tcp_flags":"1b","tcp_flags_ts":"1b","tcp_flags_tc":"1b","syn":true,"fin":true,"psh":true,"ack":true,"state":"closed","ts_max_regions":1,"tc_max_regions":1}`
      : '';
  const ether = `,"ether":{"dest_macs":["02:00:5e:10:00:01"],"src_macs":["02:00:5e:${hex(random, 2)}:${hex(random, 2)}:${hex(random, 2)}"]}`;
  return (time) =>
    `${head(c, time, 'flow')},"app_proto":"${c.protocol}","flow":{"pkts_toserver":${up},"pkts_toclient":${down},"bytes_toserver":${upBytes},"bytes_toclient":${downBytes},` +
    `"start":"${started}","end":"${time}","age":${up % 60},"state":"${down > 0 ? 'closed' : 'new'}","reason":"timeout","alerted":false}${ether}${tcp}}`;
}

const COUNTERS = Array.from(
  { length: 190 },
  (_, i) => `"counter_of_part_${i}":{"packets":${i * 31},"bytes":${i * 7919}`,
);

export function statsLine(uptime: number, time: string): string {
  return `{"timestamp":"${time}","event_type":"stats","stats":{"uptime":${uptime},"capture":{"kernel_packets":${uptime * 113},"kernel_drops":0},${COUNTERS.join('},')}}}}`;
}
