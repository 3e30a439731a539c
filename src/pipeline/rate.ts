/** Events per second over the last ten seconds, from one number per second. */
export class Rate {
  private readonly slots: number[] = Array.from({ length: 10 }, () => 0);
  private second = 0;

  add(count: number, nowMs: number): void {
    this.roll(nowMs);
    this.slots[this.second % 10]! += count;
  }

  perSecond(nowMs: number): number {
    this.roll(nowMs);
    return this.slots.reduce((sum, n) => sum + n, 0) / 10;
  }

  private roll(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    // After a clock jump (either way) everything old is forgotten.
    const steps = second < this.second ? 10 : Math.min(10, second - this.second);
    for (let i = 0; i < steps; i++) this.slots[(((second - i) % 10) + 10) % 10] = 0;
    this.second = second;
  }
}
