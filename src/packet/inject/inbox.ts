import { type Block, MSG_TRUNC, SOL_SOCKET, type System } from './system.ts';

/**
 * Room for the datagrams of one recvmmsg(2): slots that hold the largest UDP datagram whole, so that nothing is ever cut. The memory is touched
 * only as far as datagrams reach.
 */
export const SLOTS = 256;
/** Free bytes before each datagram. */
const HEAD_BYTES = 64;
/** 65,507 bytes are the most that UDP over IPv4 carries, 65,527 over IPv6 without jumbograms. */
const DATAGRAM_BYTES = 65_536;
const STRIDE = HEAD_BYTES + DATAGRAM_BYTES;
const NAME_BYTES = 32;
/** SO_RXQ_OVFL: 24 bytes; SO_TIMESTAMPNS: 32. */
const CONTROL_BYTES = 128;
/** A control message with a time, on a 64-bit machine. */
const TIME_BYTES = 32;
const SO_TIMESTAMPNS = 35;
const SO_RXQ_OVFL = 40;

export class Inbox {
  /** All slots; offsets below are in it. */
  readonly bytes: Buffer;
  /** Address of its first byte. */
  readonly address: number;
  private readonly system: System;
  private readonly headers: Block;
  private readonly words: Uint32Array;
  private readonly names: Buffer;
  private readonly controls: Buffer;
  private readonly step: number;
  private readonly lengthAt: number;
  private readonly nameLengthAt: number;
  private readonly controlLengthAt: number;
  private readonly flagsAt: number;
  private readonly controlsFrom: number;
  private readonly wide: boolean;
  private used = SLOTS;

  constructor(system: System) {
    this.system = system;
    const { mmsghdr, iovec, word } = system.layout;
    const vectorsAt = SLOTS * mmsghdr.size;
    const namesAt = vectorsAt + SLOTS * iovec.size;
    const controlsAt = namesAt + SLOTS * NAME_BYTES;
    const headers = system.allocate(controlsAt + SLOTS * CONTROL_BYTES);
    headers.bytes.fill(0);
    const data = system.allocate(SLOTS * STRIDE);
    this.headers = headers;
    this.bytes = data.bytes;
    this.address = data.address;
    this.words = new Uint32Array(headers.bytes.buffer, headers.bytes.byteOffset, headers.bytes.length >> 2);
    this.names = headers.bytes.subarray(namesAt, controlsAt);
    this.controls = headers.bytes.subarray(controlsAt);
    this.controlsFrom = controlsAt >> 2;
    this.wide = word === 8;
    this.step = mmsghdr.size >> 2;
    this.lengthAt = mmsghdr.length >> 2;
    this.nameLengthAt = mmsghdr.nameLength >> 2;
    this.controlLengthAt = mmsghdr.controlLength >> 2;
    this.flagsAt = mmsghdr.flags >> 2;
    for (let slot = 0; slot < SLOTS; slot++) {
      const at = slot * mmsghdr.size;
      const vectorAt = vectorsAt + slot * iovec.size;
      putWord(headers.bytes, at + mmsghdr.name, headers.address + namesAt + slot * NAME_BYTES, word);
      putWord(headers.bytes, at + mmsghdr.vector, headers.address + vectorAt, word);
      putWord(headers.bytes, at + mmsghdr.vectorLength, 1, word);
      putWord(headers.bytes, at + mmsghdr.control, headers.address + controlsAt + slot * CONTROL_BYTES, word);
      putWord(headers.bytes, vectorAt + iovec.base, data.address + slot * STRIDE + HEAD_BYTES, word);
      putWord(headers.bytes, vectorAt + iovec.length, DATAGRAM_BYTES, word);
    }
  }

  /** Takes what waits, at most `most` datagrams. @returns their number, or a negated errno */
  receive(fd: number, flags: number, most = SLOTS): number {
    const { words, step } = this;
    for (let slot = 0; slot < this.used; slot++) {
      words[slot * step + this.nameLengthAt] = NAME_BYTES;
      words[slot * step + this.controlLengthAt] = CONTROL_BYTES;
    }
    const count = this.system.recvmmsg(fd, this.headers.address, most, flags);
    this.used = Math.max(count, 0);
    return count;
  }

  start(slot: number): number {
    return slot * STRIDE + HEAD_BYTES;
  }

  length(slot: number): number {
    return this.words[slot * this.step + this.lengthAt]!;
  }

  truncated(slot: number): boolean {
    return (this.words[slot * this.step + this.flagsAt]! & MSG_TRUNC) !== 0;
  }

  /** The sender's struct sockaddr begins there in {@link senders}. */
  senderAt(slot: number): number {
    return slot * NAME_BYTES;
  }

  get senders(): Buffer {
    return this.names;
  }

  /** Datagrams that the socket has dropped since it was opened, modulo 2^32; -1 where the kernel does not say. */
  drops(slot: number): number {
    const at = this.control(slot, SO_RXQ_OVFL);
    return at < 0 ? -1 : this.controls.readUInt32LE(at);
  }

  /** When the kernel took the datagram. @returns false where it does not say */
  time(slot: number, into: { seconds: number; nanoseconds: number }): boolean {
    // The kernel writes it first; for each frame of a capture file this is read without a walk.
    const { words } = this;
    const first = this.controlsFrom + ((slot * CONTROL_BYTES) >> 2);
    const told = words[slot * this.step + this.controlLengthAt]! >= TIME_BYTES;
    if (told && this.wide && words[first + 2] === SOL_SOCKET && words[first + 3] === SO_TIMESTAMPNS) {
      into.seconds = words[first + 4]! + words[first + 5]! * 0x1_0000_0000;
      into.nanoseconds = words[first + 6]!;
      return true;
    }
    const at = this.control(slot, SO_TIMESTAMPNS);
    if (at < 0) return false;
    const { word } = this.system.layout;
    // Seconds of 64 bits: the upper half counts from the year 2106 on.
    into.seconds =
      word === 8
        ? this.controls.readUInt32LE(at) + this.controls.readUInt32LE(at + 4) * 0x1_0000_0000
        : this.controls.readUInt32LE(at);
    into.nanoseconds = this.controls.readUInt32LE(at + word);
    return true;
  }

  /** Where the value of a control message begins; -1 without one. */
  private control(slot: number, type: number): number {
    const { cmsghdr } = this.system.layout;
    const base = slot * CONTROL_BYTES;
    const length = Math.min(this.words[slot * this.step + this.controlLengthAt]!, CONTROL_BYTES);
    for (let at = 0; at + cmsghdr.data <= length;) {
      const own = this.controls.readUInt32LE(base + at + cmsghdr.length);
      if (own < cmsghdr.data) return -1;
      if (
        this.controls.readInt32LE(base + at + cmsghdr.level) === SOL_SOCKET &&
        this.controls.readInt32LE(base + at + cmsghdr.type) === type
      )
        return base + at + cmsghdr.data;
      at += Math.ceil(own / cmsghdr.align) * cmsghdr.align;
    }
    return -1;
  }
}

/** A pointer or a size_t. */
export function putWord(into: Buffer, at: number, value: number, word: 4 | 8): void {
  into.writeUInt32LE(value % 0x1_0000_0000, at);
  if (word === 8) into.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}
