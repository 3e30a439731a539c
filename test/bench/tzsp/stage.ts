import { makeWire, type Wire } from '../../lab/netns.ts';
import { runProgram } from '../../lab/program.ts';

export const TARGET = 'dummy0';
const MTU = 9000;

/**
 * A router and a receiver in namespaces of their own, and there an interface named dummy0: of the driver for dummies, or an ifb where the kernel has none
 * (it counts what it was given and drops it likewise).
 */
export class BenchStage {
  readonly wire: Wire = makeWire();
  /** The router's end of the cable. */
  readonly routerInterface: string;

  /** @param target a sink that drops what it is given, or one end of a cable whose other end drops it */
  constructor(target: 'sink' | 'veth') {
    this.routerInterface = this.wire.interface.replace(/^vh/, 'va');
    this.ip('attacker', 'link', 'set', this.routerInterface, 'mtu', String(MTU));
    this.ip('home', 'link', 'set', this.wire.interface, 'mtu', String(MTU));
    if (target === 'sink') this.makeSink();
    else this.makeVeth();
    this.ip('home', 'link', 'set', TARGET, 'mtu', String(MTU), 'up');
  }

  /** Frames that the interface was given so far. */
  frames(): number {
    const [link] = JSON.parse(runProgram(['ip', '-n', this.wire.home, '-j', '-s', 'link', 'show', TARGET])) as {
      stats64: { rx: { packets: number }; tx: { packets: number } };
    }[];
    // An ifb counts what it gets as received.
    return Math.max(link!.stats64.tx.packets, link!.stats64.rx.packets);
  }

  /** Hardware addresses of both ends of the cable: router, receiver. */
  hardwareAddresses(): [string, string] {
    const of = (namespace: string, name: string): string =>
      (JSON.parse(runProgram(['ip', '-n', namespace, '-j', 'link', 'show', name])) as { address: string }[])[0]!
        .address;
    return [of(this.wire.attacker, this.routerInterface), of(this.wire.home, this.wire.interface)];
  }

  /** Whether somebody in the receiver's namespace listens on the port of TZSP. */
  listens(): boolean {
    return /:9090 /.test(this.wire.run('home', ['cat', '/proc/net/udp', '/proc/net/udp6']));
  }

  close(): Promise<void> {
    return this.wire.close();
  }

  private makeSink(): void {
    try {
      this.ip('home', 'link', 'add', TARGET, 'type', 'dummy');
    } catch {
      this.ip('home', 'link', 'add', TARGET, 'type', 'ifb');
    }
    // What the kernel itself sends by an interface would be counted with the frames.
    this.silence(TARGET);
  }

  private silence(name: string): void {
    this.wire.run('home', ['sysctl', '-q', '-w', `net.ipv6.conf.${name}.disable_ipv6=1`]);
  }

  private makeVeth(): void {
    const mtu = String(MTU);
    this.ip('home', 'link', 'add', TARGET, 'mtu', mtu, 'type', 'veth', 'peer', 'name', 'tap0', 'mtu', mtu);
    for (const name of [TARGET, 'tap0']) this.silence(name);
    this.ip('home', 'link', 'set', 'tap0', 'up');
  }

  private ip(side: 'attacker' | 'home', ...args: string[]): void {
    runProgram(['ip', '-n', this.wire[side], ...args]);
  }
}
