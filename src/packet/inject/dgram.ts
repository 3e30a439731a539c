import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { VardeError, messageOf } from '../../base/errors.ts';
import type { TzspReport } from '../tzsp/report.ts';
import type { TzspSettings } from '../tzsp/settings.ts';
import { Intake, type Route } from './intake.ts';
import { localAddresses } from './local-addresses.ts';
import { parseListen } from './listen.ts';
import { FileOutput } from './outputs/file.ts';
import { StreamOutput } from './outputs/stream.ts';
import type { FrameTime } from './outputs/output.ts';
import type { ReceiverEvents } from './receiver.ts';
import { Reassembly } from './reassembly.ts';
import { Routers } from './routers.ts';
import { SenderView } from './senders.ts';
import { failure } from './system.ts';

const TICK_MS = 100;
const REPORT_MS = 1000;
const ADDRESSES_MS = 30_000;

/**
 * Receives with Node's own sockets where koffi cannot be loaded: for files and streams only, several times slower, and without the kernel's count of
 * what it dropped.
 */
export class DatagramReceiver {
  private readonly settings: TzspSettings;
  private readonly events: ReceiverEvents;
  private readonly why: string;
  private readonly routes: Route[];
  private readonly routers: Routers;
  private readonly intake: Intake;
  private readonly sockets: { socket: Socket; text: string }[] = [];
  private readonly reassembly = new Reassembly();
  private readonly started = Date.now();
  private readonly sender = new SenderView();
  private readonly time: FrameTime = { seconds: 0, nanoseconds: 0 };

  private constructor(settings: TzspSettings, events: ReceiverEvents, why: string) {
    this.settings = settings;
    this.events = events;
    this.why = why;
    this.routes = settings.outputs.map((it, index) => {
      if (it.type === 'inject')
        throw new VardeError('tzsp_unavailable', `frames cannot be put into ${it.interface}: ${why}`);
      const output = it.type === 'stream' ? new StreamOutput(plainWrites, it, null) : new FileOutput(it, index, events);
      return { routers: it.routers, output };
    });
    this.routers = new Routers(settings, this.routes);
    const ports = new Set(settings.listen.map((it) => parseListen(it).port));
    this.intake = new Intake(ports, localAddresses(), settings.dropDuplicatesMs);
  }

  /** @throws VardeError tzsp_listen, tzsp_unavailable */
  static async open(settings: TzspSettings, events: ReceiverEvents, why: string): Promise<DatagramReceiver> {
    const receiver = new DatagramReceiver(settings, events, why);
    const places = settings.listen.map(parseListen);
    for (const place of places) {
      const ipv6Only = place.family === 6 && places.some((other) => other.family === 4 && other.port === place.port);
      const socket = createSocket({ type: `udp${place.family}`, ipv6Only });
      receiver.sockets.push({ socket, text: place.text });
      socket.on('message', (bytes, from) => receiver.take(bytes, from));
      await new Promise<void>((resolve, reject) => {
        socket.once('error', (error) => reject(new VardeError('tzsp_listen', `${place.text}: ${messageOf(error)}`)));
        socket.bind(place.port, place.address, resolve);
      });
      try {
        socket.setRecvBufferSize(settings.receiveBufferBytes);
      } catch {
        // As large as it is; the report says so.
      }
    }
    return receiver;
  }

  async run(stopped: () => boolean): Promise<void> {
    let reported = 0;
    let addressed = Date.now();
    while (!stopped()) {
      await delay(TICK_MS);
      const now = Date.now();
      for (const { output } of this.routes) {
        output.flush(true);
        output.tick(now);
      }
      if (Math.abs(now - addressed) >= ADDRESSES_MS) {
        addressed = now;
        this.intake.useAddresses(localAddresses());
      }
      if (Math.abs(now - reported) < REPORT_MS) continue;
      reported = now;
      this.events.report(this.report());
    }
    for (const { output } of this.routes) output.close();
    this.events.report(this.report());
    for (const { socket } of this.sockets) socket.close();
  }

  private take(bytes: Buffer, from: RemoteInfo): void {
    const now = Date.now();
    this.sender.readText(from.address);
    const router = this.routers.of(this.sender, now);
    if (router === null) return;
    this.time.seconds = Math.floor(now / 1000);
    this.time.nanoseconds = (now % 1000) * 1_000_000;
    this.intake.take(router, bytes, 0, bytes.length, this.time, now);
    for (const { output } of this.routes) output.flush(false);
  }

  private report(): TzspReport {
    return {
      time: Date.now(),
      started: this.started,
      path: 'dgram',
      noKernelPath: this.why,
      reassemblyFailures: this.reassembly.failures(),
      sockets: this.sockets.map(({ socket, text }) => ({
        address: text,
        receiveBufferBytes: socket.getRecvBufferSize(),
        wantedBytes: this.settings.receiveBufferBytes,
        kernelDrops: 0,
      })),
      ...this.routers.report(),
      outputs: this.routes.map(({ output }) => output.report()),
    };
  }
}

/** What a stream needs of the system, by Node's own calls; a pipe keeps its size. */
const plainWrites = {
  fcntl: () => failure('EINVAL'),
  // Whether the reader is there is learnt by writing.
  poll: () => 0,
  write(fd: number, from: Buffer, bytes: number): number {
    try {
      return writeSync(fd, from, 0, bytes);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? failure('EAGAIN') : failure('EPIPE');
    }
  },
};
