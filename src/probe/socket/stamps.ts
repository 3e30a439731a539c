import { systemCode } from '../../base/errors.ts';
import { readControl, SO_TIMESTAMPNS, SO_TIMESTAMPNS_NEW, SOL_SOCKET } from './control.ts';
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

/** Has the kernel stamp what arrives at this socket, where it can. */
export function stampArrivals(libc: Libc, fd: number): void {
  stamping ??= keepStamping(libc);
  if (stamping !== null && stamping !== NONE) libc.setOption(fd, SOL_SOCKET, stamping, ONE);
}

/** In place of an option: this kernel knows none of them. */
const NONE = -1;
/** The option to ask for stamps with; null: not known yet. */
let stamping: number | null = null;

/**
 * The kernel stamps packets only while some socket wants it, and begins and ceases with a rewrite of its own code (net_enable_timestamp).
 * One socket that stays open keeps it from doing so for every probe, and the stamps of the first ones right.
 *
 * @returns the option that this kernel has (the one with 64-bit seconds since Linux 5.1); null where that could not be found out now
 */
function keepStamping(libc: Libc): number | null {
  let fd = -1;
  let found: number | null = null;
  try {
    fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
    const kept = fd;
    found = [SO_TIMESTAMPNS_NEW, SO_TIMESTAMPNS].find((option) => enable(libc, kept, option)) ?? NONE;
  } catch {
    // Out of sockets or of memory, which passes.
  }
  if (fd !== -1 && (found === null || found === NONE)) libc.close(fd);
  return found;
}

/** False where the kernel does not know the option. */
function enable(libc: Libc, fd: number, option: number): boolean {
  try {
    libc.setOption(fd, SOL_SOCKET, option, ONE);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOPROTOOPT') return false;
    throw error;
  }
}

/**
 * Milliseconds until a message arrived: by its stamp where that is believable (the clock may have been set meanwhile), else until now, which
 * is the moment of a look. The end of a connection carries no stamp.
 */
export function roundTrip(message: Message, start: Moment): number {
  const steady = performance.now() - start.steady;
  const { time } = readControl(message.control, WORD);
  if (time === null) return steady;
  const stamped = time - start.real;
  return stamped >= 0 && stamped <= steady + 1 ? stamped : steady;
}
