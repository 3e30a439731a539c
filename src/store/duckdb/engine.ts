import { availableParallelism } from 'node:os';
import type * as DuckDBModule from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBInstance, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { VardeError, messageOf } from '../../base/errors.ts';
import type { QuestionEngine } from './segments.ts';

type DuckDB = typeof DuckDBModule;

export interface EngineOptions {
  /** Memory limits, bytes. DuckDB's limit is not the process's: the whole takes about 100 MB more (docs/store.md). */
  ingest_memory_bytes: number;
  question_memory_bytes: number;
}

/** Questions at once; more would only share the same cores and memory. */
const QUESTION_CONNECTIONS = 4;
/** After such an error of DuckDB every further statement on its instance fails. */
const UNUSABLE = /^(FATAL|INTERNAL) Error/;
const INVALIDATED = /^FATAL Error: .*database has been invalidated/s;
const INTERRUPT_AGAIN_MS = 50;

/** Whether a statement failed only because an earlier one made the instance unusable: asked again, it meets a new one. */
export function isInvalidated(error: unknown): boolean {
  return INVALIDATED.test(messageOf(error));
}

/** What is bound to a statement: strings and lists of them, and numbers. */
export interface Binding {
  values: Record<string, DuckDBValue>;
  types: Record<string, DuckDBType>;
}

/**
 * Two in-memory DuckDB instances that share nothing but the segment files: one with a single thread that writes (more threads make a single
 * COPY slower), one with all cores that answers. Both are made on first use, so that a command without a question never loads the engine.
 */
export class Engine implements QuestionEngine {
  private readonly options: EngineOptions;
  private ingest: Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> | null = null;
  private questions: Promise<DuckDBInstance> | null = null;
  /** What each writing connection has been told to expect. */
  private readonly expected = new WeakMap<DuckDBConnection, keyof typeof GIVE_BACK>();
  private readonly idle: DuckDBConnection[] = [];
  private readonly waiting: (() => void)[] = [];
  private busy = 0;
  private roomy = 0;
  /** Raised when the answering instance was given up: connections of an older one are not used again. */
  private generation = 0;
  /** Monotonic milliseconds of the last use of each instance. */
  private written = 0;
  private asked = 0;

  constructor(options: EngineOptions) {
    this.options = options;
  }

  /** DuckDB's module, for types of bound values. */
  async duckdb(): Promise<DuckDB> {
    return loadDuckDB();
  }

  /** The one connection that writes; the store's own queue keeps its users apart. */
  async ingestConnection(): Promise<DuckDBConnection> {
    this.written = performance.now();
    this.ingest ??= open(this.options.ingest_memory_bytes, 1).then(async (instance) => ({
      instance,
      connection: await instance.connect(),
    }));
    // A failed start (no memory) must not be remembered for ever.
    this.ingest.catch(() => (this.ingest = null));
    return (await this.ingest).connection;
  }

  /** Before a segment of so many raw bytes is written: what is right for the flood is too much for the trickle. */
  async expect(bytes: number): Promise<void> {
    const connection = await this.ingestConnection();
    const size = bytes >= LARGE_BYTES ? 'large' : 'small';
    if (this.expected.get(connection) === size) return;
    await connection.run(`SET GLOBAL allocator_bulk_deallocation_flush_threshold = '${GIVE_BACK[size]}'`);
    this.expected.set(connection, size);
  }

  /** Ends the writing instance, which cannot be used any more after an internal error of DuckDB; the next use makes a new one. */
  async renewIngest(): Promise<void> {
    const ingest = await this.ingest?.catch(() => null);
    this.ingest = null;
    ingest?.connection.closeSync();
    ingest?.instance.closeSync();
  }

  /**
   * Runs `fn` with four times the writing engine's memory: for the rare batch of very long lines that does not fit. The limit is what keeps the
   * whole process small as a rule; here keeping the lines counts for more.
   */
  async withMoreIngestMemory<T>(fn: () => Promise<T>): Promise<T> {
    const connection = await this.ingestConnection();
    const limit = (bytes: number) => connection.run(`SET memory_limit = '${Math.round(bytes)}B'`);
    await limit(this.options.ingest_memory_bytes * 4);
    try {
      return await fn();
    } finally {
      await limit(this.options.ingest_memory_bytes);
    }
  }

  /** The same for questions, several of which may need it at once. */
  async withMoreQuestionMemory<T>(fn: () => Promise<T>): Promise<T> {
    if (this.roomy++ === 0) await this.limitQuestions(this.options.question_memory_bytes * 4);
    try {
      return await fn();
    } finally {
      if (--this.roomy === 0) await this.limitQuestions(this.options.question_memory_bytes);
    }
  }

  private async limitQuestions(bytes: number): Promise<void> {
    const connection = await (await this.questionInstance()).connect();
    try {
      await connection.run(`SET GLOBAL memory_limit = '${Math.round(bytes)}B'`);
    } finally {
      connection.closeSync();
    }
  }

