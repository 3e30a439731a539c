import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labEnvironment, runProgram } from '../program.ts';
import { makeWire, type Wire } from '../netns.ts';
import { until } from '../wait.ts';
import { ReceiverProgram } from './receiver-program.ts';

export const ROUTER = '192.168.40.1';
export const ROUTER6 = '2001:db8:40:1::1';
export const RECEIVER = '192.168.40.11';
export const RECEIVER6 = '2001:db8:40:1::b';
export const PORT = 37008;
/** Where frames are injected, and the other end of its cable. */
export const TARGET = 'dummy0';
const TAP = 'tap0';

/**
 * A router in one namespace, `varde tzsp` in another, and there an interface named dummy0 whose other end is listened to. (One end of a cable, because
 * not every kernel has the driver of dummies, and because what left it is then seen where it arrives.)
 */
export class TzspStage {
  readonly wire: Wire;
  readonly root: string;
  private readonly receivers: ReceiverProgram[] = [];
  private readonly taps: Tap[] = [];

  constructor(mtu = 9000) {
    this.root = mkdtempSync(join(tmpdir(), 'varde-tzsp-'));
    this.wire = makeWire();
    this.addRouters(['192.168.40.2']);
    // The router's own stays at 1500: its large datagrams come in fragments, and the receiver cannot know before.
    this.ip('home', 'link', 'set', this.wire.interface, 'mtu', '9000');
    this.makeTarget(TARGET, TAP, mtu);
  }

  /** The router's end of the cable. */
  get routerInterface(): string {
    return this.wire.interface.replace(/^vh/, 'va');
  }

  ip(side: 'attacker' | 'home', ...args: string[]): void {
    runProgram(['ip', '-n', this.wire[side], ...args]);
  }

  /** More addresses that the router may send from. */
  addRouters(addresses: readonly string[]): void {
    for (const it of addresses) this.ip('attacker', 'addr', 'add', `${it}/24`, 'dev', this.routerInterface);
  }

  /** Makes an interface and its far end, up and silent. */
  makeTarget(name: string, far: string, mtu: number): void {
    this.ip('home', 'link', 'add', name, 'mtu', String(mtu), 'type', 'veth', 'peer', 'name', far, 'mtu', String(mtu));
    for (const each of [name, far]) {
      this.wire.run('home', ['sysctl', '-q', '-w', `net.ipv6.conf.${each}.disable_ipv6=1`]);
      this.ip('home', 'link', 'set', each, 'up');
    }
  }

  /** Starts `varde tzsp` and waits until it listens. */
  async receive(...args: string[]): Promise<ReceiverProgram> {
    const receiver = new ReceiverProgram(this.wire.prefix('home'), args);
    this.receivers.push(receiver);
    await receiver.listens();
    return receiver;
  }

  /** Listens at the far end of an interface. */
  async tap(far = TAP): Promise<Tap> {
    const tap = new Tap(this.wire.prefix('home'), far, join(this.root, `tap${this.taps.length}.pcap`));
    this.taps.push(tap);
    await tap.listens();
    return tap;
  }

  /** Sends datagrams from the router, one after the other. */
  async send(datagrams: readonly Uint8Array[], options: SendOptions = {}): Promise<void> {
    const { to = RECEIVER, port = PORT, rate = 20_000, from } = options;
    const list = datagrams.flatMap((it) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(it.length);
      return [length, it];
    });
    const command = [process.execPath, join(import.meta.dirname, 'sender.mjs'), to, String(port), String(rate)];
    await this.run([...command, ...(from === undefined ? [] : [from])], Buffer.concat(list));
  }

  /** Puts frames on the router's cable as they are. @param pcap a file with them */
  async replay(pcap: string, ...args: string[]): Promise<void> {
    await this.run(['tcpreplay', '-q', '-i', this.routerInterface, ...args, pcap]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.receivers, ...this.taps].map((it) => it.stop()));
    await this.wire.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  private async run(command: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<void> {
    const [program = '', ...args] = [...this.wire.prefix('attacker'), ...command];
    const child = spawn(program, args, { env: labEnvironment(), stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${said.slice(-2000)}`);
  }
}

interface SendOptions {
  to?: string;
  port?: number;
  /** Datagrams per second. */
  rate?: number;
  /** One of the router's addresses. */
  from?: string;
}

/** tcpdump at the end of a cable. */
export class Tap {
  private readonly child;
  private readonly file: string;
  private readonly gone: Promise<unknown>;
  private said = '';

  constructor(prefix: readonly string[], device: string, file: string) {
    this.file = file;
    const options = ['-i', device, '-w', file, '-U', '-s', '0', '-B', '65536', '-Z', 'root', '-Q', 'in', '-n'];
    const [program = '', ...args] = [...prefix, 'tcpdump', ...options];
    this.child = spawn(program, args, { env: labEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr.on('data', (data: Buffer) => (this.said += data.toString()));
    this.gone = once(this.child, 'close');
  }

  async listens(): Promise<void> {
    await until('tcpdump listens', () => this.said.includes('listening on'), 20_000);
  }

  /** Ends it. @throws Error unless it saw exactly these frames, in this order */
  async expects(frames: readonly Buffer[]): Promise<void> {
    // Its ring is emptied once a second.
    await until('all frames are seen', () => this.seen().length >= frames.length, 10_000).catch(() => undefined);
    await this.stop();
    const lost = /(\d+) packets? dropped by kernel/.exec(this.said)?.[1];
    if (lost !== '0') throw new Error(`the tap is no witness: ${this.said}`);
    const seen = this.seen();
    const wrong = seen.findIndex((it, i) => frames[i]?.equals(it) !== true);
    const text = (frame: Buffer | undefined): string => frame?.toString('hex', 0, 64) ?? 'none';
    if (wrong >= 0)
      throw new Error(`frame ${wrong} of ${frames.length} is ${text(seen[wrong])}, not ${text(frames[wrong])}`);
    if (seen.length < frames.length) throw new Error(`${seen.length} of ${frames.length} frames were seen`);
  }

  /** So far. */
  seen(): Buffer[] {
    return framesOf(readFileSync(this.file));
  }

  async stop(): Promise<void> {
    this.child.kill('SIGINT');
    await this.gone;
  }
}

/** Frames of a pcap file of this machine's byte order, read by few lines of their own so that our reader is not its own witness. */
export function framesOf(pcap: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 24; at + 16 <= pcap.length;) {
    const length = pcap.readUInt32LE(at + 8);
    frames.push(pcap.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return frames;
}

/** A pcap file of Ethernet frames. */
export function pcapOf(frames: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262_144, 16);
  head.writeUInt32LE(1, 20);
  return Buffer.concat([
    head,
    ...frames.flatMap((frame, i) => {
      const record = Buffer.alloc(16);
      record.writeUInt32LE(1_700_000_000, 0);
      record.writeUInt32LE(i % 1_000_000, 4);
      record.writeUInt32LE(frame.length, 8);
      record.writeUInt32LE(frame.length, 12);
      return [record, frame];
    }),
  ]);
}
