import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What an interface is: `card` has hardware below it; `dummy` is one that setup may make; `other` is there for something else (bridge, bond, VLAN,
 * tunnel …); `absent`.
 */
export interface InterfaceMake {
  make: 'card' | 'dummy' | 'other' | 'absent';
  /** Of `other`, in a word or two. */
  what: string;
}

/** linux/if_arp.h, linux/if.h. */
const ARPHRD_ETHER = '1';
const IFF_NOARP = 0x80;

/**
 * Looks at `/sys/class/net/NAME` (sysfs-class-net of the kernel), which tells most kinds by a mark of their own, and a dummy by having none: Ethernet, no
 * ARP, nothing below it.
 *
 * @param root `/`, or the root of an image, which has no interfaces
 */
export function interfaceMake(name: string, root = '/'): InterfaceMake {
  const folder = join(root, 'sys/class/net', name);
  const other = (what: string): InterfaceMake => ({ make: 'other', what });
  if (!existsSync(folder)) return { make: 'absent', what: '' };
  if (existsSync(join(folder, 'device'))) return { make: 'card', what: '' };
  const kind = /^DEVTYPE=(\S+)$/m.exec(read(join(folder, 'uevent')))?.[1];
  if (kind !== undefined) return other(kind);
  for (const [file, what] of [
    ['bridge', 'bridge'],
    ['bonding', 'bond'],
    ['tun_flags', 'tunnel'],
  ] as const)
    if (existsSync(join(folder, file))) return other(what);
  const value = (file: string): string => read(join(folder, file)).trim();
  const isPlain = value('type') === ARPHRD_ETHER && value('iflink') === value('ifindex') && !/^ifb\d/.test(name);
  return isPlain && (Number(value('flags')) & IFF_NOARP) !== 0
    ? { make: 'dummy', what: '' }
    : other('virtual interface that is no dummy');
}

/** The most that a socket's receive buffer may be asked for now (net.core.rmem_max, socket(7)); null where the kernel does not say. */
export function receiveBufferLimit(root = '/'): number | null {
  const text = read(join(root, 'proc/sys/net/core/rmem_max')).trim();
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** Whether systemd-networkd starts at boot and makes this machine's network, as its files that are not ours tell (netplan writes into /run). */
export function makesNetwork(root = '/'): boolean {
  try {
    lstatSync(join(root, 'etc/systemd/system/multi-user.target.wants/systemd-networkd.service'));
  } catch {
    return false;
  }
  return ['etc', 'run'].some((folder) =>
    names(join(root, folder, 'systemd/network')).some(
      (name) => name.endsWith('.network') && !name.startsWith('50-varde-'),
    ),
  );
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
