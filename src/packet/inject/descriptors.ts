import { closeSync } from 'node:fs';

const PLACES = 256;

/**
 * What a thread has open, seen by another: libc opened it, so that nobody closes it when the thread is ended in the middle, as one is that outgrows its
 * memory. Its ports would stay taken as long as the process lives.
 */
export class Descriptors {
  /** Descriptor + 1 each; 0: free. */
  readonly memory: SharedArrayBuffer;
  private readonly places: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.places = new Int32Array(memory);
  }

  add(fd: number): void {
    const place = this.places.indexOf(0);
    if (place >= 0) Atomics.store(this.places, place, fd + 1);
  }

  delete(fd: number): void {
    const place = this.places.indexOf(fd + 1);
    if (place >= 0) Atomics.store(this.places, place, 0);
  }

  /** Closes what is left; only when the thread has gone. */
  closeAll(): void {
    for (const [place, held] of this.places.entries()) {
      if (held === 0) continue;
      Atomics.store(this.places, place, 0);
      try {
        closeSync(held - 1);
      } catch {
        // It was closed already.
      }
    }
  }
}
