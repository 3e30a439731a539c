/**
 * The end of a sender, for all that waits. What an AbortSignal does, for less: of a hundred probes a second each begins and ceases to listen.
 */
export class Stop {
  private readonly waiting = new Set<() => void>();
  private isStopped = false;

  get stopped(): boolean {
    return this.isStopped;
  }

  /** Calls `act` when it is stopped, unless it is taken back before; never within this call. */
  add(act: () => void): void {
    if (!this.isStopped) this.waiting.add(act);
  }

  delete(act: () => void): void {
    this.waiting.delete(act);
  }

  stop(): void {
    this.isStopped = true;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const act of waiting) act();
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
