import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the kernel says of a network interface. Null: the kernel does not say (the file is missing or unreadable). */
export interface InterfaceLook {
  name: string;
  exists: boolean;
  /** True while packets can arrive. A link without carrier, or one that is down, is false. */
  up: boolean | null;
  /** Packets received and sent since the interface was made: a mirror port receives, a dummy interface may only send. */
  packets: number | null;
  received: number | null;
  sent: number | null;
  /** Packets that the kernel or the card dropped on receipt. */
  drops: number | null;
}

/** Names as the kernel takes them (dev_valid_name in net/core/dev.c): at most 15 bytes, no slash, no blank, not a dot alone. */
export function isInterfaceName(name: string): boolean {
  return /^[^\s/:\u0000]{1,15}$/.test(name) && name !== '.' && name !== '..';
}

/**
 * Looks at `/sys/class/net/NAME` (Documentation/ABI/testing/sysfs-class-net of the kernel): `operstate` after RFC 2863, `carrier` (unreadable
 * with EINVAL while the interface is administratively down), `statistics/`. It sees the network namespace of this process only.
 * Never throws.
 */
export async function lookAtInterface(name: string, root = '/sys/class/net'): Promise<InterfaceLook> {
  const absent = { name, exists: false, up: false, packets: null, received: null, sent: null, drops: null };
  if (!isInterfaceName(name)) return absent;
  const folder = join(root, name);
  const [state, carrier, received, sent, drops] = await Promise.all([
    text(join(folder, 'operstate')),
    text(join(folder, 'carrier')),
    text(join(folder, 'statistics/rx_packets')),
    text(join(folder, 'statistics/tx_packets')),
    text(join(folder, 'statistics/rx_dropped')),
  ]);
  if (state === null && received === null) return absent;
  const [rx, tx] = [counter(received), counter(sent)];
  return {
    name,
    exists: true,
    up: isUp(state, carrier),
    packets: rx === null && tx === null ? null : (rx ?? 0) + (tx ?? 0),
    received: rx,
    sent: tx,
    drops: counter(drops),
  };
}

/** Loopback, tun and dummy report `unknown` for as long as they work: then the carrier decides. */
function isUp(state: string | null, carrier: string | null): boolean | null {
  if (state === 'up') return carrier !== '0';
  if (state === 'unknown' || state === null)
    return carrier === null ? (state === null ? null : false) : carrier === '1';
  // dormant waits for a log-in (802.1X); testing passes no traffic; lowerlayerdown, down, notpresent speak for themselves.
  return false;
}

function counter(value: string | null): number | null {
  return value !== null && /^[0-9]{1,20}$/.test(value) ? Number(value) : null;
}

async function text(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null;
  }
}
