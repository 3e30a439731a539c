import { Socket } from 'node:net';
import { systemCode } from '../../base/errors.ts';
import type { Outcome, Shot } from '../probe.ts';
import { bindToDevice, SOCK_STREAM } from './datagram.ts';
import { loadLibc } from './libc.ts';
import { neighbourUnanswered } from './neighbour.ts';
import { familyOf } from './sockaddr.ts';

/**
 * Connects, sends what `payload` makes and waits for the first byte of an answer. The end of the connection or its reset by the other side
 * counts as an answer too: it came from there, behind the request.
 */
export async function exchangeStream(shot: Shot, payload: (token: string) => Buffer): Promise<Outcome> {
  let socket: Socket;
  try {
    socket = await openSocket(shot);
  } catch (error) {
    const code = systemCode(error);
    if (code === '' || code === 'probe_unavailable') throw error;
    return { error: code, answeredMs: null };
  }
  return new Promise((resolve) => {
    const begun = performance.now();
    let asked: number | null = null;
    let ended = false;
    const end = (outcome: Outcome): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      shot.stop.delete(giveUp);
      socket.destroy();
      resolve(outcome);
    };
    const answered = (): void => {
      if (asked !== null) end({ error: null, answeredMs: performance.now() - asked });
    };
    const giveUp = (): void => end({ error: asked === null ? 'ETIMEDOUT' : null, answeredMs: null });
    const timer = setTimeout(giveUp, shot.waitMs);
    shot.stop.add(giveUp);
    socket.on('connect', () => {
      const bytes = payload(shot.token());
      asked = performance.now();
      socket.write(bytes);
      shot.sent({ ip: plain(socket.localAddress), port: socket.localPort ?? null });
    });
    socket.on('data', answered);
    socket.on('end', answered);
    socket.on('error', (error) => {
      if (asked !== null) return answered();
      const code = systemCode(error) || 'EIO';
      const silent = code === 'EHOSTUNREACH' && neighbourUnanswered(shot.to.ip, performance.now() - begun);
      end({ error: silent ? 'arp_unanswered' : code, answeredMs: null });
    });
    if (shot.stop.stopped) return giveUp();
    socket.connect({ host: shot.to.text, port: shot.port ?? 0 });
  });
}

/** Node cannot bind to a device, so such a socket is made by hand and given to Node before it connects. */
async function openSocket(shot: Shot): Promise<Socket> {
  if (shot.device === null) return new Socket();
  const libc = await loadLibc();
  const fd = libc.socket(familyOf(shot.to), SOCK_STREAM, 0);
  try {
    bindToDevice(libc, fd, shot.device);
    return new Socket({ fd, readable: true, writable: true });
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function plain(address: string | undefined): string | null {
  return address?.replace(/%.*$/, '') ?? null;
}
