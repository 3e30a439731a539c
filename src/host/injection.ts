import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { isInterfaceName } from './interface.ts';

/** How an interface stands that frames of other machines are written into. Null: the kernel does not say. */
export interface InjectionLook {
  exists: boolean;
  mtu: number | null;
  /** Addresses of this machine on it; there should be none. */
  addresses: string[];
  /** IPv6 is on, so that the kernel listens to what comes in. */
  ipv6: boolean | null;
}

/** Looks at `/sys/class/net/NAME/mtu` and `/proc/sys/net/ipv6/conf/NAME/disable_ipv6`. Never throws. */
export async function lookAtInjection(name: string, root = '/'): Promise<InjectionLook> {
  if (!isInterfaceName(name)) return { exists: false, mtu: null, addresses: [], ipv6: null };
  const [mtu, disabled] = await Promise.all([
    number(join(root, 'sys/class/net', name, 'mtu')),
    number(join(root, 'proc/sys/net/ipv6/conf', name, 'disable_ipv6')),
  ]);
  const addresses = (networkInterfaces()[name] ?? []).map(({ address }) => address);
  return { exists: mtu !== null, mtu, addresses, ipv6: disabled === null ? null : disabled === 0 };
}

async function number(path: string): Promise<number | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return /^\d{1,9}$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}
