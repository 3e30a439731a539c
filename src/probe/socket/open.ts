import type { Shot } from '../probe.ts';
import { SO_BINDTODEVICE, SOL_SOCKET } from './control.ts';
import type { Libc } from './libc.ts';
import { familyOf } from './sockaddr.ts';

/** A kind of socket to try, with its own options. */
export interface SocketSpec {
  type: number;
  protocol: number;
  options?: readonly { level: number; name: number; value: Buffer }[];
}

/** Sockets that this process may not open: until when they are not tried again. What is allowed may change while it runs. */
const refused = new Map<string, number>();
const REFUSED_MS = 60_000;

/** The first of the sockets that may be opened; the error of the last where none may. @throws SystemError */
export function openFirst(libc: Libc, shot: Shot, sockets: readonly SocketSpec[]): { fd: number; spec: SocketSpec } {
  let last: unknown;
  for (const [i, spec] of sockets.entries()) {
    const name = `${spec.type} ${spec.protocol}`;
    // The last one is always tried: its error is what people are told.
    if (i < sockets.length - 1 && (refused.get(name) ?? 0) > performance.now()) continue;
    try {
      return { fd: libc.socket(familyOf(shot.to), spec.type, spec.protocol), spec };
    } catch (error) {
      last = error;
      refused.set(name, performance.now() + REFUSED_MS);
    }
  }
  throw last;
}

/** Before anything is sent: a wrong name must end before that. @throws SystemError ENODEV */
export function bindToDevice(libc: Libc, fd: number, device: string | null): void {
  if (device !== null) libc.setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`, 'utf8'));
}
