import { kernelFiles } from './kernel.ts';
import { networkFiles } from './networkd.ts';
import { serviceFile } from './unit.ts';

/** What a sensor is to become, checked by who asks. */
export interface TzspPlan {
  /** Interfaces to make for Suricata; names as {@link isPlainName} takes them. */
  interfaces: readonly string[];
  /** Interfaces that frames are written into: those, and network cards that are there anyway. */
  inject: readonly string[];
  /** 1600 to 16,000 bytes, see {@link MTU_RANGE}. */
  mtu: number;
  /** The sensor's own address, where routers send to. */
  address: string;
  /** `ADDRESS:PORT` each. */
  listen: readonly string[];
  /** Addresses or networks of the routers; empty: private networks. */
  routers: readonly string[];
  receiveBufferBytes: number;
  /** What any program may ask for afterwards: never less than now. */
  receiveBufferLimit: number;
  /** The eBPF path needs one more capability. */
  kernelPath: boolean;
  /** Who receives: a service of its own, or the station because its config has `tzsp:`. */
  receiver: 'service' | 'station';
  /** Folders that the station's outputs write to. */
  folders: readonly string[];
  /** Full path of `bin/varde`. */
  program: string;
  /** systemd-networkd makes this machine's network, or some of it, already. */
  networkd: boolean;
}

/** A file as it should be; paths are absolute. */
export interface SetupFile {
  path: string;
  /** What it is for, a few words. */
  purpose: string;
  text: string;
}

/**
 * Above a full Ethernet frame with two VLAN tags (1522 bytes with 802.1ad tags, which AF_PACKET does not allow for), and well below 32 KiB: af-packet
 * of Suricata refuses a frame size above its block size.
 */
export const MTU_RANGE = { least: 1600, most: 16_000, usual: 9000 } as const;

/** Names that stand unquoted in units and networkd files. The kernel takes more; systemd would read blanks, `%`, `$` and quotes in its own way. */
export function isPlainName(name: string): boolean {
  return /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(name);
}

/** Every file that the sensor needs, in the order in which they take effect. Pure: the same plan gives the same bytes. */
export function setupFiles(plan: TzspPlan): SetupFile[] {
  return [...kernelFiles(plan), ...networkFiles(plan), serviceFile(plan)];
}

/** What to run after the files are written; lines with `#` say why. */
export function afterwards(plan: TzspPlan): string[] {
  return [
    'modprobe dummy',
    'sysctl --system',
    ...(plan.networkd
      ? ['systemctl start systemd-networkd && networkctl reload']
      : [
          'systemctl enable --now systemd-networkd && networkctl reload',
          '# With it comes a service that waits at each boot, for two minutes, until networkd has made a network. Another program',
          '# (NetworkManager, ifupdown) does that here, and networkd has nothing but an interface without addresses:',
          'systemctl disable systemd-networkd-wait-online',
        ]),
    'systemctl daemon-reload',
    plan.receiver === 'station' ? 'systemctl restart varde' : 'systemctl enable --now varde-tzsp',
  ];
}
