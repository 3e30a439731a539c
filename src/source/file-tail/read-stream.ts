import type { Readable } from 'node:stream';
import { VardeError } from '../../base/errors.ts';
import type { FileRecord } from '../../event/position.ts';
import type { SourceContext } from '../source.ts';
import { Book, type Entry, newRecord } from './book.ts';
import type { Survey } from './content.ts';
import { Evidence } from './evidence.ts';
import { HandOver } from './hand-over.ts';
import { MARK_BYTES, Trail, isMarked } from './marks.ts';
import { packingOf } from './packing.ts';
import { NEWLINE, type ReadLimits } from './piece.ts';
import { type ReadOnceOptions, type ReadOnceResult, broken, countNewlines, interrupted } from './once.ts';
import { Damage, unpack } from './unpack.ts';

/** What may be held back while it is not clear whether it is a known content. */
const HELD_BYTES = 64 * 1024 * 1024;
const END_BYTES = 64 * 1024;
/** A batch is committed some seconds after its first line; a minute is a store that does not commit. */
const PROOF_WAIT_MS = 50;
const PROOF_TRIES = 1200;

/**
 * Reads a stream once. It cannot be looked at twice: where its first bytes are those of a known content, lines are held back until the place
 * is reached up to which that one was read, and there the proof decides.
 */
export async function readStream(
  stream: Readable,
  path: string,
  context: SourceContext,
  limits: ReadLimits,
  options: ReadOnceOptions,
): Promise<ReadOnceResult> {
  const { signal } = options;
  const abort = (): void => void stream.destroy(interrupted());
  signal?.addEventListener('abort', abort, { once: true });
  const reading = new StreamReading(path, context, limits, signal);
  try {
    if (signal?.aborted === true) throw interrupted();
    const input = peeked(counted(stream, options.onBytes));
    const packing = packingOf(await input.head(8)) ?? 'plain';
    for await (const bytes of unpack(packing, input.rest())) await reading.push(bytes);
    await reading.end();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    await reading.endDamaged();
    reading.result.problem = broken(error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return reading.result;
}

async function* counted(stream: Readable, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string);
    total += bytes.length;
    yield bytes;
    onBytes?.(total);
  }
}

/** A stream whose first bytes can be looked at. */
function peeked(input: AsyncGenerator<Buffer>): {
  head(length: number): Promise<Buffer>;
  rest(): AsyncGenerator<Buffer>;
} {
  let first = Buffer.alloc(0);
  return {
    async head(length) {
      while (first.length < length) {
        const next = await input.next();
        if (next.done === true) break;
        first = Buffer.concat([first, next.value]);
      }
      return first;
    },
    async *rest() {
      if (first.length > 0) yield first;
      yield* input;
    },
  };
}

class StreamReading {
  readonly result: ReadOnceResult = { id: null, already_there_lines: 0, already_there_bytes: 0, problem: null };
  private readonly path: string;
  private readonly context: SourceContext;
  private readonly limits: ReadLimits;
  private readonly signal: AbortSignal | undefined;
  private readonly book: Book;
  private hand: HandOver | null = null;
  private held: Buffer[] = [];
  private heldBytes = 0;
  private dropped = false;
  /** Everything seen so far. */
  private readonly trail = new Trail();
  private newlines = 0;
  private end_ = Buffer.alloc(0);
  /** Known contents that it may be, nearest first; null until enough of the head is there. */
  private candidates: Entry[] | null = null;
  private proven: { entry: Entry; trail: Trail; lines: number } | null = null;

  constructor(path: string, context: SourceContext, limits: ReadLimits, signal?: AbortSignal) {
    this.path = path;
    this.context = context;
    this.limits = limits;
    this.signal = signal;
    this.book = new Book(context);
  }

  async push(bytes: Buffer): Promise<void> {
    if (this.hand !== null) return this.hand.push(bytes);
    this.hold(bytes);
    if (this.candidates === null) {
      if (this.heldBytes < MARK_BYTES) return;
      this.candidates = this.known();
    }
    await this.prove();
  }

  async end(): Promise<void> {
    if (this.hand === null) await this.decideAtEnd();
    await this.hand?.end();
  }

  async endDamaged(): Promise<void> {
    if (this.hand === null) await this.decideAtEnd();
    await this.hand?.endDamaged();
  }

