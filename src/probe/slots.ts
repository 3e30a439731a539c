/** What is due within so many milliseconds is done together. */
const STEP_MS = 5;

interface Slot {
  timer: NodeJS.Timeout;
  acts: Set<() => void>;
}

/**
 * Timers that share their awakenings: a station that sends a hundred probes a second, and looks for a hundred answers, would spend more on
 * waking up than on sending.
 */
export class Slots {
  private readonly slots = new Map<number, Slot>();

  /**
   * Calls `act` once, `millis` from now, give or take half of `grid`; never within this call.
   *
   * @param grid milliseconds between two awakenings, a multiple of the step
   * @returns takes it back
   */
  later(millis: number, act: () => void, grid: number = STEP_MS): () => void {
    const now = performance.now();
    const number = Math.max(Math.round((now + millis) / grid), Math.ceil(now / grid)) * (grid / STEP_MS);
    const slot = this.slots.get(number) ?? this.open(number, now);
    // Each has an entry of its own, also where the same is to be done twice.
    const entry = (): void => act();
    slot.acts.add(entry);
    return () => {
      // What is being done just now has no slot any more.
      if (!slot.acts.delete(entry) || slot.acts.size > 0 || this.slots.get(number) !== slot) return;
      clearTimeout(slot.timer);
      this.slots.delete(number);
    };
  }

  private open(number: number, now: number): Slot {
    const acts = new Set<() => void>();
    const timer = setTimeout(
      () => {
        this.slots.delete(number);
        for (const act of acts) {
          try {
            act();
          } catch (error) {
            // The others have their turn, and then it is as if a timer had thrown.
            setImmediate(() => {
              throw error;
            });
          }
        }
      },
      number * STEP_MS - now,
    );
    const slot = { timer, acts };
    this.slots.set(number, slot);
    return slot;
  }

  /** Nothing more is done. */
  clear(): void {
    for (const { timer, acts } of this.slots.values()) {
      clearTimeout(timer);
      acts.clear();
    }
    this.slots.clear();
  }
}

/** The awakenings of chains with this interval: a small part of it, so that a chain keeps its pace. */
export function gridOf(intervalSecs: number): number {
  return Math.min(50, Math.max(1, Math.floor(intervalSecs)) * STEP_MS);
}
