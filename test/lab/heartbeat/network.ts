import { runProgram } from '../program.ts';

export const TARGET = '192.0.2.10';
const SENDER = '192.0.2.1';

let networks = 0;

type Side = 'sender' | 'switch' | 'target' | 'sensor';
const SIDES: readonly Side[] = ['sender', 'switch', 'target', 'sensor'];

/** Interfaces at both ends of each cable: those of the switch are its ports. */
const CABLES: readonly [Side, string, string][] = [
  ['sender', 's0', 'p1'],
  ['target', 't0', 'p2'],
  ['sensor', 'mon0', 'span0'],
];

/** The interface that Suricata listens on. */
export const MONITOR = 'mon0';

/**
 * A sender and a target at a switch (a bridge), and a sensor at its mirror port, each in a network namespace of its own. The mirror copies what comes
 * in at both ports, as a switch does it (SPAN).
 */
export class MirroredNetwork {
  private readonly id: string;

  constructor() {
    // Several may be there at once, beside each other.
    this.id = `${process.pid}-${networks++}`;
    try {
      this.connect();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What to put in front of a command so that it runs at that place. */
  at(side: Side): string[] {
    return ['ip', 'netns', 'exec', this.name(side)];
  }

  /** `ip …` at that place. */
  ip(side: Side, ...args: string[]): void {
    runProgram(['ip', '-n', this.name(side), ...args]);
  }

  /** Whether the network card of the sender is to compute the checksums of TCP: there is no card, so nobody does. */
  offload(state: 'on' | 'off'): void {
    this.ethtool('sender', 's0', 'tx', state);
  }

  mirror(state: 'on' | 'off'): void {
    for (const port of ['p1', 'p2']) {
      if (state === 'off') {
        this.tc('qdisc', 'del', 'dev', port, 'ingress');
        continue;
      }
      this.tc('qdisc', 'add', 'dev', port, 'ingress');
      const all = ['protocol', 'all', 'u32', 'match', 'u32', '0', '0'];
      const copy = ['action', 'mirred', 'egress', 'mirror', 'dev', 'span0'];
      this.tc('filter', 'add', 'dev', port, 'parent', 'ffff:', ...all, ...copy);
    }
  }

  route(state: 'on' | 'off'): void {
    this.ip('sender', 'route', state === 'on' ? 'add' : 'del', '192.0.2.0/24', 'dev', 's0', 'src', SENDER);
  }

  /** Whether anybody has the target's address. What the sender knows of it is forgotten: else it would go on sending for half a minute. */
  target(state: 'there' | 'absent'): void {
    this.ip('target', 'addr', state === 'there' ? 'add' : 'del', `${TARGET}/24`, 'dev', 't0');
    this.ip('sender', 'neigh', 'flush', 'dev', 's0');
  }

  /** Removing a namespace removes its ends of the cables, and with them the other ends. */
  close(): void {
    const there = runProgram(['ip', 'netns', 'list']);
    for (const side of SIDES) if (there.includes(this.name(side))) runProgram(['ip', 'netns', 'del', this.name(side)]);
  }

  private connect(): void {
    for (const side of SIDES) {
      runProgram(['ip', 'netns', 'add', this.name(side)]);
      this.ip(side, 'link', 'set', 'lo', 'up');
    }
    this.ip('switch', 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0');
    this.quiet('switch', 'br0');
    for (const [side, device, port] of CABLES) {
      const peer = ['peer', 'name', port, 'netns', this.name('switch')];
      this.ip(side, 'link', 'add', device, 'type', 'veth', ...peer);
      for (const [place, name] of [[side, device] as const, ['switch', port] as const]) {
        this.quiet(place, name);
        for (const feature of ['gro', 'gso', 'tso', 'tx', 'rx', 'sg']) this.ethtool(place, name, feature, 'off');
      }
      if (port !== 'span0') this.ip('switch', 'link', 'set', port, 'master', 'br0');
    }
    // A mirror port copies frames as they are: it must not compute what the sender left open.
    this.ethtool('switch', 'span0', 'tx', 'on');
    this.ip('sender', 'addr', 'add', `${SENDER}/24`, 'dev', 's0');
    this.ip('target', 'addr', 'add', `${TARGET}/24`, 'dev', 't0');
    this.mirror('on');
  }

  /** Up, and without words of its own (IPv6 looking for neighbours): a silent mirror port must be silent. */
  private quiet(side: Side, device: string): void {
    this.ip(side, 'link', 'set', device, 'addrgenmode', 'none');
    this.ip(side, 'link', 'set', device, 'up');
  }

  private name(side: Side): string {
    return `varde-hb-${side}-${this.id}`;
  }

  private ethtool(side: Side, device: string, feature: string, state: 'on' | 'off'): void {
    runProgram([...this.at(side), 'ethtool', '-K', device, feature, state]);
  }

  private tc(...args: string[]): void {
    runProgram([...this.at('switch'), 'tc', ...args]);
  }
}
