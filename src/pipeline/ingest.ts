import { VardeError, messageOf } from '../base/errors.ts';
import type { Chunk, FileRecord, OversizeLine } from '../event/position.ts';
import { clearRow, newRow } from '../event/row.ts';
import { type Parser, type Reject } from '../parse/parser.ts';
import type { Batch, Commit, QuarantinedLine, Store } from '../store/store.ts';
import { Books } from './accounting.ts';
import { tappedType, type Tap } from './tap.ts';

export interface IngestOptions {
  store: Store;
  parsers: ReadonlyMap<string, Parser>;
  /** A batch is committed when its first line is this old … */
  flush_ms: number;
  /** … or when it holds this many bytes of lines. */
  batch_bytes: number;
  /** After each commit, with the first line of it that was refused. */
  committed?: (commit: Commit, refused: QuarantinedLine | null) => void;
  /** A commit failed for good: nothing more is taken until `restart`. */
  failed?: (error: unknown) => void;
  tap?: Tap;
  now?: () => number;
}

/** Lines are parsed in slices of about this size, with a turn of the event loop between them, so that the page stays responsive. */
const SLICE_BYTES = 96 * 1024;

/** Sources hand over about one megabyte at a time; more is a line that is longer than that. */
const LONG_CHUNK_BYTES = 4 * 1024 * 1024;

/** A batch on its way: the lines, and the records as they shall be behind them. */
interface Load {
  batch: Batch;
  planned: Map<string, FileRecord>;
  refused: QuarantinedLine | null;
  /** What the tap wants to be told of once these lines are committed. */
  told: (() => void)[];
}

/**
 * Takes chunks from sources, parses them and commits events, rejects and positions together.
 *
 * One batch fills while the one before it is being committed; a source waits (back-pressure) when both are full. A chunk that begins before
 * what was already taken of its file is cut to its new part, so a line can never be stored twice.
 */
export class Ingest {
  readonly books = new Books();
  /** Which source reads which file (`device:inode`): shared by all sources and imports, so that none is read twice. */
  readonly claims = new Map<string, string>();
  private readonly options: IngestOptions;
  private load: Load | null = null;
  private committing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private turn: Promise<void> = Promise.resolve();
  private failure: unknown = null;
  private abort = new AbortController();
  /** Raised by `restart`. What was handed over before it may be forgotten: who joins on to that must begin again from the records. */
  generation = 0;
  /** The store's epoch of the records that the books began with. */
  private epoch = 0;
  /** A chunk is half taken: its lines must not be committed before the position behind them is known. */
  private taking = false;
  private due = false;
  private readonly row = newRow();
  private readonly tap: Tap | undefined;

  constructor(options: IngestOptions) {
    this.options = options;
    this.tap = options.tap;
  }

  /** Begins (again) from what the store has committed. Sources must have been stopped, and must be started anew after it. */
  async restart(): Promise<void> {
    this.abort.abort();
    await this.turn;
    await this.committing;
    this.generation++;
    this.abort = new AbortController();
    this.clearTimer();
    this.load = null;
    this.failure = null;
    this.turn = Promise.resolve();
    this.epoch = this.options.store.epoch;
    this.books.reset(this.options.store.records().values());
  }

  /**
   * Resolves when the chunk has been taken (not yet committed) and there is room for more. Rejects after a failed commit, and where `admit`
   * throws: that is asked when its turn has come, so that a chunk which waited in vain is never taken.
   */
  chunk(chunk: Chunk, admit?: () => void): Promise<void> {
    return this.inTurn(() => this.whole(this.takeChunk(chunk)), admit);
  }

  oversize(line: OversizeLine, admit?: () => void): Promise<void> {
    return this.inTurn(() => this.whole(this.takeOversize(line)), admit);
  }

  /** Commits what was taken so far; resolves when it is visible to questions. */
  async drain(): Promise<void> {
    await this.inTurn(() => this.makeRoom(0));
    if (this.load !== null) this.beginCommit();
    await this.committing;
    if (this.failure !== null) throw this.failure;
  }

