import type { TzspReport } from '../tzsp/report.ts';
import type { TzspSettings } from '../tzsp/settings.ts';
import { TZSP_HEADER_BYTES, TZSP_VERSION, TzspType } from '../tzsp/types.ts';
import { type FastPath, noFastPath, openFastPath } from './fast-path.ts';
import { Inbox } from './inbox.ts';
import { Intake, type Route } from './intake.ts';
import { dropsOf, listen, type Listening, parseListen } from './listen.ts';
import { localAddresses } from './local-addresses.ts';
import { makeRoutes } from './outputs/outputs.ts';
import type { FileEvents } from './outputs/file.ts';
import type { FrameTime } from './outputs/output.ts';
import { Pace } from './pace.ts';
import { Reassembly } from './reassembly.ts';
import { Routers } from './routers.ts';
import { SenderView } from './senders.ts';
import { failure, MSG_DONTWAIT, MSG_WAITFORONE, type System } from './system.ts';

const TICK_MS = 200;
const REPORT_MS = 1000;
const ADDRESSES_MS = 30_000;
/** While an output waits for room it is looked at this often. */
const PENDING_MS = 1;
/** Datagrams that wait when the receiver is stopped are taken for at most this long. */
const DRAIN_MS = 100;
const POLLIN = 1;
const POLLFD_BYTES = 8;
const EAGAIN = failure('EAGAIN');
const EINTR = failure('EINTR');

export interface ReceiverEvents extends FileEvents {
  report(report: TzspReport): void;
}

/**
 * Receives TZSP streams and hands their frames on: one loop around recvmmsg(2), for a thread of its own, which it blocks until it is stopped.
 */
export class Receiver {
  private readonly system: System;
  private readonly settings: TzspSettings;
  private readonly events: ReceiverEvents;
  private readonly inbox: Inbox;
  private routes: Route[] = [];
  private readonly routers: Routers;
  private readonly intake: Intake;
  private readonly sockets: Listening[] = [];
  private readonly sender = new SenderView();
  private readonly time: FrameTime = { seconds: 0, nanoseconds: 0 };
  private readonly pace = new Pace();
  private readonly wantsTime: boolean;
  /** The kernel path, or why there is none. */
  private readonly fast: FastPath | string = 'it is not open yet';
  private readonly reassembly = new Reassembly();
  private readonly started = Date.now();
  private ticked = 0;
  private reported = 0;
  private addressed = 0;

