import { VardeError } from '../../base/errors.ts';
import { type ListenAddress, socketAddress } from './listen.ts';
import { Outbox } from './outbox.ts';
import { AF_INET, AF_INET6, failure, failureName, SOCK_DGRAM, SOL_SOCKET, type System } from './system.ts';

const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;
const SEND_BUFFER_BYTES = 8 * 1024 * 1024;
const WAIT_MICROS = 50;
/** Of one batch: what its datagrams are copied into. */
const ROOM_BYTES = 4 * 1024 * 1024;
const BATCH = 128;
/** No UDP datagram is larger. */
const MOST_BYTES = 65_535;

/** Sends datagrams to one receiver, in batches. */
export class DatagramSender {
  sent = 0;
  bytes = 0;
  /** Datagrams that the socket refused as too large, or because nobody listened. */
  failed = 0;
  private readonly system: System;
  private readonly fd: number;
  private readonly room: { address: number; bytes: Buffer };
  private readonly outbox: Outbox;
  private filled = 0;

  /** @throws VardeError tzsp_output */
  constructor(system: System, to: ListenAddress) {
    this.system = system;
    this.fd = system.socket(to.family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
    if (this.fd < 0) throw new VardeError('tzsp_output', `no socket (${failureName(this.fd)})`);
    const size = Buffer.alloc(4);
    size.writeInt32LE(SEND_BUFFER_BYTES);
    if (system.setOption(this.fd, SOL_SOCKET, SO_SNDBUFFORCE, size) < 0)
      system.setOption(this.fd, SOL_SOCKET, SO_SNDBUF, size);
    const connected = system.connect(this.fd, socketAddress(to));
    if (connected < 0) throw new VardeError('tzsp_output', `${to.text} cannot be reached (${failureName(connected)})`);
    this.room = system.allocate(ROOM_BYTES);
    this.outbox = new Outbox(system, this.room.address);
  }

  /** True when `flush` should be called before more is added. */
  get full(): boolean {
    return this.outbox.count >= BATCH || this.filled > ROOM_BYTES - 65_536;
  }

  add(datagram: Uint8Array): void {
    if (datagram.length > MOST_BYTES) {
      this.failed++;
      return;
    }
    this.room.bytes.set(datagram, this.filled);
    this.outbox.add(this.filled, datagram.length);
    this.filled += datagram.length;
  }

  flush(): void {
    const { outbox } = this;
    for (let at = 0; at < outbox.count;) {
      const sent = outbox.send(this.fd, at);
      if (sent > 0) {
        for (let end = at + sent; at < end; at++) this.bytes += outbox.lengths[at]!;
        this.sent += sent;
      } else if (sent === failure('EAGAIN') || sent === failure('ENOBUFS')) this.system.sleepMicros(WAIT_MICROS);
      else if (sent === failure('ECONNREFUSED')) {
        // Told once for an earlier datagram; this one was not sent yet.
        this.failed++;
      } else if (sent === failure('EMSGSIZE')) {
        this.failed++;
        at++;
      } else if (sent !== failure('EINTR'))
        throw new VardeError('tzsp_output', `sending failed (${failureName(sent)})`);
    }
    outbox.count = 0;
    this.filled = 0;
  }

  close(): void {
    this.system.close(this.fd);
  }
}
