import { giveBackMemory, trimMemory } from './give-back.ts';
import { setV8Flag } from './v8-flag.ts';

/** Shares of one core, all threads together: above the one the process is busy, below the other it may be calm. */
const BUSY_SHARE = 0.5;
const CALM_SHARE = 0.35;
/** So many looks in a row: a moment is a question, or the start. */
const BUSY_LOOKS = 3;
/** Calm is who did so little for this long. */
const CALM_AFTER_MS = 10_000;
const TRIM_EVERY_MS = 5000;
/** A whole collection stops everything for some tens of milliseconds: seldom, and only where memory has grown by so much since the last one. */
const COLLECT_EVERY_MS = 300_000;
const COLLECT_GROWTH_BYTES = 16 * 1024 * 1024;

/** What is looked at and what is done; tests replace it. */
export interface MemoryMeans {
  /** Monotonic milliseconds. */
  now(): number;
  /** CPU time of the process so far, milliseconds. */
  cpu(): number;
  resident(): number;
  /** V8's room for new objects grows by this factor when a collection finds much alive in it; 1: it stays as it is. */
  growYoung(factor: number): void;
  collect(): Promise<void>;
  trim(): Promise<void>;
}

const MEANS: MemoryMeans = {
  now: () => performance.now(),
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  resident: () => process.memoryUsage.rss(),
  growYoung: (factor) => void setV8Flag(`--semi-space-growth-factor=${factor}`),
  collect: giveBackMemory,
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
  /** Busy from the start, so that the first calm clears what the start has left behind. */
  private busy = true;
  private busyLooks = 0;
  private calmSince: number | null = null;
  private trimmed = 0;
  private collected = 0;
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
    const share = (cpu - this.cpu) / Math.max(1, now - this.looked);
    [this.looked, this.cpu] = [now, cpu];
    this.busyLooks = share > BUSY_SHARE ? this.busyLooks + 1 : 0;
    if (this.busyLooks === BUSY_LOOKS) {
      this.busy = true;
      this.means.growYoung(2);
    }
    if (share > CALM_SHARE) this.calmSince = null;
    else this.calmSince ??= now;
    if (this.calmSince === null || now - this.calmSince < CALM_AFTER_MS) return;
    if (this.busy) {
      this.busy = false;
      this.means.growYoung(1);
      await this.collect(now);
      return;
    }
    const grown = this.means.resident() - this.least;
    if (now - this.collected >= COLLECT_EVERY_MS && grown >= COLLECT_GROWTH_BYTES) await this.collect(now);
    else if (now - this.trimmed >= TRIM_EVERY_MS) {
      this.trimmed = now;
      await this.means.trim();
    }
  }

  private async collect(now: number): Promise<void> {
    [this.trimmed, this.collected] = [now, now];
    await this.means.collect();
    this.least = this.means.resident();
  }
}
