import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { labEnvironment, runProgram } from './program.ts';

/** A package of Debian that the lab needs and a program that proves it is there. */
export interface LabPackage {
  name: string;
  command: string;
  suite?: 'bookworm-backports';
}

/** Everything that the lab calls: the one list. */
export const LAB_PACKAGES: readonly LabPackage[] = [
  { name: 'suricata', command: 'suricata', suite: 'bookworm-backports' },
  { name: 'iproute2', command: 'ip' },
  { name: 'ethtool', command: 'ethtool' },
  { name: 'iputils-ping', command: 'ping' },
  { name: 'tcpdump', command: 'tcpdump' },
  { name: 'hping3', command: 'hping3' },
  { name: 'nmap', command: 'nmap' },
  { name: 'nginx-light', command: 'nginx' },
  { name: 'dnsmasq-base', command: 'dnsmasq' },
  { name: 'bind9-dnsutils', command: 'dig' },
  { name: 'openssh-server', command: 'sshd' },
  { name: 'openssh-client', command: 'ssh' },
  { name: 'sshpass', command: 'sshpass' },
  { name: 'swaks', command: 'swaks' },
  { name: 'curl', command: 'curl' },
  { name: 'netcat-openbsd', command: 'nc' },
  { name: 'python3-aiosmtpd', command: 'aiosmtpd' },
  { name: 'faketime', command: 'faketime' },
  { name: 'chromium', command: 'chromium' },
  { name: 'zstd', command: 'zstd' },
  { name: 'perl', command: 'perl' },
  { name: 'e2fsprogs', command: 'mkfs.ext4' },
  { name: 'mount', command: 'mount' },
  { name: 'util-linux', command: 'flock' },
  { name: 'mmdebstrap', command: 'mmdebstrap' },
  { name: 'icinga2-bin', command: 'icinga2' },
  { name: 'icinga2-common', command: 'icinga2' },
  { name: 'logtail', command: 'logtail2' },
  { name: 'openssl', command: 'openssl' },
  { name: 'tshark', command: 'tshark' },
  { name: 'tcpreplay', command: 'tcpreplay' },
];

const SOURCES = '/etc/apt/sources.list.d';

/** Is the program there? */
export function hasCommand(command: string): boolean {
  return (labEnvironment()['PATH'] ?? '').split(':').some((folder) => mayRun(`${folder}/${command}`));
}

function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function missingPackages(wanted: readonly LabPackage[] = LAB_PACKAGES): LabPackage[] {
  return wanted.filter((it) => !hasCommand(it.command));
}

/** The mirror that this machine already uses. */
export function debianMirror(): string {
  const sources = readFileSync(`${SOURCES}/debian.sources`, 'utf8');
  const mirror = /^URIs:\s*(\S+)/m.exec(sources)?.[1];
  if (mirror === undefined) throw new Error('debian.sources names no mirror');
  return mirror;
}

/** As root installs what is missing (backports are added as a source); gives the names of what is missing still. */
export function ensureLabSoftware(wanted: readonly LabPackage[] = LAB_PACKAGES): string[] {
  const missing = missingPackages(wanted);
  if (missing.length === 0 || process.getuid?.() !== 0) return missing.map((it) => it.name);
  const text = `Types: deb\nURIs: ${debianMirror()}\nSuites: bookworm-backports\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n`;
  writeFileSync(`${SOURCES}/bookworm-backports.sources`, text);
  const apt = (...args: string[]): void => {
    runProgram(['apt-get', ...args], { stdio: 'inherit', env: labEnvironment({ DEBIAN_FRONTEND: 'noninteractive' }) });
  };
  apt('update');
  for (const suite of ['bookworm-backports', undefined] as const) {
    const names = missing.filter((it) => it.suite === suite).map((it) => it.name);
    // `-t` and not `name/suite`: Suricata's own libraries must come from backports too.
    if (names.length > 0)
      apt('install', '-y', '--no-install-recommends', ...(suite === undefined ? [] : ['-t', suite]), ...names);
  }
  return missingPackages(wanted).map((it) => it.name);
}

/** What stands in a lab test's way, in words, or null. In CI nothing may: there a missing thing is a failure. */
export function labObstacle(wanted: readonly LabPackage[]): string | null {
  const missing = missingPackages(wanted).map((it) => it.name);
  const reason = process.getuid?.() !== 0 ? 'needs root' : missing.length > 0 ? `missing: ${missing.join(', ')}` : null;
  if (reason !== null && process.env['CI'] === 'true') throw new Error(`lab test cannot run: ${reason}`);
  return reason;
}
