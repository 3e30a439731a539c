/** Buffers kept for reuse, and the largest one worth keeping. */
const MOST = 2;
const MOST_BYTES = 48 * 1024 * 1024;
const FIRST_BYTES = 256 * 1024;
/** A store without a batch for this long lets go of them. */
const QUIET_MS = 3000;

/**
 * Buffers of batches, used again while batches follow each other: new ones of tens of megabytes would be cleared by the kernel each time.
 * Nothing is kept at rest.
 */
export class SpareBuffers {
  private readonly spare: Buffer[] = [];
  private timer: NodeJS.Timeout | null = null;
  private readonly quiet: () => void;

  /** `quiet` is called when batches have ceased for a while. */
  constructor(quiet: () => void) {
    this.quiet = quiet;
  }

  take(): Buffer {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    return this.spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  giveBack(buffer: Buffer): void {
    if (buffer.length > 0 && buffer.length <= MOST_BYTES && this.spare.length < MOST) this.spare.push(buffer);
    this.timer ??= setTimeout(() => this.rest(), QUIET_MS).unref();
  }

  private rest(): void {
    this.timer = null;
    this.spare.length = 0;
    this.quiet();
  }
}
