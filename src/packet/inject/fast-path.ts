import { networkInterfaces } from 'node:os';
import { messageOf } from '../../base/errors.ts';
import { parseIp } from '../../event/ip.ts';
import type { TzspSettings } from '../tzsp/settings.ts';
import { Bpf, MapType } from './ebpf/bpf.ts';
import {
  ADDRESS_BYTES,
  decapsulation,
  FRAGMENT_NANOSECONDS,
  KEY_BYTES,
  SETTINGS_BYTES,
  State,
} from './ebpf/program.ts';
import type { Inbox } from './inbox.ts';
import type { Route } from './intake.ts';
import { parseListen } from './listen.ts';
import { InjectOutput } from './outputs/inject.ts';
import type { Router } from './router.ts';
import { AF_INET, SOCK_DGRAM, type System } from './system.ts';

const MAX_FLOWS = 4096;
const ETHERNET_BYTES = 14;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFMTU = 0x8921;
/**
 * A full-size frame of 1514 bytes (1518 with a VLAN tag) with the heads of TZSP, UDP and IP fits into this. Where an interface has less, each such frame
 * comes in fragments, which only user space can take: then all of it does, so that the stream need not change over again and again.
 */
const LEAST_MTU = 1600;
const IFNAMSIZ = 16;
const ARPHRD_ETHER = 1;
/** After each tick the receiver does not wait for larger batches for this long, so that a router's stream can change over. */
const HASTE_MS = 20;
/** Ports are compared one by one in the program. */
const MAX_PORTS = 8;

/**
 * Interfaces that frames may be redirected into: nobody reads back what they are given, and they have one queue, so that order holds. An ifb would hand
 * the frame back as received, into the stack of this machine; a network card has many queues.
 */
const SAFE_DRIVERS: readonly string[] = ['dummy', 'veth'];

/** A router that the program may serve. */
interface Entry {
  router: Router;
  /** As the program's maps have it. */
  address: Buffer;
  /** Of its last datagram in this batch; -1: none. */
  slot: number;
  /** By interface: frames, bytes and losses that are counted already. */
  counted: Map<number, { frames: number; bytes: number; lost: number }>;
  /** Its datagrams come in fragments: not served for some time. */
  fragmented: boolean;
  /** Whether user space had datagrams of it since the last tick. */
  waits: boolean;
}

/** Why the settings rule the kernel path out, in plain words; null where they do not. */
export function noFastPath(settings: TzspSettings): string | null {
  const [output, ...others] = settings.outputs;
  if (settings.kernelPath === 'off') return 'it is switched off';
  if (settings.dropDuplicatesMs > 0) return 'duplicates are dropped, which only user space can do';
  if (output?.type !== 'inject' || others.length > 0) return 'it serves one interface as the only output';
  if (new Set(settings.listen.map((it) => parseListen(it).port)).size > MAX_PORTS)
    return `there are more than ${MAX_PORTS} ports`;
  return null;
}

/** The kernel path as the receiver sees it: the program at each interface, what it counts, and what it is told (ebpf/program.ts has the rules). */
export class FastPath {
  private readonly system: System;
  private readonly bpf: Bpf;
  private readonly output: InjectOutput;
  private readonly flows: number;
  private readonly acknowledged: number;
  private readonly settings: number;
  private readonly program: number;
  /** By index of the interface. */
  private readonly links = new Map<number, number>();
  private readonly entries = new Map<Router, Entry | null>();
  private readonly touched: Entry[] = [];
  private readonly stamp = { seconds: 0, nanoseconds: 0 };
  private readonly value = Buffer.alloc(8);
  private readonly wanted = Buffer.alloc(SETTINGS_BYTES);
  private last: Entry | null = null;
  private lastRouter: Router | null = null;
  private ticked = 0;
  private hasty = false;
  private detached = false;
  /** Which interfaces the program is not at, since their MTU is too small. */
  private narrow: string | null = null;
  private trouble = 'no Ethernet interface has an address';