  async withQuestionConnection<T>(
    signal: AbortSignal | undefined,
    fn: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    await this.seat(signal);
    let connection: DuckDBConnection | undefined;
    let { generation } = this;
    // Again and again: the question may be between two statements when the first interrupt comes.
    let again: NodeJS.Timeout | undefined;
    const interrupt = () => {
      connection?.interrupt();
      again = setTimeout(interrupt, INTERRUPT_AGAIN_MS);
    };
    try {
      const instance = await this.questionInstance();
      ({ generation } = this);
      connection = this.idle.pop() ?? (await instance.connect());
      throwIfAborted(signal);
      signal?.addEventListener('abort', interrupt, { once: true });
      return await fn(connection);
    } catch (error) {
      // An interrupt reaches us as DuckDB's own error; what the caller asked for is the cancellation.
      throwIfAborted(signal);
      if (UNUSABLE.test(messageOf(error)) && generation === this.generation) this.giveUpQuestions();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      clearTimeout(again);
      if (generation === this.generation && connection !== undefined) this.idle.push(connection);
      else connection?.closeSync();
      this.busy--;
      this.asked = performance.now();
      this.waiting.shift()?.();
    }
  }

  /** Which instances nobody has used for so long. */
  private resting(idleMs: number): { ingest: boolean; questions: boolean } {
    const since = performance.now() - idleMs;
    return {
      ingest: this.ingest !== null && this.written < since,
      questions: this.questions !== null && this.busy === 0 && this.roomy === 0 && this.asked < since,
    };
  }

  isResting(idleMs: number): boolean {
    const { ingest, questions } = this.resting(idleMs);
    return ingest || questions;
  }

  /**
   * Ends the instances that nobody has used for so long: with their caches they hold a hundred megabytes, which is too much for doing nothing. The next
   * use makes them anew, in some tens of milliseconds. Nobody may be writing.
   */
  async rest(idleMs: number): Promise<void> {
    const { ingest, questions } = this.resting(idleMs);
    if (questions) {
      const instance = this.questions;
      this.giveUpQuestions();
      (await instance?.catch(() => null))?.closeSync();
    }
    if (ingest) await this.renewIngest();
  }

  /** The next question makes a new instance; this one goes with the last question that still runs on it. */
  private giveUpQuestions(): void {
    this.generation++;
    this.questions = null;
    for (const connection of this.idle.splice(0)) connection.closeSync();
  }

  /** Ends both instances. Nobody may use a connection any more. */
  async close(): Promise<void> {
    for (const connection of this.idle.splice(0)) connection.closeSync();
    const questions = await this.questions?.catch(() => null);
    questions?.closeSync();
    this.questions = null;
    await this.renewIngest();
  }

  private async questionInstance(): Promise<DuckDBInstance> {
    this.questions ??= open(this.options.question_memory_bytes, availableParallelism()).then(async (instance) => {
      // Footers of the same segments are read by every question.
      const connection = await instance.connect();
      await connection.run('SET GLOBAL parquet_metadata_cache = true');
      this.idle.push(connection);
      return instance;
    });
    this.questions.catch(() => (this.questions = null));
    return this.questions;
  }

  /** Waits for one of the places. */
  private async seat(signal: AbortSignal | undefined): Promise<void> {
    while (this.busy >= QUESTION_CONNECTIONS) {
      throwIfAborted(signal);
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        const leave = () => {
          const at = this.waiting.indexOf(wake);
          if (at !== -1) this.waiting.splice(at, 1);
          resolve();
        };
        this.waiting.push(wake);
        signal?.addEventListener('abort', leave, { once: true });
      });
    }
    throwIfAborted(signal);
    this.busy++;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new VardeError('query_cancelled', 'The question was cancelled.');
}

/**
 * DuckDB's allocator keeps what it freed; above this much freed at once it gives the pages back. Measured on a 16 MB batch: peak 182 MB
 * instead of 240 for 5 % more time. With 1 MB it would be 10 % more time; for batches of some hundred lines, where time is no matter, it keeps
 * the process 6 MB smaller.
 */
const GIVE_BACK = { large: '16MB', small: '1MB' } as const;
const LARGE_BYTES = 2 * 1024 * 1024;

/** `temp_directory` is empty: DuckDB would otherwise spill into the working directory. Nothing may be downloaded or loaded. */
async function open(memoryBytes: number, threads: number): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await loadDuckDB();
  return DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: `${Math.max(64, Math.round(memoryBytes / 1e6))}MB`,
    temp_directory: '',
    allocator_bulk_deallocation_flush_threshold: GIVE_BACK.large,
    // Without it the allocator keeps what it freed until somebody allocates again: for ever, in a station at rest.
    allocator_background_threads: 'true',
    // Its own cache of file content: the system's is as fast (measured), and this one grows to the limit with segments long gone.
    enable_external_file_cache: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
}

async function loadDuckDB(): Promise<DuckDB> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw new VardeError('store_unavailable', `The embedded store cannot be loaded: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
