/**
 * The end of a sender, for all that waits. What an AbortSignal does, for less: of a hundred probes a second each begins and ceases to listen.
 */
export class Stop {
  private readonly waiting = new Set<() => void>();
  private isStopped = false;

  get stopped(): boolean {
    return this.isStopped;
  }

  /** Calls `act` when it is stopped, unless it is taken back before; never within this call. What it throws is nobody's concern. */
  add(act: () => void): void {
    if (!this.isStopped) this.waiting.add(act);
  }

  delete(act: () => void): void {
    this.waiting.delete(act);
  }

  stop(): void {
    this.isStopped = true;
    for (const act of this.waiting) {
      this.waiting.delete(act);
      try {
        act();
      } catch {
        // Whoever waits has an end of his own; the others must hear of this one.
      }
    }
  }

  /** Resolves after so many milliseconds, or when it is stopped. */
  pause(millis: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.isStopped) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        this.delete(end);
        resolve();
      };
      const timer = setTimeout(end, millis);
      this.add(end);
    });
  }
}