  /**
   * Runs work on the store with nothing in flight and nothing taken meanwhile; what it changed in the committed counters is taken over.
   * Used where lines leave the quarantine: a batch that was planned before it would put the old counters back.
   */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    let result: T;
    return this.inTurn(async () => {
      await this.makeRoom(0);
      await this.committing;
      result = await work();
      this.books.correct(this.options.store.records().values());
    }).then(() => result);
  }

  /** Gives up a commit that waits (disk full); its lines are read again at the next start. */
  cancel(): void {
    this.abort.abort();
  }

  /** Notices that the store's positions fell back although nothing is being committed: what was lost must be read again, not passed over. */
  checkStore(): void {
    if (this.failure === null && this.options.store.epoch !== this.epoch) this.fail(fellBack());
  }

  /** The error of a failed commit; null while all is well. */
  get broken(): unknown {
    return this.failure;
  }

  /** True while a commit is under way. */
  get busy(): boolean {
    return this.committing !== null;
  }

  /** One chunk at a time: records and batch stay consistent although several sources hand over at once. */
  private inTurn(work: () => Promise<void>, admit?: () => void): Promise<void> {
    const generation = this.generation;
    const next = this.turn.then(async () => {
      if (this.failure !== null) throw this.failure;
      admit?.();
      // What was queued before a restart joins on to what may be forgotten. Nobody may take it for done.
      if (generation !== this.generation) throw fellBack();
      this.taking = true;
      try {
        await work();
      } finally {
        this.taking = false;
        if (this.due) this.flushSoon();
      }
    });
    this.turn = next.catch(() => undefined);
    return next;
  }

  private async takeChunk(chunk: Chunk): Promise<void> {
    const { bytes } = chunk;
    // A chunk this large holds a very long line: it gets a batch of its own, since the engine needs several times its size.
    const long = bytes.length > LONG_CHUNK_BYTES;
    if (long) await this.makeRoom(1);
    const taken = this.books.taken(chunk.file.id);
    // Only a content that nobody knows may begin behind its head: by a chunk without bytes that makes its position known.
    if (taken !== undefined || bytes.length > 0) assertJoins(chunk.file, taken);
    const from = Math.max(chunk.offset, taken?.position ?? 0);
    const record: FileRecord = { ...(taken ?? chunk.file), ...chunk.after };
    if (chunk.offset + chunk.bytes.length <= from && taken !== undefined) return;
    const parser = this.parserOf(record);
    let start = from - chunk.offset;
    while (start < bytes.length) {
      const sliceEnd = Math.min(start + SLICE_BYTES, bytes.length);
      const load = this.ensureLoad();
      while (start < sliceEnd) {
        const newline = bytes.indexOf(10, start);
        const end = newline === -1 ? bytes.length : newline;
        this.takeLine(load, record, parser, bytes, start, end, chunk.offset + start);
        start = end + 1;
      }
      if (start < bytes.length) await new Promise((resolve) => setImmediate(resolve));
    }
    this.advance(record);
    await this.makeRoom(long ? 1 : this.options.batch_bytes);
  }

  private takeLine(
    load: Load,
    record: FileRecord,
    parser: Parser,
    bytes: Buffer,
    start: number,
    end: number,
    offset: number,
  ): void {
    record.lines_read++;
    clearRow(this.row);
    let reject: Reject | null;
    try {
      reject = parser.row(bytes, start, end, this.row);
    } catch (error) {
      reject = { code: 'parser_failed', detail: messageOf(error) };
    }
    if (reject === null) {
      record.events_stored++;
      load.batch.add(record, parser, this.row, bytes, start, end, offset);
      const type = this.tap === undefined ? null : tappedType(this.row);
      if (type !== null) {
        const told = this.tap!.line(type, record.source, bytes, start, end);
        if (told !== null) load.told.push(told);
      }
    } else {
      record.lines_quarantined++;
      this.refuse(load, record, reject, offset, end - start, Buffer.from(bytes.subarray(start, end)));
    }
  }

  private async takeOversize(line: OversizeLine): Promise<void> {
    const taken = this.books.taken(line.file.id);
    assertJoins(line.file, taken);
    if (taken !== undefined && line.offset < taken.position) return;
    const record: FileRecord = { ...(taken ?? line.file), ...line.after };
    record.lines_read++;
    record.lines_quarantined++;
    const reject: Reject = { code: 'line_too_long', detail: `${line.length} bytes at offset ${line.offset}` };
    this.refuse(this.ensureLoad(), record, reject, line.offset, line.length, null);
    this.advance(record);
    await this.makeRoom(this.options.batch_bytes);
  }

  private refuse(
    load: Load,
    record: FileRecord,
    reject: Reject,
    offset: number,
    length: number,
    line: Buffer | null,
  ): void {
    const { source, parser, path, id } = record;
    const { code, detail } = reject;
    const refused = { source, parser, path, file_id: id, offset, length, code, detail, time: this.now(), line };
    load.refused ??= { ...refused, line: null };
    load.batch.reject(refused);
  }

  private parserOf(record: FileRecord): Parser {
    const parser = this.options.parsers.get(record.parser);
    if (parser === undefined) throw new Error(`no parser "${record.parser}"`);
    return parser;
  }

  private ensureLoad(): Load {
    if (this.load === null) {
      this.load = { batch: this.options.store.batch(), planned: new Map(), refused: null, told: [] };
      this.timer = setTimeout(() => this.flushSoon(), this.options.flush_ms);
    }
    return this.load;
  }

  private advance(record: FileRecord): void {
    const load = this.ensureLoad();
    load.batch.advance(record);
    load.planned.set(record.id, record);
    this.books.take(record);
  }

  private flushSoon(): void {
    this.timer = null;
    this.due = true;
    // While a chunk is being taken or a commit is under way the batch goes on filling; their ends look again.
    if (!this.taking && this.committing === null && this.load !== null) this.beginCommit();
  }

  /** Waits until the filling batch is below `limit`, starting its commit when it is above. */
  private async makeRoom(limit: number): Promise<void> {
    if (this.load === null || this.load.batch.bytes < limit) return;
    if (this.committing !== null) await this.committing;
    if (this.failure !== null) throw this.failure;
    if (this.load !== null && this.load.batch.bytes >= limit) this.beginCommit();
  }

  private beginCommit(): void {
    const load = this.load;
    // Behind a failed commit nothing may be committed: it would carry the position past the lines that failed.
    if (load === null || this.committing !== null || this.failure !== null) return;
    this.load = null;
    this.due = false;
    this.clearTimer();
    const generation = this.generation;
    this.committing = this.commit(load)
      .then((commit) => {
        if (generation !== this.generation) return;
        this.books.settle(load.planned, commit.records);
        for (const tell of load.told) tell();
        this.options.committed?.(commit, load.refused);
      })
      .catch((error: unknown) => {
        if (generation === this.generation) this.fail(error);
      })
      .finally(() => {
        this.committing = null;
        if (this.due && this.failure === null) this.flushSoon();
      });
  }

  private async commit({ batch }: Load): Promise<Commit> {
    const { store } = this.options;
    if (store.epoch !== this.epoch) throw fellBack();
    return store.commit(batch, this.abort.signal);
  }

  /** A chunk that was half taken leaves lines without a position behind them: they must not be committed. */
  private async whole(taking: Promise<void>): Promise<void> {
    try {
      await taking;
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** Stops everything until `restart`; tells once why. */
  private fail(error: unknown): void {
    if (this.failure !== null) return;
    this.failure = error;
    this.clearTimer();
    this.options.failed?.(error);
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

/** What is handed over joins on to what was taken: otherwise lines are missing in between, although the books would balance. */
function assertJoins(file: FileRecord, taken: FileRecord | undefined): void {
  const reached = taken?.position ?? 0;
  if (file.position <= reached) return;
  throw new VardeError(
    'store_failed',
    `${file.path}: handed over from ${file.position}, but only ${reached} was taken.`,
  );
}

function fellBack(): VardeError {
  return new VardeError(
    'store_failed',
    'Events in memory were lost and positions fell back; the lines are read again from there.',
  );
}
