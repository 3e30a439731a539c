/** Bytes of one frame; `ends` where they are its last. */
export interface FramePart {
  bytes: Buffer;
  ends: boolean;
}

/** The window that the `zstd` tool accepts without being told otherwise; a larger one is refused, since it is allocated at once. */
const MAX_WINDOW = 128 * 1024 * 1024;
/** RFC 8878 section 3.1.1.2.4: no block holds more. Without the check an RLE block of 4 bytes would swell to 2 MiB. */
const MAX_BLOCK = 128 * 1024;
const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

type State = 'header' | 'skippable' | 'block_header' | 'block' | 'checksum';

/**
 * Walks the frames of a zstd file (RFC 8878 section 3.1) without unpacking them. Needed because Node's decompressor silently stops behind
 * the first frame, and because hostile headers must be refused before anything is allocated for them.
 */
export class ZstdFrames {
  private state: State = 'header';
  private readonly head: number[] = [];
  private rest = 0;
  private lastBlock = false;
  private checksum = false;

  /** True between frames: the content may end here. */
  get complete(): boolean {
    return this.state === 'header' && this.head.length === 0;
  }

  /**
   * Cuts a piece of input at the ends of frames; skippable frames are left out. A header comes out once it is whole and found good.
   *
   * @throws Error in plain words on a malformed header
   */
  *split(piece: Buffer): Generator<FramePart> {
    let from = 0;
    let at = 0;
    while (at < piece.length) {
      const before = this.state;
      const step = this.rest > 0 ? Math.min(this.rest, piece.length - at) : 1;
      if (this.rest > 0) this.rest -= step;
      else this.head.push(piece[at]!);
      at += step;
      if (this.rest > 0) continue;
      const header = before === 'header' ? Buffer.from(this.head) : null;
      const ends = this.advance();
      if (header !== null) {
        from = at;
        if (this.state === 'block_header') yield { bytes: header, ends: false };
      } else if (before === 'skippable') {
        from = at;
      } else if (ends) {
        yield { bytes: piece.subarray(from, at), ends };
        from = at;
      }
    }
    const kept = this.state === 'header' || this.state === 'skippable';
    if (!kept && at > from) yield { bytes: piece.subarray(from, at), ends: false };
  }

  /** Called when the bytes that the state waits for are there; true at the end of a frame. */
  private advance(): boolean {
    if (this.state === 'header') return this.header();
    if (this.state === 'block_header') return this.blockHeader();
    if (this.state === 'block' && this.lastBlock && this.checksum) return this.wait('checksum', 4);
    if (this.state === 'block' && !this.lastBlock) return this.wait('block_header', 0);
    this.wait('header', 0);
    return true;
  }

  private wait(state: State, bytes: number): boolean {
    this.state = state;
    this.rest = bytes;
    this.head.length = 0;
    return false;
  }

  private header(): boolean {
    const { head } = this;
    if (head.length < 5) return false;
    const magic = this.little(0, 4);
    if (magic >= SKIPPABLE && magic <= SKIPPABLE + 15) {
      if (head.length < 8) return false;
      const length = this.little(4, 4);
      return this.wait(length === 0 ? 'header' : 'skippable', length);
    }
    if (magic !== MAGIC) throw new Error('no zstd frame begins here');
    const descriptor = head[4]!;
    if ((descriptor & 8) !== 0) throw new Error('reserved bit in a frame header');
    const single = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3]!;
    const size = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    const length = 5 + (single ? 0 : 1) + dictionary + size;
    if (head.length < length) return false;
    const contentSize = this.little(length - size, size) + (size === 2 ? 256 : 0);
    const base = 2 ** (10 + (head[5]! >> 3));
    const window = single ? contentSize : base + (base / 8) * (head[5]! & 7);
    if (window > MAX_WINDOW) throw new Error(`the window of ${window} bytes is larger than ${MAX_WINDOW}`);
    if (dictionary > 0 && this.little(length - size - dictionary, dictionary) !== 0)
      throw new Error('a dictionary is needed');
    this.checksum = (descriptor & 4) !== 0;
    return this.wait('block_header', 0);
  }

  private blockHeader(): boolean {
    if (this.head.length < 3) return false;
    const header = this.little(0, 3);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3) throw new Error('reserved block type');
    if (size > MAX_BLOCK) throw new Error('a block is too large');
    this.lastBlock = (header & 1) !== 0;
    this.wait('block', type === 1 ? 1 : size);
    return this.rest === 0 ? this.advance() : false;
  }

  private little(at: number, bytes: number): number {
    let value = 0;
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + this.head[at + i]!;
    return value;
  }
}
