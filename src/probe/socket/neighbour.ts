import { readFileSync } from 'node:fs';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { parseCidr, parseIp, type Ip } from '../../event/ip.ts';

/**
 * Why TCP was refused with EHOSTUNREACH: TCP has no error queue that would tell who said so. ARP and neighbour discovery give up after a
 * second or more (three tries, one a second; /proc/sys/net/ipv4/neigh), a routing table says no at once. Only where the kernel's own table
 * names the target as one that does not answer, no time is needed: another probe may have asked before.
 */
const PATIENCE_MS = 500;

export interface Neighbours {
  interfaces(): NodeJS.Dict<NetworkInterfaceInfo[]>;
  /** /proc/net/arp and /proc/net/route (proc(5)). */
  read(file: string): string;
}

const KERNEL: Neighbours = { interfaces: networkInterfaces, read: (file) => readFileSync(file, 'latin1') };

/** True where the next machine on the way to `target` (itself, or a router) left the question for its hardware address unanswered. */
export function neighbourUnanswered(target: Ip, afterMs: number, kernel: Neighbours = KERNEL): boolean {
  const silent = silentNeighbours(kernel);
  if (silent.has(target.text)) return true;
  if (afterMs < PATIENCE_MS) return false;
  try {
    if (isOnLink(target, kernel)) return true;
    return gateways(kernel.read('/proc/net/route')).some((gateway) => silent.has(gateway));
  } catch {
    // Without netlink or /proc (a locked-up service) nothing is known.
    return false;
  }
}

function isOnLink(target: Ip, kernel: Neighbours): boolean {
  const cidrs = Object.values(kernel.interfaces()).flatMap((list) => (list ?? []).map(({ cidr }) => cidr));
  return cidrs.some((cidr) => {
    const range = cidr === null ? null : parseCidr(cidr);
    if (range === null || range.family !== target.family) return false;
    return range.family === 4
      ? target.v4 >= range.from && target.v4 <= range.to
      : target.hex >= range.from && target.hex <= range.to;
  });
}

/** Addresses whose entry is not complete (ATF_COM, 0x02, is missing from the flags). */
function silentNeighbours(kernel: Neighbours): Set<string> {
  const silent = new Set<string>();
  let arp: string;
  try {
    arp = kernel.read('/proc/net/arp');
  } catch {
    return silent;
  }
  for (const line of arp.split('\n').slice(1)) {
    const [address, , flags] = line.trim().split(/\s+/);
    if (address !== undefined && flags !== undefined && (Number(flags) & 2) === 0) silent.add(address);
  }
  return silent;
}

/** Routers of the IPv4 routing table: hexadecimal numbers in host byte order, which is little endian here. */
function gateways(route: string): string[] {
  return route
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const hex = line.trim().split(/\s+/)[2] ?? '';
      if (!/^[0-9A-F]{8}$/.test(hex) || hex === '00000000') return [];
      const text = [6, 4, 2, 0].map((at) => parseInt(hex.slice(at, at + 2), 16)).join('.');
      return parseIp(text) === null ? [] : [text];
    });
}
