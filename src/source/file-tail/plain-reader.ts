import { fstatSync } from 'node:fs';
import { readAt, readInto } from './content.ts';
import type { Trail } from './marks.ts';
import { HOLE_BYTES, NEWLINE, type Piece, type ReadLimits, endOfLines, leadingNuls } from './piece.ts';

/** Small reads are done at once; a thread-pool turn would cost more than they do. */
const SYNC_BYTES = 128 * 1024;

/** Reads whole lines of a plain file that grows, is truncated or replaced at any moment. */
export class PlainReader {
  /** What was handed over. */
  trail: Trail;
  /** Where a look would find nothing new: size and change time as of the last look. */
  seen = '';
  private readonly fd: number;
  private readonly limits: ReadLimits;
  private want: number;
  /** Set while a line beyond the limit is skipped: how far it was looked through. */
  private skip: Trail | null = null;
  private inHole: boolean;

  constructor(fd: number, trail: Trail, limits: ReadLimits) {
    this.fd = fd;
    this.trail = trail;
    this.limits = limits;
    this.want = limits.chunk_bytes;
    this.inHole = trail.position === 0;
  }

  /**
   * The next piece; `nothing` where no further line is complete; `changed` where the file no longer holds what was read (truncated,
   * overwritten): nothing of it may be handed over then.
   *
   * @param final the file can grow no more: its last line counts although it lacks the newline
   */
  async read(final: boolean): Promise<Piece | 'nothing' | 'changed'> {
    for (;;) {
      const before = fstatSync(this.fd);
      const from = this.skip ?? this.trail;
      if (before.size < from.position) return 'changed';
      const length = Math.min(this.want, before.size - from.position);
      const bytes =
        length <= SYNC_BYTES ? readAt(this.fd, from.position, length) : await this.readAsync(from.position, length);
      // The proof comes after the read: what was read before a truncation may still be found in a copy, what came after it is another file.
      if (bytes.length < length || !this.holds(from, bytes)) return 'changed';
      const atEnd = from.position + length >= before.size;
      const piece = this.skip === null ? this.cut(bytes, atEnd && final) : this.skipOn(bytes, atEnd && final);
      if (piece !== null) return piece;
      if (!atEnd) continue;
      this.seen = `${before.size}:${before.mtimeMs}`;
      return 'nothing';
    }
  }

  /** True where a look could find something: the file changed since the last one. */
  changedSince(size: number, mtimeMs: number): boolean {
    return this.seen !== `${size}:${mtimeMs}`;
  }

  /** True while the file still holds what was read of it. */
  intact(): boolean {
    const { size } = fstatSync(this.fd);
    return size >= this.trail.position && this.holds(this.trail, Buffer.alloc(0));
  }

  private async readAsync(offset: number, length: number): Promise<Buffer> {
    // Not from the pool: the receiver may keep the chunk for as long as it likes.
    const buffer = Buffer.allocUnsafeSlow(length);
    let done = 0;
    while (done < length) {
      const bytes = await readInto(this.fd, buffer.subarray(done), offset + done);
      if (bytes === 0) break;
      done += bytes;
    }
    return buffer.subarray(0, done);
  }

  private holds(from: Trail, bytes: Buffer): boolean {
    if (fstatSync(this.fd).size < from.position + bytes.length) return false;
    if (from.position === 0) {
      const head = bytes.subarray(0, 1024);
      return readAt(this.fd, 0, head.length).equals(head);
    }
    if (!readAt(this.fd, 0, from.head.length).equals(from.head)) return false;
    const { length } = from.tail;
    return readAt(this.fd, from.position - length, length).equals(from.tail);
  }

  private cut(bytes: Buffer, final: boolean): Piece | null {
    const hole = this.inHole ? this.holeOf(bytes) : 0;
    if (hole > 0) {
      this.trail.add(bytes.subarray(0, hole));
      return hole === bytes.length ? null : this.cut(bytes.subarray(hole), final);
    }
    const newline = bytes.lastIndexOf(NEWLINE);
    const length = newline === -1 && final ? bytes.length : newline + 1;
    if (length > 0 && (newline !== -1 || length <= this.limits.max_line_bytes)) {
      const lines = bytes.subarray(0, endOfLines(bytes.subarray(0, length), this.limits.chunk_lines));
      // Where lines are this short, what lies behind them would be read again and again.
      this.want = lines.length < length ? Math.min(lines.length * 2, this.limits.chunk_bytes) : this.limits.chunk_bytes;
      const offset = this.trail.position;
      this.inHole = false;
      return { kind: 'lines', offset, bytes: lines, trail: this.trail.fork().add(lines) };
    }
    if (bytes.length <= this.limits.max_line_bytes) {
      if (bytes.length === this.want) this.want = Math.min(this.want * 2, this.limits.max_line_bytes + 1);
      return null;
    }
    this.want = this.limits.chunk_bytes;
    this.skip = this.trail.fork();
    return this.skipOn(bytes, final);
  }

  private skipOn(bytes: Buffer, final: boolean): Piece | null {
    const skip = this.skip!;
    const newline = bytes.indexOf(NEWLINE);
    skip.add(newline === -1 ? bytes : bytes.subarray(0, newline + 1));
    if (newline === -1 && !final) return null;
    this.skip = null;
    this.inHole = false;
    const offset = this.trail.position;
    const length = skip.position - offset - (newline === -1 ? 0 : 1);
    return { kind: 'oversize', offset, length, trail: skip };
  }

  /** Length of the hole at the file's start, as far as it reaches into `bytes`. */
  private holeOf(bytes: Buffer): number {
    const nuls = leadingNuls(bytes);
    const hole = this.trail.position > 0 ? nuls : nuls >= HOLE_BYTES ? nuls : 0;
    if (hole < bytes.length) this.inHole = false;
    return hole;
  }
}
