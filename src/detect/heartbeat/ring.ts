import { type Block, bytesOf, newBlock } from './block.ts';

/** What is known of one probe; bits of `flags`. */
export const TOLD = 1; // its sender reported it
export const SEEN = 2; // its alert was read
export const STORED = 4; // and is searchable
export const FAILED = 8; // its sender says that it did not reach the wire
export const COUNTED = 16; // it is in the history, as came or lost
export const LOST = 32; // counted as lost
export const ANSWERED = 64;
export const MISSED = 128; // nobody reported it, but its neighbours' numbers say that it was sent

const BYTES_PER_ENTRY = 8 + 8 + 8 + 4 * 5 + 2 + 1;

/**
 * The newest probes of one path and kind by sequence number, in typed arrays of a fixed size: a probe finds its place by its number, and the
 * place is taken over by the probe that is `capacity` newer.
 */
export class ProbeRing {
  readonly capacity: number;
  private readonly block: Block;
  /** Station's clock when it was sent; sender's clock as in the token; sensor's clock when it was captured (0: not seen). Milliseconds. */
  readonly at: Float64Array;
  readonly raw: Float64Array;
  readonly packet: Float64Array;
  /** 0: the place is empty. */
  readonly seqs: Uint32Array;
  /** Latencies from `at`, milliseconds, NaN while not known. */
  readonly answered: Float32Array;
  readonly alerted: Float32Array;
  readonly read: Float32Array;
  readonly stored: Float32Array;
  readonly sourcePort: Uint16Array;
  readonly flags: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.block = newBlock(ProbeRing.bytes(capacity));
    const { buffer } = this.block;
    let { offset } = this.block;
    const next = (width: number): number => {
      const start = offset;
      offset += width * capacity;
      return start;
    };
    this.at = new Float64Array(buffer, next(8), capacity);
    this.raw = new Float64Array(buffer, next(8), capacity);
    this.packet = new Float64Array(buffer, next(8), capacity);
    this.seqs = new Uint32Array(buffer, next(4), capacity);
    this.answered = new Float32Array(buffer, next(4), capacity);
    this.alerted = new Float32Array(buffer, next(4), capacity);
    this.read = new Float32Array(buffer, next(4), capacity);
    this.stored = new Float32Array(buffer, next(4), capacity);
    this.sourcePort = new Uint16Array(buffer, next(2), capacity);
    this.flags = new Uint8Array(buffer, next(1), capacity);
  }

  /** What it holds, to be kept over a restart. */
  contents(): Uint8Array {
    return bytesOf(this.block);
  }

  /** Takes over the contents of an earlier ring of the same capacity. */
  load(contents: Uint8Array): void {
    bytesOf(this.block).set(contents);
  }

  static bytes(capacity: number): number {
    return BYTES_PER_ENTRY * capacity;
  }

  /** Room for five minutes and some more, whatever the interval; a multiple of 8. */
  static capacityFor(intervalMs: number): number {
    const wanted = Math.ceil(330_000 / Math.max(1, intervalMs)) + 24;
    return Math.min(512, Math.max(64, Math.ceil(wanted / 8) * 8));
  }

  /** Place of a probe, or -1 where it is not held. */
  find(seq: number): number {
    const place = seq % this.capacity;
    return seq > 0 && this.seqs[place] === seq ? place : -1;
  }

  /** Takes the place for a probe; what was there is gone. */
  put(seq: number, at: number, raw: number, flags: number): number {
    const place = seq % this.capacity;
    this.seqs[place] = seq;
    this.at[place] = at;
    this.raw[place] = raw;
    this.packet[place] = 0;
    this.answered[place] = Number.NaN;
    this.alerted[place] = Number.NaN;
    this.read[place] = Number.NaN;
    this.stored[place] = Number.NaN;
    this.sourcePort[place] = 0;
    this.flags[place] = flags;
    return place;
  }

  has(place: number, flag: number): boolean {
    return (this.flags[place]! & flag) !== 0;
  }

  mark(place: number, flag: number): void {
    this.flags[place]! |= flag;
  }

  unmark(place: number, flag: number): void {
    this.flags[place]! &= ~flag;
  }

  clear(): void {
    this.seqs.fill(0);
  }
}
