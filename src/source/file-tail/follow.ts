import type { Chunk } from '../../event/position.ts';
import type { SourceContext } from '../source.ts';
import type { Book } from './book.ts';
import { readAt } from './content.ts';
import { MARK_BYTES, Trail, ownCopy } from './marks.ts';
import type { OpenFile } from './open-file.ts';
import { PackedReader } from './packed-reader.ts';
import type { Piece } from './piece.ts';
import { NEWLINE } from './piece.ts';
import { PlainReader } from './plain-reader.ts';
import type { TailerOptions } from './options.ts';
import type { Damage } from './unpack.ts';

const BLOCK = 64 * 1024;

/** Reads the files whose identity is known, a piece at a time, and hands the pieces over. */
export class Follower {
  /** Milliseconds since the epoch when the last line was handed over. */
  lastLine: number | null = null;
  /** The error with which a chunk was refused: nothing more may be handed over. */
  refused: unknown = null;
  private readonly context: SourceContext;
  private readonly options: TailerOptions;

  constructor(context: SourceContext, options: TailerOptions) {
    this.context = context;
    this.options = options;
  }

  /** Starts reading a file behind its entry's trail. */
  begin(file: OpenFile, finished: boolean): void {
    const trail = file.entry!.trail!;
    if (file.packing === 'plain') {
      file.plain = new PlainReader(file.fd, trail, this.options);
      return;
    }
    file.packed = new PackedReader(file.fd, file.packing!, trail, this.options);
    if (finished) file.packed.state = 'finished';
    file.settled = { signature: file.signature, copyOf: null };
  }

  /** Starts a content that nobody knew; where it starts behind its head, that is made known at once, by a chunk without bytes. */
  async beginNew(book: Book, file: OpenFile, from: number | 'end'): Promise<void> {
    const position = from === 'end' ? lastLineStart(file) : from;
    const trail = trailAt(file, position);
    book.create(file, trail);
    this.begin(file, false);
    if (position > 0) await this.hand(file, { kind: 'lines', offset: position, bytes: Buffer.alloc(0), trail });
  }

  /** True where a turn would do something. */
  ready(file: OpenFile, leave: 'deleted' | 'away' | null): boolean {
    if (leave !== null) return true;
    if (file.plain !== null) return file.plain.changedSince(file.size, file.mtimeMs);
    if (file.packed === null) return false;
    return file.packed.state === 'reading' || file.settled?.signature !== file.signature;
  }

  /** One piece. False where there was nothing to do; the file's entry is gone where the file holds another content now. */
  async turn(file: OpenFile, final: boolean, now: number): Promise<boolean> {
    return file.plain !== null ? this.plainTurn(file, final, now) : this.packedTurn(file);
  }

  async plainTurn(file: OpenFile, final: boolean, now: number): Promise<boolean> {
    const piece = await file.plain!.read(final);
    if (piece === 'nothing') {
      // The reader has seen the file as it is now, which may be later than the last poll: both must agree, or it would look again at once.
      file.update(now);
      return false;
    }
    if (piece === 'changed') this.replaced(file);
    else await this.hand(file, piece);
    return true;
  }

  /** True where a plain file no longer holds what was read of it; it has no entry any more then. */
  noticeChange(file: OpenFile): boolean {
    if (file.plain === null || !file.plain.changedSince(file.size, file.mtimeMs)) return false;
    if (file.plain.trail.position === 0) {
      // Nothing of it was handed over: it may begin in another way now, and copies are known by that.
      file.head = ownCopy(readAt(file.fd, 0, MARK_BYTES));
      file.entry!.probe = file.head;
      return false;
    }
    if (file.plain.intact()) return false;
    this.replaced(file);
    return true;
  }

  /** Notes the damage of a packed file. */
  broken(file: OpenFile, damage: Damage): void {
    const message = `${damage.message} (behind ${damage.offset} bytes of content)`;
    if (file.problem?.message !== message)
      this.options.log('file_broken', { path: file.path, offset: damage.offset, error: damage.message });
    file.problem = { code: 'source_broken', message };
  }

  private async packedTurn(file: OpenFile): Promise<boolean> {
    const reader = file.packed!;
    if (reader.state !== 'reading') {
      if (file.settled?.signature === file.signature) return false;
      // It was written to after all: who it is, and how far it was read, is found out anew.
      file.release();
      file.problem = null;
      return true;
    }
    const piece = await reader.read();
    if (piece !== 'nothing') {
      await this.hand(file, piece);
      return true;
    }
    const state = reader.state as PackedReader['state'];
    if (state === 'finished') this.options.log('file_finished', { path: file.path });
    else if (state !== 'reading') this.broken(file, state);
    return true;
  }

  /** The file was truncated or overwritten: its old content may live on in a copy, the new one starts at its head. */
  private replaced(file: OpenFile): void {
    const entry = file.entry!;
    const { position } = entry.record;
    this.options.log('file_truncated', { path: file.path, position });
    entry.missing = Math.max(0, file.size - position);
    file.release();
    file.replaced = entry.record.id;
  }

  private async hand(file: OpenFile, piece: Piece): Promise<void> {
    const entry = file.entry!;
    const { context } = this;
    const now = context.now();
    const after: Chunk['after'] = {
      ...piece.trail.marks(),
      path: file.path,
      dev: file.dev,
      ino: file.ino,
      last_read: now,
    };
    const before = entry.record;
    entry.record = { ...before, ...after };
    entry.trail = piece.trail;
    if (piece.trail.head.length > entry.probe.length) entry.probe = piece.trail.head;
    if (file.plain !== null) file.plain.trail = piece.trail;
    if (file.packed !== null) file.packed.trail = piece.trail;
    if (piece.kind === 'oversize' || piece.bytes.length > 0) this.lastLine = now;
    try {
      if (piece.kind === 'lines')
        await context.chunk({ file: before, offset: piece.offset, bytes: piece.bytes, after });
      else await context.oversize({ file: before, offset: piece.offset, length: piece.length, after });
    } catch (error) {
      this.refused = error;
      throw error;
    }
  }
}

/** The proof of a position that is taken as read. */
function trailAt(file: OpenFile, position: number): Trail {
  const length = Math.min(position, MARK_BYTES);
  return new Trail(position, ownCopy(readAt(file.fd, 0, length)), ownCopy(readAt(file.fd, position - length, length)));
}

/** Where the last line that is not complete yet begins. */
function lastLineStart(file: OpenFile): number {
  for (let end = file.size; end > 0;) {
    const from = Math.max(0, end - BLOCK);
    const newline = readAt(file.fd, from, end - from).lastIndexOf(NEWLINE);
    if (newline !== -1) return from + newline + 1;
    end = from;
  }
  return 0;
}
