/** Bytes that come in chunks of any size, taken in pieces of the wanted size. Holds at most one piece and one chunk. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Offset in the stream of the next byte to be taken. */
  offset = 0;

  constructor(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** Bytes at hand once {@link fill} has been asked. */
  get available(): number {
    return this.#bytes.length - this.#at;
  }

  /** Waits for `size` bytes. False where the stream ends before; `available` says how many there are. */
  async fill(size: number): Promise<boolean> {
    if (this.available >= size) return true;
    const parts: Uint8Array[] = [this.#bytes.subarray(this.#at)];
    let have = this.available;
    while (have < size) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      parts.push(next.value);
      have += next.value.length;
    }
    this.#bytes = Buffer.concat(parts, have);
    this.#at = 0;
    return have >= size;
  }

  /** `size` bytes that {@link fill} has promised. They are not copied: good until the queue is asked again, longer where the chunks are. */
  take(size: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    this.offset += size;
    return taken;
  }

  /** As {@link take}, but the bytes stay. */
  peek(size: number): Buffer {
    return this.#bytes.subarray(this.#at, this.#at + size);
  }

  /** Ends the source: a file is closed. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