  /** @throws VardeError tzsp_unavailable */
  constructor(system: System, settings: TzspSettings, output: InjectOutput) {
    this.system = system;
    this.output = output;
    this.bpf = new Bpf(system);
    const open: number[] = [];
    const keep = (fd: number): number => {
      open.push(fd);
      return fd;
    };
    try {
      this.flows = keep(this.bpf.createMap(MapType.HASH, KEY_BYTES, State.SIZE, MAX_FLOWS));
      this.acknowledged = keep(this.bpf.createMap(MapType.HASH, ADDRESS_BYTES, 8, MAX_FLOWS));
      this.settings = keep(this.bpf.createMap(MapType.ARRAY, 4, SETTINGS_BYTES, 1));
      const ports = [...new Set(settings.listen.map((it) => parseListen(it).port))];
      this.program = keep(this.bpf.load(decapsulation(this.maps, ports)));
    } catch (error) {
      for (const fd of open) system.close(fd);
      throw error;
    }
    this.aim();
    this.attach();
  }

  /** Why nothing takes the kernel path at the moment; null where something may. */
  get reason(): string | null {
    if (this.links.size === 0) return this.narrow ?? this.trouble;
    const { driver } = this.output;
    if (this.output.target !== null && !SAFE_DRIVERS.includes(driver))
      return `${this.output.interface} is of the driver ${driver === '' ? 'unknown' : driver}: frames are redirected into dummy and veth only`;
    const known = [...this.entries.values()].filter((it) => it !== null);
    if (known.length > 0 && known.every((it) => it.fragmented))
      return 'datagrams come in IP fragments: the MTU on the way from the router is too small for them';
    return null;
  }

  /** A datagram is taken from the inbox. */
  saw(router: Router, slot: number): void {
    const entry = router === this.lastRouter ? this.last : this.find(router);
    if (entry === null) return;
    if (entry.slot < 0) this.touched.push(entry);
    entry.slot = slot;
  }

  /** All datagrams of the batch are done with: rejected, or written by the output. */
  finished(inbox: Inbox): void {
    for (const entry of this.touched) {
      const { slot } = entry;
      entry.slot = -1;
      entry.waits = true;
      // The maps have room for routers, not for everybody who sends a header.
      if (entry.fragmented || entry.router.frames === 0 || !inbox.time(slot, this.stamp)) continue;
      this.value.writeBigUInt64LE(BigInt(this.stamp.seconds) * 1_000_000_000n + BigInt(this.stamp.nanoseconds));
      this.bpf.update(this.acknowledged, entry.address, this.value);
    }
    this.touched.length = 0;
  }

  /** Whether batches should be taken at once, because a stream is to change over. */
  wantsHaste(now: number): boolean {
    return this.hasty && now - this.ticked < HASTE_MS;
  }

  /** Counts what was redirected, and looks where the output is now. @param now milliseconds since the epoch */
  tick(now: number): void {
    this.ticked = now;
    this.hasty = false;
    for (const [router, entry] of this.entries) {
      if (router.forgotten) this.entries.delete(router);
      if (entry === null || router.forgotten) continue;
      entry.fragmented = false;
      for (const index of this.links.keys()) this.count(entry, index, now);
      if (entry.waits && !entry.fragmented) this.hasty = true;
      entry.waits = false;
    }
    this.aim();
  }

  /** Interfaces come and go. */
  attach(): void {
    const [indexes, { bpf, system }] = [this.underlays(), this];
    for (const [index, link] of this.links)
      if (!indexes.has(index)) {
        system.close(link);
        this.links.delete(index);
      }
    for (const index of indexes)
      if (!this.links.has(index))
        try {
          this.links.set(index, bpf.attach(this.program, index));
        } catch (error) {
          this.trouble = messageOf(error);
        }
  }

  /** Takes the program away; what it counted can still be told by a last `tick` before `close`. */
  detach(): void {
    if (this.detached) return;
    this.detached = true;
    for (const link of this.links.values()) this.system.close(link);
  }

  close(): void {
    this.detach();
    for (const fd of [this.program, this.flows, this.acknowledged, this.settings]) this.system.close(fd);
  }

  private get maps(): { flows: number; acknowledged: number; settings: number } {
    return { flows: this.flows, acknowledged: this.acknowledged, settings: this.settings };
  }

