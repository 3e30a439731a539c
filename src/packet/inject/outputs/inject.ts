import type { OutputReport } from '../../tzsp/report.ts';
import type { TzspView } from '../../tzsp/decode.ts';
import { ETHERNET } from '../../tzsp/types.ts';
import { putWord, SLOTS } from '../inbox.ts';
import { Outbox } from '../outbox.ts';
import { AF_PACKET, failure, failureName, SOCK_RAW, SOL_SOCKET, type System } from '../system.ts';
import { Counts, type Output } from './output.ts';

/** Bytes of an Ethernet header; shorter frames are refused by the kernel. */
const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
const IFNAMSIZ = 16;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFMTU = 0x8921;
const SIOCETHTOOL = 0x8946;
/** linux/ethtool.h: struct ethtool_drvinfo begins with the command, then 32 bytes of the driver's name. */
const ETHTOOL_GDRVINFO = 3;
const DRVINFO_BYTES = 196;
const IFF_UP = 1;
const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;
const SEND_BUFFER_BYTES = 8 * 1024 * 1024;
/** How often a send that finds no room is tried again, and how long is waited between. */
const TRIES = 20;
const TRY_MICROS = 50;

const EINTR = failure('EINTR');
const EAGAIN = failure('EAGAIN');
const ENOBUFS = failure('ENOBUFS');
const EMSGSIZE = failure('EMSGSIZE');
const EINVAL = failure('EINVAL');
const ENETDOWN = failure('ENETDOWN');

/**
 * Puts Ethernet frames into a network interface through AF_PACKET (packet(7)), as they are. PACKET_QDISC_BYPASS is never set: taps, and so an
 * IDS, would see nothing. Survives that the interface goes down, is deleted and comes back.
 */
export class InjectOutput implements Output {
  readonly pending = false;
  private readonly system: System;
  private readonly name: string;
  private readonly outbox: Outbox;
  private readonly counts = new Counts();
  private bytes: Buffer = Buffer.alloc(0);
  private fd = -1;
  private index = 0;
  private readonly driverInfo: { address: number; bytes: Buffer };
  /** Kernel driver of the interface, such as `dummy`; empty where it is not told. */
  driver = '';
  private mtu: number | null = null;
  private mtuNeeded: number | null = null;
  private reason: string | null = null;
  private dropAs: 'interface_down' | 'interface_absent' = 'interface_absent';

  /** @param base address of the bytes that `push` will name */
  constructor(system: System, name: string, base: number) {
    this.system = system;
    this.name = name;
    this.outbox = new Outbox(system, base);
    this.driverInfo = system.allocate(DRVINFO_BYTES);
    this.open();
  }

  push(bytes: Buffer, view: TzspView): void {
    const length = view.frameEnd - view.frameStart;
    if (view.encapsulation !== ETHERNET) this.counts.drop('not_ethernet');
    else if (length < ETHERNET_BYTES) this.counts.drop('too_short');
    else {
      this.bytes = bytes;
      if (this.outbox.count === SLOTS) this.flush();
      this.outbox.add(view.frameStart, length);
    }
  }

  flush(): void {
    const { outbox, counts } = this;
    if (outbox.count === 0) return;
    let at = 0;
    let tries = 0;
    let reopened = false;
    while (at < outbox.count) {
      if (this.fd < 0) {
        counts.drop(this.dropAs, outbox.count - at);
        break;
      }
      const sent = outbox.send(this.fd, at);
      if (sent > 0) {
        for (let end = at + sent; at < end; at++) counts.bytes += outbox.lengths[at]!;
        counts.frames += sent;
        counts.lastFrame = Date.now();
        tries = 0;
      } else if (sent === EMSGSIZE) this.tooLarge(at++);
      else if (sent === EINVAL) {
        counts.drop('too_short');
        at++;
      } else if (sent === EAGAIN || sent === ENOBUFS) {
        if (++tries < TRIES) this.system.sleepMicros(TRY_MICROS);
        else {
          counts.drop('no_buffer');
          at++;
          // One frame is given up, and the next is tried once: a queue that stands still must not hold up the station.
          tries = TRIES - 1;
        }
      } else if (sent !== EINTR) {
        // The interface went: it may be back under another index.
        this.shut(sent === ENETDOWN ? 'interface_down' : 'interface_absent', failureName(sent));
        if (!reopened) this.open();
        reopened = true;
      }
    }
    outbox.count = 0;
  }

