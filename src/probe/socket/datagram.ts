import { systemCode } from '../../base/errors.ts';
import type { Outcome, Shot } from '../probe.ts';
import {
  IP_RECVERR,
  IPV6_RECVERR,
  meaningOf,
  readControl,
  SO_BINDTODEVICE,
  SO_TIMESTAMPNS_NEW,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
} from './control.ts';
import { type Libc, loadLibc, type Watch } from './libc.ts';
import { AF_INET, familyOf, fromSockaddr, toSockaddr } from './sockaddr.ts';

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;

/** A kind of socket to try, with its own options. */
export interface SocketSpec {
  type: number;
  protocol: number;
  options?: readonly { level: number; name: number; value: Buffer }[];
}

export interface Exchange {
  /** The first that this process may open is taken. */
  sockets: readonly SocketSpec[];
  /** What to send; `spec` is the socket that was taken, `sourcePort` its own port. */
  payload(token: string, spec: SocketSpec): Buffer;
  isAnswer(bytes: Buffer, spec: SocketSpec): boolean;
}

/** Messages read at one awakening: a flood of answers must not keep everything else waiting. */
const MOST_AT_ONCE = 64;

/** Sends one datagram from a socket of its own and waits for an answer, or for the news that it never reached the wire. */
export async function exchangeDatagram(shot: Shot, exchange: Exchange): Promise<Outcome> {
  const libc = await loadLibc();
  let fd = -1;
  try {
    const opened = openFirst(libc, shot, exchange.sockets);
    fd = opened.fd;
    prepare(libc, fd, shot);
    for (const { level, name, value } of opened.spec.options ?? []) libc.setOption(fd, level, name, value);
    libc.connect(fd, toSockaddr(shot.to, shot.port ?? 0));
    const local = fromSockaddr(libc.localAddress(fd));
    const bytes = exchange.payload(shot.token(), opened.spec);
    const start = { real: libc.realtime(), steady: performance.now() };
    libc.send(fd, bytes);
    shot.sent({ ip: local?.ip ?? null, port: shot.port === null ? null : (local?.port ?? null) });
    return await waitFor(libc, fd, shot, { ...exchange, spec: opened.spec, local: local?.ip ?? '', start });
  } catch (error) {
    const code = systemCode(error);
    if (code === '') throw error;
    return { error: code, answeredMs: null };
  } finally {
    if (fd !== -1) libc.close(fd);
  }
}

/** The first of the sockets that may be opened; the error of the last where none may. */
function openFirst(libc: Libc, shot: Shot, sockets: readonly SocketSpec[]): { fd: number; spec: SocketSpec } {
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

/** Sockets that this process may not open: until when they are not tried again. What is allowed may change while it runs. */
const refused = new Map<string, number>();
const REFUSED_MS = 60_000;

/** Binds to the device first: a wrong name must end before anything is sent. */
export function bindToDevice(libc: Libc, fd: number, device: string | null): void {
  if (device !== null) libc.setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`, 'utf8'));
}

function prepare(libc: Libc, fd: number, shot: Shot): void {
  bindToDevice(libc, fd, shot.device);
  const one = Buffer.from([1, 0, 0, 0]);
  if (shot.to.ip.family === 4) libc.setOption(fd, SOL_IP, IP_RECVERR, one);
  else libc.setOption(fd, SOL_IPV6, IPV6_RECVERR, one);
  stamping ??= keepStamping(libc, one);
  if (stamping) libc.setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS_NEW, one);
}

let stamping: boolean | null = null;

/**
 * The kernel stamps packets only while some socket wants it, and begins and ceases with a rewrite of its own code (net_enable_timestamp).
 * One socket that stays open keeps it from doing so for every probe, and the stamps of the first ones right. False before Linux 5.1: then
 * the moment of reading will do.
 */
function keepStamping(libc: Libc, one: Buffer): boolean {
  try {
    libc.setOption(libc.socket(AF_INET, SOCK_DGRAM, 0), SOL_SOCKET, SO_TIMESTAMPNS_NEW, one);
    return true;
  } catch {
    return false;
  }
}

interface Waiting extends Exchange {
  spec: SocketSpec;
  local: string;
  start: { real: number; steady: number };
}

function waitFor(libc: Libc, fd: number, shot: Shot, waiting: Waiting): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let watch: Watch | null = null;
    let ended = false;
    const end = (settle: () => void): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      shot.stop.delete(giveUp);
      watch?.close();
      settle();
    };
    const giveUp = (): void => end(() => resolve({ error: null, answeredMs: null }));
    const timer = setTimeout(giveUp, shot.waitMs);
    shot.stop.add(giveUp);
    const look = (): void => {
      if (ended) return;
      try {
        const outcome = drain(libc, fd, shot, waiting);
        if (outcome !== null) end(() => resolve(outcome));
        else watch?.again();
      } catch (error) {
        end(() => reject(error));
      }
    };
    try {
      watch = libc.watch(fd, look);
    } catch (error) {
      end(() => reject(error));
    }
    if (shot.stop.stopped) giveUp();
  });
}

const WORD = process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8;

/** Reads what waits in both queues; null where nothing of it decides. */
function drain(libc: Libc, fd: number, shot: Shot, waiting: Waiting): Outcome | null {
  let read = 0;
  for (; read < MOST_AT_ONCE; read++) {
    const message = receiveData(libc, fd);
    if (message === 'error') return drainErrors(libc, fd, shot, waiting);
    if (message === null) break;
    if (!waiting.isAnswer(message.bytes, waiting.spec)) continue;
    return { error: null, answeredMs: roundTrip(readControl(message.control, WORD).time, waiting.start) };
  }
  // Woken for nothing that could be read: whatever is left in the other queue would wake us for ever.
  return read === 0 ? drainErrors(libc, fd, shot, waiting) : null;
}

function drainErrors(libc: Libc, fd: number, shot: Shot, waiting: Waiting): Outcome | null {
  for (let i = 0; i < MOST_AT_ONCE; i++) {
    const message = libc.receive(fd, 'errors');
    if (message === null) return null;
    const { notice } = readControl(message.control, WORD);
    const meaning = notice === null ? null : meaningOf(notice, waiting.local, shot.to.ip.text);
    if (meaning === null) continue;
    return 'error' in meaning
      ? { error: meaning.error, answeredMs: null }
      : { error: null, answeredMs: performance.now() - waiting.start.steady };
  }
  return null;
}

/** An error that is pending on the socket comes once, with a read; what it means stands in the error queue. */
function receiveData(libc: Libc, fd: number): ReturnType<Libc['receive']> | 'error' {
  try {
    return libc.receive(fd, 'data');
  } catch {
    return 'error';
  }
}

/** By the kernel's stamp of arrival where that is believable (the clock may have been set meanwhile), else by when it was read. */
function roundTrip(stamp: number | null, start: { real: number; steady: number }): number {
  const steady = performance.now() - start.steady;
  if (stamp === null) return steady;
  const stamped = stamp - start.real;
  return stamped >= 0 && stamped <= steady + 1 ? stamped : steady;
}
