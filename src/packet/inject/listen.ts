import { VardeError } from '../../base/errors.ts';
import { parseIp } from '../../event/ip.ts';
import { AF_INET, AF_INET6, failure, failureName, SOCK_DGRAM, SOL_SOCKET, type System } from './system.ts';

const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SO_RCVTIMEO = 20;
const SO_TIMESTAMPNS = 35;
const SO_RXQ_OVFL = 40;
const SO_MEMINFO = 55;
const MEMINFO_FIELDS = 9;
const MEMINFO_DROPS = 8;

/** A blocking receive comes back after this long, so that the thread can be stopped and can look after its outputs. */
export const RECEIVE_TIMEOUT_MS = 100;

export interface ListenAddress {
  text: string;
  address: string;
  family: 4 | 6;
  port: number;
}

/** `0.0.0.0:37008`, `[::]:37008`. @throws VardeError usage */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const ip = match === null ? null : parseIp(match[1] ?? match[2]!);
  const port = Number(match?.[3]);
  if (ip === null || (match?.[1] !== undefined) !== (ip.family === 6) || port < 1 || port > 65_535)
    throw new VardeError('usage', `"${text}" is no address to listen on: write 0.0.0.0:37008 or [::]:37008`);
  return { text, address: ip.text, family: ip.family, port };
}

export interface Listening {
  fd: number;
  text: string;
  /** What the kernel gave: twice the size that was asked where that was allowed. */
  receiveBufferBytes: number;
  /** As the last datagram or {@link dropsOf} told. */
  kernelDrops: number;
}

/** Opens one socket; a buffer of 0 bytes leaves the system's default. @throws VardeError tzsp_listen */
export function listen(
  system: System,
  where: ListenAddress,
  options: { receiveBufferBytes: number; wantsTime: boolean; v6only: boolean },
): Listening {
  const fd = system.socket(where.family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
  if (fd < 0) throw new VardeError('tzsp_listen', `${where.text}: no socket (${failureName(fd)})`);
  const set = (level: number, name: number, value: number): number => system.setOption(fd, level, name, int(value));
  if (where.family === 6) set(IPPROTO_IPV6, IPV6_V6ONLY, options.v6only ? 1 : 0);
  const size = Math.min(options.receiveBufferBytes, 0x3fffffff);
  // Beyond net.core.rmem_max only with CAP_NET_ADMIN.
  if (size > 0 && set(SOL_SOCKET, SO_RCVBUFFORCE, size) < 0) set(SOL_SOCKET, SO_RCVBUF, size);
  set(SOL_SOCKET, SO_RXQ_OVFL, 1);
  if (options.wantsTime) set(SOL_SOCKET, SO_TIMESTAMPNS, 1);
  system.setOption(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(system, RECEIVE_TIMEOUT_MS));
  const bound = system.bind(fd, socketAddress(where));
  if (bound < 0) {
    system.close(fd);
    const why =
      bound === failure('EADDRINUSE')
        ? 'another program listens there'
        : bound === failure('EADDRNOTAVAIL')
          ? 'this machine has no such address'
          : failureName(bound);
    throw new VardeError('tzsp_listen', `${where.text}: ${why}`);
  }
  const got = Buffer.alloc(4);
  system.getOption(fd, SOL_SOCKET, SO_RCVBUF, got);
  return { fd, text: where.text, receiveBufferBytes: got.readInt32LE(), kernelDrops: 0 };
}

/**
 * Datagrams that the socket has dropped since it was opened, modulo 2^32 (SK_MEMINFO_DROPS of linux/sock_diag.h): also those after which none came that
 * could tell of them. @returns -1 before Linux 4.12
 */
export function dropsOf(system: System, fd: number): number {
  const information = Buffer.alloc(4 * MEMINFO_FIELDS);
  return system.getOption(fd, SOL_SOCKET, SO_MEMINFO, information) < 0
    ? -1
    : information.readUInt32LE(4 * MEMINFO_DROPS);
}

function int(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

/** struct timeval, two words. */
function timeval(system: System, milliseconds: number): Buffer {
  const { word } = system.layout;
  const buffer = Buffer.alloc(2 * word);
  buffer.writeInt32LE(Math.floor(milliseconds / 1000), 0);
  buffer.writeInt32LE((milliseconds % 1000) * 1000, word);
  return buffer;
}

/** struct sockaddr_in (ip(7)) or sockaddr_in6 (ipv6(7)). */
export function socketAddress({ address, family, port }: ListenAddress): Buffer {
  const ip = parseIp(address)!;
  const buffer = Buffer.alloc(family === 4 ? 16 : 28);
  buffer.writeUInt16LE(family === 4 ? AF_INET : AF_INET6, 0);
  buffer.writeUInt16BE(port, 2);
  if (family === 4) buffer.writeUInt32BE(ip.v4, 4);
  else for (const [i, word] of ip.words.entries()) buffer.writeUInt32BE(word, 8 + 4 * i);
  return buffer;
}
