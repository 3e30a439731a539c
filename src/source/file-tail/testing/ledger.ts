import type { Chunk, FileRecord, OversizeLine } from '../../../event/position.ts';
import type { SourceContext } from '../../source.ts';

type Taken = { chunk: Chunk } | { line: OversizeLine };

/** A line as it was committed. */
export interface LedgerLine {
  id: string;
  offset: number;
  text: string;
  path: string;
}

/**
 * A receiver that keeps a ledger: chunks are taken, committed when a test says so, and lost in a crash if they were not. It checks what every
 * receiver relies on: pieces of a file come in order, do not overlap, and their records agree.
 */
export class Ledger {
  readonly records = new Map<string, FileRecord>();
  readonly lines: LedgerLine[] = [];
  readonly oversize: { id: string; offset: number; length: number }[] = [];
  /** Chunks taken since the start. */
  chunks = 0;
  /** Called for each chunk before it is taken: lets a test rotate files at the worst moment, or refuse. */
  onChunk: (chunk: Chunk) => void | Promise<void> = () => undefined;
  private readonly parser: string;
  private live = new Map<string, FileRecord>();
  private pending: Taken[] = [];

  constructor(parser = 'suricata-eve') {
    this.parser = parser;
  }

  context(id = 'file_tail:0'): SourceContext {
    // What a source of a crashed process still hands over reaches nobody.
    const generation = this.live;
    return {
      id,
      parser: this.parser,
      known: () => [...this.live.values()],
      lineAt: async (fileId, offset) => {
        const line = this.lines.find((line) => line.id === fileId && line.offset === offset);
        return line === undefined ? null : Buffer.from(line.text, 'latin1');
      },
      committed: (fileId) => this.records.get(fileId)?.position ?? 0,
      chunk: async (chunk) => {
        await this.onChunk(chunk);
        if (generation !== this.live) throw new Error('the process is gone');
        this.check(chunk.file, chunk.offset, chunk.after.position, chunk.bytes.length);
        this.chunks++;
        this.take({ chunk: { ...chunk, bytes: Buffer.from(chunk.bytes) } }, chunk.file, chunk.after);
      },
      oversize: async (line) => {
        this.check(line.file, line.offset, line.after.position, line.length);
        this.take({ line }, line.file, line.after);
      },
      now: Date.now,
    };
  }

  get inFlight(): number {
    return this.pending.length;
  }

  /** Commits what was taken, or the first `count` of it. */
  commit(count = this.pending.length): void {
    for (const taken of this.pending.splice(0, count)) {
      if ('line' in taken) {
        const { file, offset, length, after } = taken.line;
        this.oversize.push({ id: file.id, offset, length });
        this.settle(file, after, 1);
        continue;
      }
      const { file, offset, bytes, after } = taken.chunk;
      let count = 0;
      for (let from = 0; from < bytes.length;) {
        const newline = bytes.indexOf(10, from);
        const end = newline === -1 ? bytes.length : newline;
        this.lines.push({
          id: file.id,
          offset: offset + from,
          text: bytes.toString('latin1', from, end),
          path: after.path,
        });
        from = end + 1;
        count++;
      }
      this.settle(file, after, count);
    }
  }

  /** Whatever was not committed never happened. */
  crash(): void {
    this.pending = [];
    this.live = new Map(this.records);
  }

  /** As a crash, but the process lives on: its sources rewind. */
  forget(): void {
    this.pending = [];
    this.live.clear();
    for (const [id, record] of this.records) this.live.set(id, record);
  }

  texts(): string[] {
    return this.lines.map((line) => line.text);
  }

  private take(taken: Taken, file: FileRecord, after: Chunk['after']): void {
    const before = this.live.get(file.id) ?? file;
    const lines_read = before.lines_read + ('line' in taken ? 1 : linesIn(taken.chunk.bytes));
    this.live.set(file.id, { ...before, ...after, lines_read });
    this.pending.push(taken);
  }

  private settle(file: FileRecord, after: Chunk['after'], lines: number): void {
    const before = this.records.get(file.id) ?? file;
    const lines_read = before.lines_read + lines;
    this.records.set(file.id, { ...before, ...after, lines_read, events_stored: lines_read });
  }

  private check(file: FileRecord, offset: number, position: number, length: number): void {
    const taken = this.live.get(file.id)?.position ?? 0;
    if (offset < taken) throw new Error(`${file.id}: handed over from ${offset}, but ${taken} was reached before`);
    if (position < offset + length)
      throw new Error(`${file.id}: position ${position} lies within the piece ${offset}+${length}`);
    if (file.position > offset) throw new Error(`${file.id}: the record stands at ${file.position}, behind ${offset}`);
  }
}

function linesIn(bytes: Buffer): number {
  let count = bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
