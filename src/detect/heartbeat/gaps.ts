const MOST = 20;

/** Ranges of sequence numbers that never came, the newest last, at most twenty. */
export class Gaps {
  private ranges: { from: number; to: number }[] = [];

  add(seq: number): void {
    const last = this.ranges.at(-1);
    if (last !== undefined && seq === last.to + 1) last.to = seq;
    else if (last === undefined || seq > last.to) this.ranges.push({ from: seq, to: seq });
    if (this.ranges.length > MOST) this.ranges.shift();
  }

  /** It came after all. */
  remove(seq: number): void {
    const at = this.ranges.findIndex((range) => seq >= range.from && seq <= range.to);
    if (at < 0) return;
    const { from, to } = this.ranges[at]!;
    const rest = [
      { from, to: seq - 1 },
      { from: seq + 1, to },
    ].filter((range) => range.from <= range.to);
    this.ranges.splice(at, 1, ...rest);
    if (this.ranges.length > MOST) this.ranges.shift();
  }

  list(): { from: number; to: number }[] {
    return this.ranges.map((range) => ({ ...range }));
  }

  clear(): void {
    this.ranges = [];
  }

  restore(value: unknown): void {
    if (!Array.isArray(value)) return;
    this.ranges = (value as { from?: unknown; to?: unknown }[]).slice(-MOST).flatMap((range) => {
      const { from, to } = range ?? {};
      return Number.isSafeInteger(from) && Number.isSafeInteger(to) ? [{ from: from as number, to: to as number }] : [];
    });
  }
}