  private hold(bytes: Buffer): void {
    this.held.push(bytes);
    this.heldBytes += bytes.length;
    if (this.heldBytes <= HELD_BYTES) return;
    // The same first kilobyte, and megabytes on: it is that content. Should the proof fail nevertheless, the file itself can be imported.
    this.dropped = true;
    while (this.heldBytes > HELD_BYTES && this.held.length > 1) this.pass(this.held.shift()!);
  }

  /** Takes bytes out of what is held: they belong to what was read before. */
  private pass(bytes: Buffer): void {
    this.trail.add(bytes);
    this.newlines += countNewlines(bytes);
    this.end_ = Buffer.concat([this.end_, bytes]).subarray(-END_BYTES);
    this.heldBytes -= bytes.length;
  }

  private known(): Entry[] {
    this.book.refresh();
    const head = Buffer.concat(this.held).subarray(0, MARK_BYTES);
    const found = [...this.book.matching(head)].sort((a, b) => a.record.position - b.record.position);
    this.book.rest();
    return found;
  }

  /** Walks to the places up to which candidates were read, as far as the bytes reach. */
  private async prove(): Promise<void> {
    const candidates = this.candidates!;
    while (candidates.length > 0 && candidates[0]!.record.position <= this.trail.position + this.heldBytes) {
      const entry = candidates.shift()!;
      const missing = entry.record.position - this.trail.position;
      if (missing < 0) continue;
      const all = Buffer.concat(this.held);
      const { tail } = entry.record;
      const there = this.trail.fork().add(all.subarray(0, missing));
      if (!isMarked(tail, there.tail.subarray(there.tail.length - Math.min(tail.length, there.tail.length)))) continue;
      this.pass(all.subarray(0, missing));
      this.held = [all.subarray(missing)];
      this.heldBytes = all.length - missing;
      this.dropped = false;
      const inLine = entry.record.position > 0 && this.trail.tail.at(-1) !== NEWLINE;
      this.proven = { entry, trail: this.trail.fork(), lines: this.newlines + (inLine ? 1 : 0) };
    }
    if (candidates.length === 0) await this.begin();
  }

  private async begin(): Promise<void> {
    const { proven } = this;
    if (this.dropped) {
      const message =
        'Standard input begins like a content that is known, but goes on otherwise. Save it to a file and import the file.';
      throw new VardeError('import_failed', message);
    }
    const trail = proven?.trail ?? new Trail();
    const record: FileRecord =
      proven?.entry.record ?? newRecord(this.context, { path: this.path, dev: '', ino: '' }, trail);
    this.result.id = record.id;
    this.result.already_there_bytes = trail.position;
    this.result.already_there_lines = proven?.lines ?? 0;
    this.hand = new HandOver(
      this.context,
      { ...record, source: this.context.id, path: this.path, dev: '', ino: '' },
      trail,
      this.limits,
      this.signal,
    );
    for (const bytes of this.held.splice(0)) await this.hand.push(bytes);
  }

  private async decideAtEnd(): Promise<void> {
    if (this.heldBytes === 0 && this.trail.position === 0) return;
    this.candidates ??= this.known();
    await this.prove();
    if (this.hand !== null) return;
    // The known contents that are left were read further than this one goes.
    const all = Buffer.concat(this.held);
    const length = this.trail.position + all.length;
    const end = Buffer.concat([this.end_, all]).subarray(-END_BYTES);
    const seen: Survey = {
      length,
      head: Buffer.concat([this.trail.head, all]).subarray(0, MARK_BYTES),
      before: new Map(),
      end,
    };
    const evidence = new Evidence(this.context, this.book);
    for (const entry of this.candidates) {
      if (!(await this.isPart(evidence, entry, seen))) continue;
      this.result.id = entry.record.id;
      this.result.already_there_bytes = length;
      this.result.already_there_lines = this.newlines + countNewlines(all) + (end.at(-1) === NEWLINE ? 0 : 1);
      return;
    }
    await this.begin();
  }

  /** Waits where the lines that would prove it are still on their way into the store: taken for another content they would be stored twice. */
  private async isPart(evidence: Evidence, entry: Entry, seen: Survey): Promise<boolean> {
    for (let tries = 0; tries < PROOF_TRIES; tries++) {
      const proof = await evidence.isPrefix({ head: seen.head, doubts: Infinity }, entry, seen);
      if (proof !== 'pending') return proof === 'same';
      if (this.signal?.aborted === true) throw interrupted();
      await new Promise((resolve) => setTimeout(resolve, PROOF_WAIT_MS));
    }
    throw new VardeError(
      'import_failed',
      'Lines that are known already could not be compared: they are not stored yet.',
    );
  }
}
