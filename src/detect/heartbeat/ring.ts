import { gather, scatter, type Stretch } from './stretch.ts';

/** What is known of one probe; bits of `flags`. */
export const TOLD = 1; // its sender reported it
export const SEEN = 2; // its alert was read
export const STORED = 4; // and is searchable
export const FAILED = 8; // its sender says that it did not reach the wire
export const COUNTED = 16; // it is in the history, as came or lost
export const LOST = 32; // counted as lost
export const ANSWERED = 64;
export const MISSED = 128; // nobody reported it, but its neighbours' numbers say that it was sent

const BYTES_PER_ENTRY = 8 + 8 + 4 * 6 + 2 + 1;

/** Two packets of the same microsecond are the same packet; times are doubles of milliseconds, so they may be rounded differently. */
const SAME_PACKET_US = 2;
/** Microseconds that fit into a column: 71 minutes. A packet that was kept for just so long is taken for a line that was read again: neither proves anything. */
const STAMPS = 2 ** 32;

function stampOf(packet: number): number {
  return Math.round(packet * 1000) % STAMPS;
}

/** Probes of many rings, one ring behind the other. */
class Columns {
  /** Station's clock when it was sent; sender's clock as in the token. Milliseconds. */
  readonly at: Float64Array;
  readonly raw: Float64Array;
  /** Sensor's clock when it was captured, microseconds modulo 2^32 (0: not seen). */
  readonly packet: Uint32Array;
  /** 0: the place is empty. */
  readonly seqs: Uint32Array;
  /** Latencies from `at`, milliseconds, NaN while not known. */
  readonly answered: Float32Array;
  readonly alerted: Float32Array;
  readonly read: Float32Array;
  readonly stored: Float32Array;
  readonly sourcePort: Uint16Array;
  readonly flags: Uint8Array;
  readonly size: number;
  used = 0;

  constructor(size: number) {
    this.size = size;
    this.at = new Float64Array(size);
    this.raw = new Float64Array(size);
    this.packet = new Uint32Array(size);
    this.seqs = new Uint32Array(size);
    this.answered = new Float32Array(size);
    this.alerted = new Float32Array(size);
    this.read = new Float32Array(size);
    this.stored = new Float32Array(size);
    this.sourcePort = new Uint16Array(size);
    this.flags = new Uint8Array(size);
  }
}

const SHARED_PROBES = 4096;

let open = new Columns(0);

/**
 * The newest probes of one path and kind by sequence number, in columns of a fixed size: a probe finds its place by its number, and the
 * place is taken over by the probe that is `capacity` newer. Places go from `first` to before `end`.
 */
export class ProbeRing {
  readonly capacity: number;
  readonly first: number;
  readonly end: number;
  readonly at: Float64Array;
  readonly raw: Float64Array;
  private readonly packet: Uint32Array;
  readonly seqs: Uint32Array;
  readonly answered: Float32Array;
  readonly alerted: Float32Array;
  readonly read: Float32Array;
  readonly stored: Float32Array;
  readonly sourcePort: Uint16Array;
  readonly flags: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    if (open.used + capacity > open.size) open = new Columns(Math.max(SHARED_PROBES, capacity));
    this.first = open.used;
    open.used += capacity;
    this.end = open.used;
    this.at = open.at;
    this.raw = open.raw;
    this.packet = open.packet;
    this.seqs = open.seqs;
    this.answered = open.answered;
    this.alerted = open.alerted;
    this.read = open.read;
    this.stored = open.stored;
    this.sourcePort = open.sourcePort;
    this.flags = open.flags;
  }

  private stretches(): Stretch[] {
    const { at, raw, packet, seqs, answered, alerted, read, stored, sourcePort, flags, first, capacity } = this;
    const columns = [at, raw, packet, seqs, answered, alerted, read, stored, sourcePort, flags];
    return columns.map((column) => ({ column, first, count: capacity }));
  }

  /** What it holds, to be kept over a restart. */
  contents(): Uint8Array {
    return gather(this.stretches());
  }

  /** Takes over the contents of an earlier ring of the same capacity. */
  load(contents: Uint8Array): void {
    scatter(this.stretches(), contents);
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
    const place = this.first + (seq % this.capacity);
    return seq > 0 && this.seqs[place] === seq ? place : -1;
  }

  /** Takes the place for a probe; what was there is gone. */
  put(seq: number, at: number, raw: number, flags: number): number {
    const place = this.first + (seq % this.capacity);
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

  /** Notes when its packet was captured, by the sensor's clock, milliseconds. */
  capture(place: number, packet: number): void {
    this.packet[place] = stampOf(packet);
  }

  /** Was it this very packet? */
  isCapture(place: number, packet: number): boolean {
    const apart = Math.abs(this.packet[place]! - stampOf(packet));
    return Math.min(apart, STAMPS - apart) <= SAME_PACKET_US;
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
    this.seqs.fill(0, this.first, this.end);
  }
}
