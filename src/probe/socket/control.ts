import { errorName } from './libc.ts';
import { fromSockaddr } from './sockaddr.ts';

export const SOL_SOCKET = 1;
export const SOL_IP = 0;
export const SOL_IPV6 = 41;
/** ip(7) and ipv6(7): errors that routers and neighbours report are kept in a queue of the socket. */
export const IP_RECVERR = 11;
export const IPV6_RECVERR = 25;
/** Names the one interface that packets leave and come by (socket(7)). */
export const SO_BINDTODEVICE = 25;
/** Arrival of each packet, 64-bit seconds on every machine (Linux 5.1; Documentation/networking/timestamping.rst). */
export const SO_TIMESTAMPNS_NEW = 64;
/** The same in two words of the machine. */
export const SO_TIMESTAMPNS = 35;

/** One entry of the error queue: struct sock_extended_err and the address that follows it (ip(7), IP_RECVERR). */
export interface ErrorNotice {
  errno: number;
  origin: 'local' | 'icmp' | 'icmp6' | 'other';
  type: number;
  code: number;
  /** Who says so; our own address where it is the kernel itself. */
  offender: string | null;
}

export interface Control {
  /** Arrival, milliseconds since the epoch with fractions, or null. */
  time: number | null;
  notice: ErrorNotice | null;
}

/** Reads ancillary data: a row of struct cmsghdr, each with its length, level and type (cmsg(3)). `word` is the size of size_t. */
export function readControl(control: Buffer, word: 4 | 8): Control {
  const out: Control = { time: null, notice: null };
  const header = word + 8;
  for (let at = 0; at + header <= control.length;) {
    const length = control.readUInt32LE(at);
    if (length < header || at + length > control.length) break;
    const level = control.readInt32LE(at + word);
    const type = control.readInt32LE(at + word + 4);
    const data = control.subarray(at + header, at + length);
    if (level === SOL_SOCKET && type === SO_TIMESTAMPNS_NEW && data.length >= 16)
      out.time = Number(data.readBigInt64LE(0)) * 1000 + Number(data.readBigInt64LE(8)) / 1e6;
    else if (level === SOL_SOCKET && type === SO_TIMESTAMPNS && data.length >= 2 * word)
      out.time = wordOf(data, 0, word) * 1000 + wordOf(data, 1, word) / 1e6;
    else if ((level === SOL_IP && type === IP_RECVERR) || (level === SOL_IPV6 && type === IPV6_RECVERR))
      out.notice = readNotice(data);
    at += Math.ceil(length / word) * word;
  }
  return out;
}

function wordOf(data: Buffer, number: number, word: 4 | 8): number {
  return word === 8 ? Number(data.readBigInt64LE(number * 8)) : data.readInt32LE(number * 4);
}

const ORIGINS = ['other', 'local', 'icmp', 'icmp6'] as const;

function readNotice(data: Buffer): ErrorNotice | null {
  if (data.length < 16) return null;
  return {
    errno: data.readUInt32LE(0),
    origin: ORIGINS[data[4] ?? 0] ?? 'other',
    type: data[5] ?? 0,
    code: data[6] ?? 0,
    offender: fromSockaddr(data.subarray(16))?.ip ?? null,
  };
}

/**
 * What a notice means for a probe from `local` to `target`:
 * `answered` – the target itself says that nobody listens there, so the probe reached it;
 * `arp_unanswered` – our own kernel says that no neighbour answered, so nothing went onto the wire (it speaks with our own address);
 * a system code – our own kernel refused it; null – somebody on the way complains, behind the first wire.
 */
export function meaningOf(
  notice: ErrorNotice,
  local: string,
  target: string,
): { answered: true } | { error: string } | null {
  const { origin, type, code, offender } = notice;
  const six = origin === 'icmp6';
  if (origin === 'local') return { error: errorName(notice.errno) };
  if (origin === 'other' || type !== (six ? 1 : 3)) return null;
  const [port, host] = six ? [4, 3] : [3, 1];
  if (code === port && offender === target) return { answered: true };
  if (code === host && offender === local && local !== target) return { error: 'arp_unanswered' };
  return null;
}
