import { readControl, SO_TIMESTAMPNS_NEW, SOL_SOCKET } from './control.ts';
import type { Libc, Message } from './libc.ts';
import { AF_INET, SOCK_DGRAM } from './sockaddr.ts';

export const WORD = process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8;
export const ONE = Buffer.from([1, 0, 0, 0]);

/** A moment by the clock that packets are stamped with and by one that is never set, in milliseconds. */
export interface Moment {
  real: number;
  steady: number;
}

export function momentOf(libc: Libc): Moment {
  return { real: libc.realtime(), steady: performance.now() };
}

/** Has the kernel stamp what arrives at this socket. */
export function stampArrivals(libc: Libc, fd: number): void {
  stamping ??= keepStamping(libc);
  if (stamping) libc.setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS_NEW, ONE);
}

let stamping: boolean | null = null;

/**
 * The kernel stamps packets only while some socket wants it, and begins and ceases with a rewrite of its own code (net_enable_timestamp).
 * One socket that stays open keeps it from doing so for every probe, and the stamps of the first ones right. False before Linux 5.1: then
 * the moment of reading will do.
 */
function keepStamping(libc: Libc): boolean {
  try {
    libc.setOption(libc.socket(AF_INET, SOCK_DGRAM, 0), SOL_SOCKET, SO_TIMESTAMPNS_NEW, ONE);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds until a message arrived: by its stamp where that is believable (the clock may have been set meanwhile), else until now. */
export function roundTrip(message: Message, start: Moment): number {
  const steady = performance.now() - start.steady;
  const { time } = readControl(message.control, WORD);
  if (time === null) return steady;
  const stamped = time - start.real;
  return stamped >= 0 && stamped <= steady + 1 ? stamped : steady;
}
