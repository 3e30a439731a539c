const BIN_MS = 300_000;
const BINS = 288;

/** Packets and drops a second over a day, in bins of five minutes: fixed memory. */
export class PacketPlot {
  /** Number of the bin since the epoch, milliseconds that were counted, packets, drops. */
  private readonly bins = new Float32Array(BINS * 4);

  /** `span` is the time they are for, milliseconds. */
  add(arrived: number, span: number, packets: number, drops: number): void {
    const number = Math.floor(arrived / BIN_MS);
    const slot = slotOf(number);
    if (this.bins[slot] !== number) this.bins.fill(0, slot, slot + 4);
    this.bins[slot] = number;
    this.bins[slot + 1]! += span;
    this.bins[slot + 2]! += packets;
    this.bins[slot + 3]! += drops;
  }

  /** From the first bin that has something: its begin (milliseconds since the epoch), packets and drops a second; null where nothing is known. */
  rows(now: number): [number, number | null, number | null][] {
    const last = Math.floor(now / BIN_MS);
    const rows: [number, number | null, number | null][] = [];
    let begun = false;
    for (let number = last - BINS + 1; number <= last; number++) {
      const slot = slotOf(number);
      const span = this.bins[slot] === number ? this.bins[slot + 1]! : 0;
      if (span > 0) begun = true;
      if (!begun) continue;
      const rate = (value: number): number => Math.round((value / span) * 1_000_000) / 1000;
      rows.push(
        span > 0
          ? [number * BIN_MS, rate(this.bins[slot + 2]!), rate(this.bins[slot + 3]!)]
          : [number * BIN_MS, null, null],
      );
    }
    return rows;
  }

  /** The bins in base64: they outlive a restart. */
  saved(): string {
    return Buffer.from(this.bins.buffer).toString('base64');
  }

  /** Anything else than a saved plot is passed over. */
  restore(saved: unknown): void {
    if (typeof saved !== 'string' || saved.length > this.bins.byteLength * 2) return;
    const data = Buffer.from(saved, 'base64');
    if (data.length === this.bins.byteLength) new Uint8Array(this.bins.buffer).set(data);
  }
}

function slotOf(number: number): number {
  return (((number % BINS) + BINS) % BINS) * 4;
}