  private find(router: Router): Entry | null {
    let entry = this.entries.get(router);
    if (entry === undefined) {
      const address = addressKey(router.address);
      // One whose frames go nowhere is for user space to count.
      entry =
        address === null || router.outputs.length !== 1
          ? null
          : { router, address, slot: -1, counted: new Map(), fragmented: false, waits: false };
      this.entries.set(router, entry);
    }
    this.lastRouter = router;
    this.last = entry;
    return entry;
  }

  private count(entry: Entry, index: number, now: number): void {
    const key = Buffer.alloc(KEY_BYTES);
    key.writeUInt32LE(index, 0);
    entry.address.copy(key, 4);
    const state = this.bpf.lookup(this.flows, key);
    if (state === null) return;
    const at = (offset: number): number => Number(state.readBigUInt64LE(offset));
    const fragment = state.readBigUInt64LE(State.FRAGMENT);
    if (BigInt(now) * 1_000_000n - fragment < FRAGMENT_NANOSECONDS) entry.fragmented = true;
    const before = entry.counted.get(index) ?? { frames: 0, bytes: 0, lost: 0 };
    const counted = { frames: at(State.FRAMES), bytes: at(State.BYTES), lost: at(State.LOST) };
    entry.counted.set(index, counted);
    const frames = counted.frames - before.frames;
    const lost = counted.lost - before.lost;
    if (frames + lost === 0) return;
    const bytes = counted.bytes - before.bytes;
    const last = Math.floor(at(State.LAST) / 1e6);
    entry.router.redirected(frames, bytes, lost, last);
    this.output.redirected(frames, bytes, lost, last);
  }

  /** Tells the program where to, as long as the output is up. */
  private aim(): void {
    const { wanted } = this;
    const target = SAFE_DRIVERS.includes(this.output.driver) ? this.output.target : null;
    const [index, most] = target === null ? [0, 0] : [target.index, target.mtu + ETHERNET_BYTES];
    if (wanted.readUInt32LE(0) === index && wanted.readUInt32LE(4) === most) return;
    wanted.writeUInt32LE(index, 0);
    wanted.writeUInt32LE(most, 4);
    this.bpf.update(this.settings, Buffer.alloc(4), wanted);
  }

  /** Indexes of the Ethernet interfaces with addresses and a fitting MTU, without the output. */
  private underlays(): Set<number> {
    const indexes = new Set<number>();
    const small: string[] = [];
    const fd = this.system.socket(AF_INET, SOCK_DGRAM, 0);
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      if (name === this.output.interface || addresses?.every((it) => it.internal) !== false) continue;
      const request = Buffer.alloc(40);
      request.write(name.slice(0, IFNAMSIZ - 1), 'latin1');
      if (this.system.ioctl(fd, SIOCGIFHWADDR, request) < 0 || request.readUInt16LE(IFNAMSIZ) !== ARPHRD_ETHER)
        continue;
      const index = this.system.interfaceIndex(name);
      const mtu = this.system.ioctl(fd, SIOCGIFMTU, request) < 0 ? 0 : request.readInt32LE(IFNAMSIZ);
      if (index > 0 && mtu >= LEAST_MTU) indexes.add(index);
      else if (index > 0) small.push(`${name} ${mtu}`);
    }
    this.narrow =
      small.length === 0
        ? null
        : `full-size frames would come in IP fragments: the MTU must be ${LEAST_MTU} on the way from the router, and is here: ${small.join(', ')}`;
    if (fd >= 0) this.system.close(fd);
    return indexes;
  }
}

/** Opens the kernel path, or says in plain words why not. */
export function openFastPath(system: System, settings: TzspSettings, routes: readonly Route[]): FastPath | string {
  const reason = noFastPath(settings);
  const output = routes[0]?.output;
  if (reason !== null || !(output instanceof InjectOutput)) return reason ?? 'it serves one interface only';
  try {
    return new FastPath(system, settings, output);
  } catch (error) {
    return messageOf(error);
  }
}

/** 16 bytes, IPv4 as IPv4-mapped; null for what is no address. */
function addressKey(text: string): Buffer | null {
  const ip = parseIp(text);
  if (ip === null) return null;
  const key = Buffer.alloc(ADDRESS_BYTES);
  const words = ip.family === 4 ? [0, 0, 0xffff, ip.v4] : ip.words;
  for (const [i, word] of words.entries()) key.writeUInt32BE(word, i * 4);
  return key;
}
