import { collectPlainly } from './collect.ts';
import { giveBackMemory, trimMemory } from './give-back.ts';
import { setV8Flag } from './v8-flag.ts';

/** Shares of one core, all threads together: calm is who takes less than the one, busy who takes more than the other; in between all stays as it is. */
const CALM_SHARE = 0.35;
const BUSY_SHARE = 0.5;
/** What counts is the mean over so many looks: a moment is a question, or the start. */
const MEAN_LOOKS = 10;
/** … but so many busy ones in a row are a flood. */
const FLOOD_LOOKS = 3;
const TRIM_EVERY_MS = 5000;
/** A collection stops everything for some tens of milliseconds: only where memory has grown by so much since the last one. */
const SWEEP_EVERY_MS = 60_000;
const SWEEP_GROWTH_BYTES = 24 * 1024 * 1024;

/** What is looked at and what is done; tests replace it. */
export interface MemoryMeans {
  /** Monotonic milliseconds. */
  now(): number;
  /** CPU time of the process so far, milliseconds. */
  cpu(): number;
  /** Bytes; NaN where it cannot be told. */
  resident(): number;
  /** V8's room for new objects grows by this factor when a collection finds much alive in it; 1: it stays as it is. */
  growYoung(factor: number): void;
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
  resident() {
    try {
      return process.memoryUsage.rss();
    } catch {
      return Number.NaN; // /proc cannot be opened: no descriptor is left.
    }
  },
  growYoung: (factor) => setV8Flag(`--semi-space-growth-factor=${factor}`),
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
  private swept = 0;
  /** Resident bytes after the last collection. */
  private least = 0;

  constructor(means: MemoryMeans = MEANS) {
    this.means = means;
    this.looked = means.now();
    this.cpu = means.cpu();
    // What happens in the moment of starting is no reason to grow.
    means.growYoung(1);
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
    if (this.calm !== false) this.means.growYoung(2);
    this.calm = false;
  }

  private async shrink(now: number): Promise<void> {
    if (this.calm === true) return;
    this.calm = true;
    this.means.growYoung(1);
    [this.trimmed, this.swept] = [now, now];
    await this.means.collect();
    this.least = this.means.resident();
  }

  private async tidy(now: number): Promise<void> {
    if (now - this.trimmed < TRIM_EVERY_MS) return;
    this.trimmed = now;
    if (now - this.swept >= SWEEP_EVERY_MS && this.means.resident() - this.least >= SWEEP_GROWTH_BYTES) {
      this.swept = now;
      this.means.sweep();
    }
    await this.means.trim();
  }
}
