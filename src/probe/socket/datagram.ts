import { systemCode } from '../../base/errors.ts';
import type { Outcome, Shot } from '../probe.ts';
import { IP_RECVERR, IPV6_RECVERR, meaningOf, readControl, SOL_IP, SOL_IPV6 } from './control.ts';
import { type Libc, libcNow, loadLibc } from './libc.ts';
import { type Looked, lookUntil } from './looks.ts';
import { bindToDevice, openFirst, type SocketSpec } from './open.ts';
import { fromSockaddr, toSockaddr } from './sockaddr.ts';
import { type Moment, momentOf, ONE, roundTrip, stampArrivals, WORD } from './stamps.ts';

export interface Exchange {
  /** The first that this process may open is taken. */
  sockets: readonly SocketSpec[];
  /** What to send; `spec` is the socket that was taken. */
  payload(token: string, spec: SocketSpec): Buffer;
  /** `bytes` are valid within this call only. */
  isAnswer(bytes: Buffer, spec: SocketSpec): boolean;
}

/** Messages read at one look: a flood of answers must not keep everything else waiting. */
const MOST_AT_ONCE = 64;

/** Sends one datagram from a socket of its own and waits for an answer, or for the news that it never reached the wire. */
export async function exchangeDatagram(shot: Shot, exchange: Exchange): Promise<Outcome> {
  const libc = libcNow() ?? (await loadLibc());
  let fd = -1;
  try {
    const opened = openFirst(libc, shot, exchange.sockets);
    fd = opened.fd;
    prepare(libc, fd, shot);
    for (const { level, name, value } of opened.spec.options ?? []) libc.setOption(fd, level, name, value);
    libc.connect(fd, toSockaddr(shot.to, shot.port ?? 0));
    const local = fromSockaddr(libc.localAddress(fd));
    const bytes = exchange.payload(shot.token(), opened.spec);
    const start = momentOf(libc);
    libc.send(fd, bytes);
    shot.sent({ ip: local?.ip ?? null, port: shot.port === null ? null : (local?.port ?? null) });
    const waiting = new Waiting(libc, fd, shot, exchange, opened.spec, local?.ip ?? '', start);
    return await lookUntil(shot, waiting);
  } catch (error) {
    const code = systemCode(error);
    if (code === '') throw error;
    return { error: code, answeredMs: null };
  } finally {
    if (fd !== -1) libc.close(fd);
  }
}

const UNANSWERED: Outcome = { error: null, answeredMs: null };

function prepare(libc: Libc, fd: number, shot: Shot): void {
  bindToDevice(libc, fd, shot.device);
  if (shot.to.ip.family === 4) libc.setOption(fd, SOL_IP, IP_RECVERR, ONE);
  else libc.setOption(fd, SOL_IPV6, IPV6_RECVERR, ONE);
  stampArrivals(libc, fd);
}

/** A datagram that was sent. */
class Waiting implements Looked {
  private readonly libc: Libc;
  private readonly fd: number;
  private readonly shot: Shot;
  private readonly exchange: Exchange;
  private readonly spec: SocketSpec;
  private readonly local: string;
  private readonly start: Moment;

  constructor(libc: Libc, fd: number, shot: Shot, exchange: Exchange, spec: SocketSpec, local: string, start: Moment) {
    this.libc = libc;
    this.fd = fd;
    this.shot = shot;
    this.exchange = exchange;
    this.spec = spec;
    this.local = local;
    this.start = start;
  }

  begun(): number {
    return this.start.steady;
  }

  gaveUp(): Outcome {
    return UNANSWERED;
  }

  look(): Outcome | 'more' | null {
    for (let read = 0; read < MOST_AT_ONCE; read++) {
      const message = this.receive();
      if (message === null) return null;
      if (message === 'error') {
        const outcome = this.drainErrors();
        if (outcome !== null) return outcome;
      } else if (this.exchange.isAnswer(message.bytes, this.spec)) {
        return { error: null, answeredMs: roundTrip(message, this.start) };
      }
    }
    return 'more';
  }

  private drainErrors(): Outcome | null {
    for (let i = 0; i < MOST_AT_ONCE; i++) {
      const message = this.libc.receive(this.fd, 'errors');
      if (message === null) return null;
      const { notice } = readControl(message.control, WORD);
      const meaning = notice === null ? null : meaningOf(notice, this.local, this.shot.to.ip.text);
      if (meaning === null) continue;
      return 'error' in meaning
        ? { error: meaning.error, answeredMs: null }
        : { error: null, answeredMs: roundTrip(message, this.start) };
    }
    return null;
  }

  /** An error that is pending on the socket comes once, with a read; what it means stands in the error queue (IP_RECVERR in ip(7)). */
  private receive(): ReturnType<Libc['receive']> | 'error' {
    try {
      return this.libc.receive(this.fd, 'data');
    } catch {
      return 'error';
    }
  }
}