  /** Opens sockets and outputs. @throws VardeError tzsp_listen, usage */
  constructor(system: System, settings: TzspSettings, events: ReceiverEvents) {
    this.system = system;
    this.settings = settings;
    this.events = events;
    const places = settings.listen.map(parseListen);
    this.wantsTime = settings.outputs.some((it) => it.type !== 'inject');
    try {
      // Sockets come first: where a port is taken, nothing has been allocated yet.
      for (const place of places) {
        const v6only = places.some((other) => other.family === 4 && other.port === place.port);
        const { receiveBufferBytes } = settings;
        // The kernel path tells datagrams by their times.
        const wantsTime = this.wantsTime || noFastPath(settings) === null;
        this.sockets.push(listen(system, place, { receiveBufferBytes, wantsTime, v6only }));
      }
      this.inbox = new Inbox(system);
      this.routes = makeRoutes(system, settings, this.inbox.address, events);
      this.routers = new Routers(
        settings,
        this.routes.map(({ routers, output }) => ({ routers, output })),
      );
      this.intake = new Intake(new Set(places.map((it) => it.port)), localAddresses(), settings.dropDuplicatesMs);
      this.fast = openFastPath(system, settings, this.routes);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Receives until `stopped` says so, and closes everything. */
  run(stopped: () => boolean): void {
    this.system.preciseSleeps();
    const polled = this.pollList();
    try {
      while (!stopped()) {
        const taken = this.round(polled);
        const now = Date.now();
        // At once where the clock was set back.
        if (now - this.ticked >= TICK_MS || now < this.ticked) this.tick(now);
        const micros = this.pace.after(taken, now);
        if (micros > 0 && !this.isHasty(now)) this.system.sleepMicros(micros);
      }
      this.finish();
    } finally {
      this.close();
    }
  }

  report(): TzspReport {
    const noKernelPath = typeof this.fast === 'string' ? this.fast : this.fast.reason;
    for (const socket of this.sockets) {
      const drops = dropsOf(this.system, socket.fd);
      if (drops >= 0) socket.kernelDrops = drops;
    }
    return {
      time: Date.now(),
      started: this.started,
      path: noKernelPath === null ? 'kernel' : 'user',
      noKernelPath,
      sockets: this.sockets.map(({ text, receiveBufferBytes, kernelDrops }) => ({
        address: text,
        receiveBufferBytes,
        wantedBytes: this.settings.receiveBufferBytes,
        kernelDrops,
      })),
      reassemblyFailures: this.reassembly.failures(),
      ...this.routers.report(),
      outputs: this.routes.map(({ output }) => output.report()),
    };
  }

  /** Waits for datagrams and takes one batch of each socket. @returns how many there were */
  private round(polled: Buffer): number {
    const pending = this.routes.some(({ output }) => output.pending);
    const only = this.sockets.length === 1 && !pending ? this.sockets[0] : undefined;
    let taken = 0;
    if (only !== undefined) taken = this.receive(only, MSG_WAITFORONE);
    else {
      const ready = this.system.poll(polled, this.sockets.length, pending ? PENDING_MS : TICK_MS / 2);
      if (ready > 0)
        for (const [i, socket] of this.sockets.entries())
          if (polled.readInt16LE(i * POLLFD_BYTES + 6) !== 0) taken += this.receive(socket, MSG_DONTWAIT);
      if (pending) for (const { output } of this.routes) output.flush(true);
    }
    return taken;
  }

  private receive(socket: Listening, flags: number): number {
    const { inbox, intake, sender, time } = this;
    const count = inbox.receive(socket.fd, flags);
    if (count <= 0) {
      // A socket that fails, as by a link that went, must not make the loop spin.
      if (count !== EAGAIN && count !== EINTR && count !== 0) this.system.sleepMicros(1000);
      return 0;
    }
    const fast = typeof this.fast === 'string' ? null : this.fast;
    const now = Date.now();
    time.seconds = Math.floor(now / 1000);
    time.nanoseconds = (now % 1000) * 1_000_000;
    const names = inbox.senders;
    for (let slot = 0; slot < count; slot++) {
      sender.read(names, inbox.senderAt(slot));
      const router = this.routers.of(sender, now);
      if (router === null) continue;
      const start = inbox.start(slot);
      // The program takes no note of keep-alives and the like: neither may user space.
      if (fast !== null && mayCarryFrame(inbox.bytes, start, inbox.length(slot))) fast.saw(router, slot);
      if (inbox.truncated(slot)) {
        intake.takeTruncated(router, now);
        continue;
      }
      if (this.wantsTime) inbox.time(slot, time);
      intake.take(router, inbox.bytes, start, start + inbox.length(slot), time, now);
    }
    const drops = inbox.drops(count - 1);
    if (drops >= 0) socket.kernelDrops = drops;
    for (const { output } of this.routes) output.flush(count < 8);
    fast?.finished(inbox);
    return count;
  }

  private isHasty(now: number): boolean {
    return typeof this.fast !== 'string' && this.fast.wantsHaste(now);
  }

  private tick(now: number): void {
    this.ticked = now;
    for (const { output } of this.routes) output.tick(now);
    const fast = typeof this.fast === 'string' ? null : this.fast;
    fast?.tick(now);
    if (Math.abs(now - this.addressed) >= ADDRESSES_MS) {
      this.addressed = now;
      this.intake.useAddresses(localAddresses());
      fast?.attach();
    }
    if (Math.abs(now - this.reported) < REPORT_MS) return;
    this.reported = now;
    this.events.report(this.report());
  }

  private pollList(): Buffer {
    const list = Buffer.alloc(POLLFD_BYTES * this.sockets.length);
    for (const [i, { fd }] of this.sockets.entries()) {
      list.writeInt32LE(fd, i * POLLFD_BYTES);
      list.writeInt16LE(POLLIN, i * POLLFD_BYTES + 4);
    }
    return list;
  }

  /** Takes what has been queued, as far as time allows, and reports for the last time. */
  private finish(): void {
    const fast = typeof this.fast === 'object' ? this.fast : null;
    fast?.detach();
    const end = performance.now() + DRAIN_MS;
    while (performance.now() < end) {
      let taken = 0;
      for (const socket of this.sockets) taken += this.receive(socket, MSG_DONTWAIT);
      if (taken === 0) break;
    }
    fast?.tick(Date.now());
    for (const { output } of this.routes) output.close();
    this.events.report(this.report());
  }

  private close(): void {
    if (typeof this.fast === 'object') this.fast.close();
    for (const { output } of this.routes) output.close();
    for (const { fd } of this.sockets) this.system.close(fd);
    this.system.free();
  }
}

function mayCarryFrame(bytes: Buffer, start: number, length: number): boolean {
  return length >= TZSP_HEADER_BYTES && bytes[start] === TZSP_VERSION && bytes[start + 1]! <= TzspType.FOR_TRANSMIT;
}
