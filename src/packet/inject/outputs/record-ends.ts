/** More than there are records in a full buffer: the smallest has 17 bytes. */
const PLACES = 65_536;

/** Where records end that wait in a stream's buffer, in bytes since the stream began: which of them have gone out is then known at any time. */
export class RecordEnds {
  private readonly ends = new Float64Array(PLACES);
  private first = 0;
  private next = 0;

  get count(): number {
    return this.next - this.first;
  }

  add(end: number): void {
    this.ends[this.next++ % PLACES] = end;
  }

  /** Takes away those that end within the first `bytes`. @returns how many */
  pass(bytes: number): number {
    const { first } = this;
    while (this.first < this.next && this.ends[this.first % PLACES]! <= bytes) this.first++;
    return this.first - first;
  }

  clear(): void {
    this.first = this.next;
  }
}