  tick(): void {
    if (this.fd >= 0) {
      const index = this.system.interfaceIndex(this.name);
      if (index === this.index) return this.look();
      this.shut('interface_absent', '');
    }
    this.open();
  }

  get interface(): string {
    return this.name;
  }

  /** Where frames go now; null while they cannot. */
  get target(): { index: number; mtu: number } | null {
    return this.reason === null && this.mtu !== null ? { index: this.index, mtu: this.mtu } : null;
  }

  /** The kernel path has put frames into the interface. @param last when the last of them came, milliseconds */
  redirected(frames: number, bytes: number, lost: number, last: number): void {
    const { counts } = this;
    counts.frames += frames;
    counts.bytes += bytes;
    counts.lastFrame = Math.max(counts.lastFrame ?? 0, last);
    if (lost > 0) counts.drop('no_buffer', lost);
  }

  report(): OutputReport {
    return {
      name: `inject ${this.name}`,
      type: 'inject',
      state: this.reason === null ? 'open' : 'waiting',
      reason: this.reason,
      ...this.counts.report(),
      mtu: this.mtu,
      mtuNeeded: this.mtuNeeded,
      file: null,
    };
  }

  close(): void {
    if (this.fd >= 0) this.system.close(this.fd);
    this.fd = -1;
  }

  private open(): void {
    const { system } = this;
    this.index = system.interfaceIndex(this.name);
    if (this.index <= 0) return this.shut('interface_absent', `there is no interface ${this.name}`);
    // Protocol 0: it receives nothing.
    const fd = system.socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0)
      return this.shut('interface_absent', `a packet socket cannot be had (${failureName(fd)}): it needs CAP_NET_RAW`);
    const room = Buffer.alloc(4);
    room.writeInt32LE(SEND_BUFFER_BYTES);
    if (system.setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, room) < 0) system.setOption(fd, SOL_SOCKET, SO_SNDBUF, room);
    const bound = system.bind(fd, linkLayerAddress(this.index));
    this.fd = fd;
    if (bound < 0) return this.shut('interface_absent', `${this.name} cannot be bound (${failureName(bound)})`);
    this.reason = null;
    this.driver = this.askDriver();
    this.look();
  }

  private shut(as: 'interface_down' | 'interface_absent', reason: string): void {
    this.close();
    this.dropAs = as;
    this.reason = reason;
  }

  /** Who made the interface, as `ethtool -i` says. */
  private askDriver(): string {
    const { address, bytes } = this.driverInfo;
    bytes.fill(0);
    bytes.writeUInt32LE(ETHTOOL_GDRVINFO, 0);
    const request = Buffer.alloc(40);
    request.write(this.name.slice(0, IFNAMSIZ - 1), 'latin1');
    putWord(request, IFNAMSIZ, address, this.system.layout.word);
    if (this.system.ioctl(this.fd, SIOCETHTOOL, request) < 0) return '';
    const name = bytes.subarray(4, 36);
    const end = name.indexOf(0);
    return name.toString('latin1', 0, end < 0 ? name.length : end);
  }

  /** Flags and MTU of the interface (netdevice(7)). */
  private look(): void {
    const request = Buffer.alloc(40);
    request.write(this.name.slice(0, IFNAMSIZ - 1), 'latin1');
    if (this.system.ioctl(this.fd, SIOCGIFMTU, request) >= 0) this.mtu = request.readInt32LE(IFNAMSIZ);
    const flags = this.system.ioctl(this.fd, SIOCGIFFLAGS, request);
    if (flags >= 0 && (request.readInt16LE(IFNAMSIZ) & IFF_UP) === 0)
      this.shut('interface_down', `${this.name} is down: ip link set ${this.name} up`);
  }

  private tooLarge(slot: number): void {
    this.counts.drop('too_large');
    const start = this.outbox.offsets[slot]!;
    // The kernel lets one 802.1Q tag pass beyond the MTU, but not 802.1ad.
    const tagged = this.bytes[start + 12] === 0x81 && this.bytes[start + 13] === 0x00;
    const needed = this.outbox.lengths[slot]! - ETHERNET_BYTES - (tagged ? VLAN_BYTES : 0);
    this.mtuNeeded = Math.max(this.mtuNeeded ?? 0, needed);
  }
}

/** struct sockaddr_ll (packet(7)): protocol 0, and the index. */
function linkLayerAddress(index: number): Buffer {
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeInt32LE(index, 4);
  return address;
}
