import type { Trail } from './marks.ts';
import { NEWLINE, type Piece, type ReadLimits, endOfLines } from './piece.ts';

/** Cuts a stream of content into pieces of whole lines: for what is read once from its start (packed files, imports). */
export class LineCutter {
  /** How far pieces were cut. */
  trail: Trail;
  private readonly limits: ReadLimits;
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** Held bytes up to and with the last newline among them. */
  private whole = 0;
  private skip: Trail | null = null;

  constructor(trail: Trail, limits: ReadLimits) {
    this.trail = trail;
    this.limits = limits;
  }

  /** Takes the next bytes of the content (kept until their piece is cut, so they must not be reused) and gives the pieces that are full. */
  *push(bytes: Buffer): Generator<Piece> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.limits.chunk_bytes);
      at += part.length;
      yield* this.take(part);
    }
  }

  /** The rest: the last line counts although it may lack its newline. */
  *end(): Generator<Piece> {
    if (this.skip !== null) yield this.endSkip(false);
    else if (this.heldBytes > 0) yield* this.flush(this.heldBytes);
  }

  /** Only whole lines: for a content whose end is damaged. */
  *flushWhole(): Generator<Piece> {
    yield* this.flush(this.whole);
  }

  private *take(part: Buffer): Generator<Piece> {
    const first = part.indexOf(NEWLINE);
    if (this.skip !== null) {
      this.skip.add(first === -1 ? part : part.subarray(0, first + 1));
      if (first === -1) return;
      yield this.endSkip(true);
      if (first + 1 < part.length) yield* this.take(part.subarray(first + 1));
      return;
    }
    const open = this.heldBytes - this.whole + (first === -1 ? part.length : first);
    if (open > this.limits.max_line_bytes) {
      yield* this.flush(this.whole);
      this.skip = this.trail.fork();
      for (const held of this.held) this.skip.add(held);
      this.held = [];
      this.heldBytes = 0;
      yield* this.take(part);
      return;
    }
    this.held.push(part);
    if (first !== -1) this.whole = this.heldBytes + part.lastIndexOf(NEWLINE) + 1;
    this.heldBytes += part.length;
    if (this.whole >= this.limits.chunk_bytes) yield* this.flush(this.whole);
  }

  private *flush(length: number): Generator<Piece> {
    if (length === 0) return;
    const all = Buffer.concat(this.held);
    const rest = all.subarray(length);
    this.held = rest.length === 0 ? [] : [Buffer.from(rest)];
    this.heldBytes = rest.length;
    this.whole = 0;
    for (let left = all.subarray(0, length); left.length > 0;) {
      const lines = left.subarray(0, endOfLines(left, this.limits.chunk_lines));
      left = left.subarray(lines.length);
      const offset = this.trail.position;
      this.trail = this.trail.fork().add(lines);
      yield { kind: 'lines', offset, bytes: lines, trail: this.trail };
    }
  }

  private endSkip(newline: boolean): Piece {
    const skip = this.skip!;
    const offset = this.trail.position;
    this.skip = null;
    this.trail = skip;
    return { kind: 'oversize', offset, length: skip.position - offset - (newline ? 1 : 0), trail: skip };
  }
}
