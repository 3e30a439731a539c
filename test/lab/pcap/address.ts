import { isIPv4, isIPv6 } from 'node:net';

/** The bytes of an IPv4 (4) or IPv6 (16) address in text. */
export function addressBytes(ip: string): Buffer {
  if (isIPv4(ip)) return Buffer.from(ip.split('.').map(Number));
  if (!isIPv6(ip)) throw new Error(`not an address: ${ip}`);
  const [head = '', tail] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  const out = Buffer.alloc(16);
  groups.forEach((group, index) => out.writeUInt16BE(Number.parseInt(group, 16), index * 2));
  return out;
}

/** An address in text from its 4 or 16 bytes; IPv6 in full, without `::`, as Suricata writes it. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(':');
}

export function isV6(ip: string): boolean {
  return ip.includes(':');
}

/** The six bytes of a MAC address such as `02:00:00:00:00:01`. */
export function macBytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

/** The group's Ethernet address: 33:33 + last four bytes for IPv6 (RFC 2464), 01:00:5e + 23 bits for IPv4 (RFC 1112). */
export function multicastMac(ip: string): string {
  const bytes = addressBytes(ip);
  const tail = bytes.subarray(-4);
  const mac = isV6(ip) ? [0x33, 0x33, ...tail] : [0x01, 0x00, 0x5e, tail[1]! & 0x7f, tail[2]!, tail[3]!];
  return mac.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
