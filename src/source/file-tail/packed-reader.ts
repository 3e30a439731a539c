import { fileBytes } from './content.ts';
import { LineCutter } from './line-cutter.ts';
import type { Trail } from './marks.ts';
import type { Packing } from './packing.ts';
import type { Piece, ReadLimits } from './piece.ts';
import { Damage, unpack } from './unpack.ts';

/** Reads the lines inside a packed file, behind a position that was proven before. */
export class PackedReader {
  trail: Trail;
  /** Set once the content has ended. */
  state: 'reading' | 'finished' | Damage = 'reading';
  private readonly pieces: AsyncGenerator<Piece>;

  constructor(fd: number, packing: Packing, trail: Trail, limits: ReadLimits) {
    this.trail = trail;
    this.pieces = this.run(fd, packing, limits);
  }

  async read(): Promise<Piece | 'nothing'> {
    const next = await this.pieces.next();
    return next.done === true ? 'nothing' : next.value;
  }

  close(): void {
    void this.pieces.return(undefined);
  }

  private async *run(fd: number, packing: Packing, limits: ReadLimits): AsyncGenerator<Piece> {
    const start = this.trail.position;
    const cutter = new LineCutter(this.trail, limits);
    let offset = 0;
    try {
      for await (const bytes of unpack(packing, fileBytes(fd))) {
        const skip = Math.min(Math.max(0, start - offset), bytes.length);
        offset += bytes.length;
        if (skip < bytes.length) yield* cutter.push(bytes.subarray(skip));
      }
      yield* cutter.end();
      this.state = 'finished';
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      yield* cutter.flushWhole();
      this.state = error;
    }
  }
}
