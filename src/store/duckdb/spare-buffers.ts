/** Buffers kept for reuse, and the largest one worth keeping. */
const MOST = 2;
const MOST_BYTES = 48 * 1024 * 1024;
const FIRST_BYTES = 256 * 1024;
/** A buffer this many times as large as what it was used for is let go. */
const MOST_WASTE = 8;
/** A store without a batch for this long lets go of them. */
const QUIET_MS = 3000;

/**
 * Buffers of batches, used again while batches follow each other: new ones of tens of megabytes would be cleared by the kernel each time.
 * Nothing is kept at rest.
 */
export class SpareBuffers {
  private readonly spare: Buffer[] = [];
  private timer: NodeJS.Timeout | null = null;

  take(): Buffer {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    // In turn, so that each of them shows whether it is still of use.
    return this.spare.shift() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** `used`: bytes of it that the batch filled. After a flood the small batches of every day do not hold on to its buffers. */
  giveBack(buffer: Buffer, used: number): void {
    const fits = buffer.length <= MOST_BYTES && buffer.length <= Math.max(FIRST_BYTES, used * MOST_WASTE);
    if (buffer.length > 0 && fits && this.spare.length < MOST) this.spare.push(buffer);
    this.timer ??= setTimeout(() => this.rest(), QUIET_MS).unref();
  }

  private rest(): void {
    this.timer = null;
    this.spare.length = 0;
  }
}
