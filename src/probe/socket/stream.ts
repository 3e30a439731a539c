import { systemCode } from '../../base/errors.ts';
import type { Outcome, Shot } from '../probe.ts';
import { type Libc, libcNow, loadLibc, type Message } from './libc.ts';
import { type Looked, lookUntil } from './looks.ts';
import { neighbourUnanswered } from './neighbour.ts';
import { bindToDevice } from './open.ts';
import { familyOf, fromSockaddr, SOCK_STREAM, toSockaddr } from './sockaddr.ts';
import { type Moment, momentOf, roundTrip, stampArrivals } from './stamps.ts';

/**
 * Connects, sends what `payload` makes and waits for the first byte of an answer. The end of the connection or its reset by the other side
 * counts as an answer too: it came from there, behind the request.
 */
export async function exchangeStream(shot: Shot, payload: (token: string) => Buffer): Promise<Outcome> {
  const libc = libcNow() ?? (await loadLibc());
  let fd: number;
  try {
    fd = libc.socket(familyOf(shot.to), SOCK_STREAM, 0);
  } catch (error) {
    return { error: systemCode(error), answeredMs: null };
  }
  try {
    const connection = new Connection(libc, fd, shot, payload);
    return connection.open() ?? (await lookUntil(shot, connection));
  } finally {
    libc.close(fd);
  }
}

/** Answers are read away: a connection that is closed with some of it left is reset, and servers complain of that. */
const MOST_READ = 64;

class Connection implements Looked {
  private readonly libc: Libc;
  private readonly fd: number;
  private readonly shot: Shot;
  private readonly payload: (token: string) => Buffer;
  private readonly opened = performance.now();
  private asked: Moment | null = null;

  constructor(libc: Libc, fd: number, shot: Shot, payload: (token: string) => Buffer) {
    this.libc = libc;
    this.fd = fd;
    this.shot = shot;
    this.payload = payload;
  }

  /** Begins to connect, and asks where that is done at once. */
  open(): Outcome | null {
    const { libc, fd, shot } = this;
    return this.orFailed(() => {
      bindToDevice(libc, fd, shot.device);
      stampArrivals(libc, fd);
      if (libc.connect(fd, toSockaddr(shot.to, shot.port ?? 0))) this.ask();
      return null;
    });
  }

  /** One look at the socket; null where nothing is decided. */
  look(): Outcome | null {
    if (this.asked !== null) return this.answer(this.asked);
    return this.orFailed(() => {
      if (this.libc.isConnected(this.fd)) this.ask();
      return null;
    });
  }

  begun(): number {
    return this.asked?.steady ?? this.opened;
  }

  gaveUp(): Outcome {
    return { error: this.asked === null ? 'ETIMEDOUT' : null, answeredMs: null };
  }

  private ask(): void {
    const { libc, fd, shot } = this;
    const local = fromSockaddr(libc.localAddress(fd));
    const bytes = this.payload(shot.token());
    const start = momentOf(libc);
    // Some hundred bytes always fit into the buffer of a new connection.
    libc.send(fd, bytes);
    this.asked = start;
    shot.sent({ ip: local?.ip ?? null, port: local?.port ?? null });
  }

  private answer(start: Moment): Outcome | null {
    let first: number | null = null;
    for (let i = 0; i < MOST_READ; i++) {
      const message = this.receive();
      if (message === null) break;
      if (message !== 'error') first ??= roundTrip(message, start);
      if (message === 'error' || message.bytes.length === 0)
        return { error: null, answeredMs: first ?? performance.now() - start.steady };
    }
    return first === null ? null : { error: null, answeredMs: first };
  }

  private receive(): Message | null | 'error' {
    try {
      return this.libc.receive(this.fd, 'data');
    } catch {
      return 'error';
    }
  }

  /** A failure before the request was sent. */
  private orFailed(act: () => null): Outcome | null {
    try {
      return act();
    } catch (error) {
      const code = systemCode(error);
      if (code === '') throw error;
      const silent = code === 'EHOSTUNREACH' && neighbourUnanswered(this.shot.to.ip, performance.now() - this.opened);
      return { error: silent ? 'arp_unanswered' : code, answeredMs: null };
    }
  }
}
