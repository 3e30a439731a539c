import { getHeapStatistics } from 'node:v8';
import { collectPlainly } from './collect.ts';
import { giveBackMemory } from './give-back.ts';
import { keepLargeBuffers, shareArenas, trimMemory } from './malloc.ts';
import { setV8Flag } from './v8-flag.ts';

/** Shares of one core, all threads together: calm is who takes less than the one, busy who takes more than the other; in between all stays as it is. */
const CALM_SHARE = 0.35;
const BUSY_SHARE = 0.5;
/** What counts is the mean over so many looks: a moment is a question, or the start. */
const MEAN_LOOKS = 10;
/** … but so many busy ones in a row are a flood. */
const FLOOD_LOOKS = 3;
const TRIM_EVERY_MS = 5000;
/**
 * V8 collects by itself, and cheaply, each time that the old part of its heap has grown by some 8 MB; but after a large answer it lets the heap grow
 * by as much again. While calm it is swept when what is used has grown by this much, or by this part where that is more …
 */
const SWEEP_GROWTH_BYTES = 12 * 1024 * 1024;
const SWEEP_GROWTH_SHARE = 1 / 4;
/** … but not for more than this share of the time: a collection stops everything for some tens of milliseconds. */
const SWEEP_TIME_SHARE = 0.01;

/** What is looked at and what is done; tests replace it. */
export interface MemoryMeans {
  /** Monotonic milliseconds. */
  now(): number;
  /** CPU time of the process so far, milliseconds. */
  cpu(): number;
  /** Bytes that JavaScript's objects and buffers take, garbage among them. */
  used(): number;
  /**
   * Small: V8's room for new objects stays as it is, each of its collections moves together what lives (else pages stay that hold little), and
   * large buffers go back when they are freed. Large: as is fastest.
   */
  room(size: 'small' | 'large'): void;
  /** All that can be given back; compiled code is lost. */
  collect(): Promise<void>;
  /** Ordinary garbage. */
  sweep(): void;
  trim(): Promise<void>;
}

const MEANS: MemoryMeans = {
  now: () => performance.now(),
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  used() {
    const { used_heap_size: heap, external_memory: buffers } = getHeapStatistics();
    return heap + buffers;
  },
  room(size) {
    // V8's room for new objects grows by this factor when a collection finds much alive in it.
    setV8Flag(`--semi-space-growth-factor=${size === 'small' ? 1 : 2}`);
    setV8Flag(size === 'small' ? '--compact-on-every-full-gc' : '--no-compact-on-every-full-gc');
    void keepLargeBuffers(size === 'large');
  },
  collect: giveBackMemory,
  sweep: collectPlainly,
  trim: trimMemory,
};

/**
 * Keeps a process small that has little to do. For speed V8 lets its room for new objects grow to 32 MB and more (Node 24: 128 MB), and malloc
 * keeps what was freed; at a hundred lines a second both cost memory and gain nothing. While there is much to do nothing is held back.
 */
export class MemoryKeeper {
  private readonly means: MemoryMeans;
  private looked: number;
  private cpu: number;
  /** Null: not known yet. */
  private calm: boolean | null = null;
  /** Of the newest looks, the newest first. */
  private shares: number[] = [];
  private trimmed = 0;
  private maySweep = 0;
  /** Bytes used after the last collection, V8's own too. */
  private least = 0;

  constructor(means: MemoryMeans = MEANS) {
    this.means = means;
    this.looked = means.now();
    this.cpu = means.cpu();
    // What happens in the moment of starting is no reason to grow.
    means.room('small');
  }

  /** The keeper of this process; to be made before its work begins. */
  static async begin(): Promise<MemoryKeeper> {
    await shareArenas();
    return new MemoryKeeper();
  }

  /** To be called about once a second. */
  async look(): Promise<void> {
    const now = this.means.now();
    const cpu = this.means.cpu();
    this.shares = [(cpu - this.cpu) / Math.max(1, now - this.looked), ...this.shares].slice(0, MEAN_LOOKS);
    [this.looked, this.cpu] = [now, cpu];
    const { shares } = this;
    const known = shares.length === MEAN_LOOKS;
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const isFlood = shares.length >= FLOOD_LOOKS && shares.slice(0, FLOOD_LOOKS).every((share) => share > BUSY_SHARE);
    if (isFlood || (known && mean > BUSY_SHARE)) this.grow();
    else if (known && mean < CALM_SHARE) await this.shrink(now);
    // Neither at the start: who will not be calm is not held back.
    else if (known && this.calm === null) this.grow();
    if (this.calm === true) await this.tidy(now);
  }

  private grow(): void {
    if (this.calm !== false) this.means.room('large');
    this.calm = false;
  }

  private async shrink(now: number): Promise<void> {
    if (this.calm === true) return;
    this.calm = true;
    this.means.room('small');
    this.trimmed = now;
    this.maySweep = now;
    await this.means.collect();
    this.least = this.means.used();
  }

  private async tidy(now: number): Promise<void> {
    this.sweep(now);
    if (now - this.trimmed < TRIM_EVERY_MS) return;
    this.trimmed = now;
    await this.means.trim();
  }

  private sweep(now: number): void {
    const used = this.means.used();
    this.least = Math.min(this.least, used);
    if (now < this.maySweep) return;
    if (used - this.least < Math.max(SWEEP_GROWTH_BYTES, this.least * SWEEP_GROWTH_SHARE)) return;
    this.means.sweep();
    this.maySweep = now + (this.means.now() - now) / SWEEP_TIME_SHARE;
    this.least = this.means.used();
  }
}
