const MOST = 20;

/** Ranges of sequence numbers that never came, the newest last, at most twenty. */
export class Gaps {
  /** First and last number of each range, in turn: a thousand chains would have twenty thousand objects for them. */
  private bounds: number[] = [];

  add(seq: number): void {
    const { bounds } = this;
    const last = bounds.at(-1);
    if (last !== undefined && seq === last + 1) bounds[bounds.length - 1] = seq;
    else if (last === undefined || seq > last) bounds.push(seq, seq);
    this.forget();
  }

  /** It came after all. */
  remove(seq: number): void {
    const { bounds } = this;
    for (let at = 0; at < bounds.length; at += 2) {
      const from = bounds[at]!;
      const to = bounds[at + 1]!;
      if (seq < from || seq > to) continue;
      const rest = [...(from < seq ? [from, seq - 1] : []), ...(seq < to ? [seq + 1, to] : [])];
      bounds.splice(at, 2, ...rest);
      break;
    }
    this.forget();
  }

  list(): { from: number; to: number }[] {
    const { bounds } = this;
    return Array.from({ length: bounds.length / 2 }, (_, i) => ({ from: bounds[2 * i]!, to: bounds[2 * i + 1]! }));
  }

  clear(): void {
    this.bounds = [];
  }

  restore(value: unknown): void {
    if (!Array.isArray(value)) return;
    this.bounds = (value as { from?: unknown; to?: unknown }[]).slice(-MOST).flatMap((range) => {
      const { from, to } = range ?? {};
      return Number.isSafeInteger(from) && Number.isSafeInteger(to) ? [from as number, to as number] : [];
    });
  }

  private forget(): void {
    if (this.bounds.length > 2 * MOST) this.bounds.splice(0, 2);
  }
}
