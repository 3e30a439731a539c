import { putWord, SLOTS } from './inbox.ts';
import { type Block, MSG_DONTWAIT, type System } from './system.ts';

/** Frames of one sendmmsg(2); they stay where they were received. */
export class Outbox {
  count = 0;
  readonly lengths = new Uint32Array(SLOTS);
  /** Offsets of the frames, as they were added. */
  readonly offsets = new Uint32Array(SLOTS);
  private readonly system: System;
  private readonly headers: Block;
  private readonly words: Uint32Array;
  private readonly base: number;
  private readonly vectorsAt: number;
  private readonly step: number;
  private readonly wide: boolean;

  /** @param base address that the offsets count from */
  constructor(system: System, base: number) {
    this.system = system;
    this.base = base;
    const { mmsghdr, iovec, word } = system.layout;
    const vectors = SLOTS * mmsghdr.size;
    const headers = system.allocate(vectors + SLOTS * iovec.size);
    headers.bytes.fill(0);
    for (let slot = 0; slot < SLOTS; slot++) {
      putWord(headers.bytes, slot * mmsghdr.size + mmsghdr.vector, headers.address + vectors + slot * iovec.size, word);
      putWord(headers.bytes, slot * mmsghdr.size + mmsghdr.vectorLength, 1, word);
    }
    this.headers = headers;
    this.words = new Uint32Array(headers.bytes.buffer, headers.bytes.byteOffset, headers.bytes.length >> 2);
    this.vectorsAt = vectors >> 2;
    this.step = iovec.size >> 2;
    this.wide = word === 8;
  }

  add(offset: number, length: number): void {
    const slot = this.count++;
    const address = this.base + offset;
    const at = this.vectorsAt + slot * this.step;
    this.words[at] = address % 0x1_0000_0000;
    if (this.wide) {
      this.words[at + 1] = Math.floor(address / 0x1_0000_0000);
      this.words[at + 2] = length;
    } else this.words[at + 1] = length;
    this.lengths[slot] = length;
    this.offsets[slot] = offset;
  }

  /** Sends from a frame on. @returns how many were taken, or a negated errno for the first of them */
  send(fd: number, from: number): number {
    const address = this.headers.address + from * this.system.layout.mmsghdr.size;
    return this.system.sendmmsg(fd, address, this.count - from, MSG_DONTWAIT);
  }
}
