import type { FileRecord } from '../../event/position.ts';
import type { SourceContext } from '../source.ts';
import { LineCutter } from './line-cutter.ts';
import type { Trail } from './marks.ts';
import type { Piece, ReadLimits } from './piece.ts';
import { interrupted } from './once.ts';

/** Cuts a content that is read once into pieces and hands them over under one record. */
export class HandOver {
  private readonly context: SourceContext;
  private readonly cutter: LineCutter;
  private readonly signal: AbortSignal | undefined;
  private record: FileRecord;

  constructor(context: SourceContext, record: FileRecord, trail: Trail, limits: ReadLimits, signal?: AbortSignal) {
    this.context = context;
    this.record = record;
    this.signal = signal;
    this.cutter = new LineCutter(trail, limits);
  }

  /** Makes the position known that is taken as read, where a content that nobody knows starts behind its head. */
  async begin(): Promise<void> {
    const { trail } = this.cutter;
    await this.give([{ kind: 'lines', offset: trail.position, bytes: Buffer.alloc(0), trail }]);
  }

  /** The bytes must not be reused by the caller. @throws VardeError interrupted */
  async push(bytes: Buffer): Promise<void> {
    if (bytes.length > 0) await this.give(this.cutter.push(bytes));
  }

  /** The content has ended: its last line counts. */
  async end(): Promise<void> {
    await this.give(this.cutter.end());
  }

  /** The content ends in a damage: only whole lines count. */
  async endDamaged(): Promise<void> {
    await this.give(this.cutter.flushWhole());
  }

  private async give(pieces: Iterable<Piece>): Promise<void> {
    for (const piece of pieces) {
      if (this.signal?.aborted === true) throw interrupted();
      const file = this.record;
      const { path, dev, ino } = file;
      const after = { ...piece.trail.marks(), path, dev, ino, last_read: this.context.now() };
      this.record = { ...file, ...after };
      if (piece.kind === 'lines') await this.context.chunk({ file, offset: piece.offset, bytes: piece.bytes, after });
      else await this.context.oversize({ file, offset: piece.offset, length: piece.length, after });
    }
  }
}
