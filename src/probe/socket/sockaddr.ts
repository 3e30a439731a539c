import { formatIpv4, parseIp } from '../../event/ip.ts';
import type { Address } from '../target.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;

export function familyOf(address: Address): number {
  return address.ip.family === 4 ? AF_INET : AF_INET6;
}

/** struct sockaddr_in (ip(7)) or sockaddr_in6 (ipv6(7)). */
export function toSockaddr(address: Address, port: number): Buffer {
  if (address.ip.family === 4) {
    const out = Buffer.alloc(16);
    out.writeUInt16LE(AF_INET, 0);
    out.writeUInt16BE(port, 2);
    out.writeUInt32BE(address.ip.v4, 4);
    return out;
  }
  const out = Buffer.alloc(28);
  out.writeUInt16LE(AF_INET6, 0);
  out.writeUInt16BE(port, 2);
  Buffer.from(address.ip.hex, 'hex').copy(out, 8);
  out.writeUInt32LE(address.scope, 24);
  return out;
}

/** Address and port of a struct sockaddr, or null where it is of another family or cut short. */
export function fromSockaddr(bytes: Buffer): { ip: string; port: number } | null {
  if (bytes.length < 8) return null;
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  if (family === AF_INET) return { ip: formatIpv4(bytes.readUInt32BE(4)), port };
  if (family !== AF_INET6 || bytes.length < 24) return null;
  const groups = bytes.toString('hex', 8, 24).match(/.{4}/g) ?? [];
  return { ip: parseIp(groups.join(':'))?.text ?? '::', port };
}
