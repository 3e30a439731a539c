/**
 * Frames of the last milliseconds, to drop the copy of a packet that a router saw on a second bridge port.
 *
 * A hash only finds the candidate; the frames themselves are compared. A hash alone would let an attacker make a frame that looks like one
 * before it, and so keep it from the sensor's eyes.
 *
 * Each router has its own: what two routers saw of a packet on its way is no duplicate, and may go to different outputs.
 *
 * Bounded: one place per hash, and a ring of bytes in which new frames overwrite old ones. What is no longer there is not found, so a
 * duplicate may pass when there is too much traffic; a frame that is no duplicate is never dropped.
 */
export class DuplicateTable {
  readonly #windowMs: number;
  readonly #ring: Buffer;
  readonly #mask: number;
  readonly #times: Float64Array;
  /** Positions count all bytes ever written; in the ring they are taken modulo its size. */
  readonly #positions: Float64Array;
  readonly #lengths: Uint32Array;
  readonly #routers: Uint32Array;
  #written = 0;

  /** `places` is rounded up to a power of two. */
  constructor(windowMs: number, ringBytes = 16 * 1024 * 1024, places = 65_536) {
    this.#windowMs = windowMs;
    this.#ring = Buffer.alloc(ringBytes);
    const size = 2 ** Math.ceil(Math.log2(places));
    this.#mask = size - 1;
    this.#times = new Float64Array(size).fill(-Infinity);
    this.#positions = new Float64Array(size);
    this.#lengths = new Uint32Array(size);
    this.#routers = new Uint32Array(size);
  }

  /**
   * True where the same bytes were given for the same router (any number) within the window before `now` (milliseconds of a clock that does not jump).
   * Remembers them if not.
   */
  seen(router: number, bytes: Uint8Array, start: number, end: number, now: number): boolean {
    const place = hash(router, bytes, start, end) & this.#mask;
    const length = end - start;
    if (
      this.#lengths[place] === length &&
      this.#routers[place] === router &&
      now - this.#times[place]! <= this.#windowMs &&
      this.#isHeld(place) &&
      this.#isSame(place, bytes, start, end)
    ) {
      return true;
    }
    this.#remember(place, router, bytes, start, end, now);
    return false;
  }

  #isHeld(place: number): boolean {
    return this.#written - this.#positions[place]! <= this.#ring.length;
  }

  #isSame(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    const at = this.#positions[place]! % this.#ring.length;
    return this.#ring.compare(bytes, start, end, at, at + end - start) === 0;
  }

  #remember(place: number, router: number, bytes: Uint8Array, start: number, end: number, now: number): void {
    const length = end - start;
    const size = this.#ring.length;
    if (length > size) return;
    // A frame lies in one piece: what is left at the end of the ring stays unused.
    const left = size - (this.#written % size);
    if (left < length) this.#written += left;
    const at = this.#written % size;
    for (let i = 0; i < length; i++) this.#ring[at + i] = bytes[start + i]!;
    this.#times[place] = now;
    this.#positions[place] = this.#written;
    this.#lengths[place] = length;
    this.#routers[place] = router;
    this.#written += length;
  }
}

/** FNV-1a over whole bytes: fast for the sizes of frames, and nothing depends on its strength. */
function hash(router: number, bytes: Uint8Array, start: number, end: number): number {
  let value = Math.imul(0x811c9dc5 ^ router, 0x01000193);
  for (let i = start; i < end; i++) value = Math.imul(value ^ bytes[i]!, 0x01000193);
  return value ^ (value >>> 15);
}
