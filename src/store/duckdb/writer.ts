import { VardeError, messageOf } from '../../base/errors.ts';
import { SerialQueue } from '../../base/serial-queue.ts';
import type { FileRecord } from '../../event/position.ts';
import type { Parser } from '../../parse/parser.ts';
import type { Batch, Commit, Questions, Store, StoreLimits, StoreOptions, StoreStatus } from '../store.ts';
import { DuckdbBatch } from './batch.ts';
import { commitBatch } from './commit.ts';
import { createCore, newBatch, reclaim, type Core } from './core.ts';
import { removeFreshFolder } from './fresh-folder.ts';
import { lockFolder, type FolderLock } from './lock.ts';
import { giveBackMemory } from '../../base/memory/give-back.ts';
import { flushFresh, flushIsDue, mergeSmall, mergeTiers } from './merge.ts';
import { makeFolders, openForReading, openForWriting } from './open.ts';
import { retain } from './retention.ts';
import { retryQuarantine } from './retry.ts';
import type { QuestionContext } from './segments.ts';
import { statusOf } from './status.ts';

/** How often age limits are looked at. */
const LOOK_MS = 1000;
const RETAIN_EVERY_MS = 30_000;
/** Engines that were not used for this long are let go. */
const REST_MS = 15_000;

/**
 * The embedded store: segments in a folder, one owner. All writing is done by one queue, job after job, so that a commit always finds the
 * state that the one before it left.
 */
export class DuckdbStore implements Store {
  private readonly options: StoreOptions;
  private readonly makeQuestions: (context: QuestionContext) => Questions;
  private readonly queue = new SerialQueue();
  private readonly core: Core;
  private lock: FolderLock | null = null;
  private letGo: (() => void) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private lastRetain = 0;
  private asked: Questions | null = null;
  private state: 'new' | 'open' | 'closed' = 'new';

  constructor(options: StoreOptions, makeQuestions: (context: QuestionContext) => Questions) {
    // A copy: its limits change while it is open.
    this.options = { ...options };
    this.makeQuestions = makeQuestions;
    // A damaged fresh segment leaves a hole in the chain of commits: on disk there is none.
    this.core = createCore(this.options, (entry, vanished) => {
      if (vanished) this.core.vanished.push(entry);
      this.background('flush', () => flushFresh(this.core));
    });
  }

  async open(): Promise<void> {
    const started = performance.now();
    if (this.options.read_only === true) {
      this.letGo = await openForReading(this.core);
    } else {
      await makeFolders(this.core);
      this.lock = await lockFolder(this.options.folder);
      try {
        await openForWriting(this.core);
      } catch (error) {
        this.lock.release();
        await this.core.engine.close();
        throw error instanceof VardeError
          ? error
          : new VardeError('store_failed', `The store cannot be opened: ${messageOf(error)}`, { cause: error });
      }
      this.timer = setInterval(() => this.look(), LOOK_MS);
      this.timer.unref();
    }
    this.state = 'open';
    const { events, segments } = this.status();
    this.core.log('store_opened', {
      folder: this.options.folder,
      events,
      segments: segments.fresh + segments.disk,
      took_ms: Math.round(performance.now() - started),
    });
  }

  async close(): Promise<void> {
    if (this.state !== 'open') return;
    this.state = 'closed';
    this.core.closing.abort();
    const started = performance.now();
    if (this.timer !== null) clearInterval(this.timer);
    if (this.options.read_only !== true) {
      // On a full disk what is fresh stays in memory, where the next start finds it.
      await this.queue
        .run(() => flushFresh(this.core))
        .catch((error: unknown) =>
          this.core.log('store_noted', { what: 'not_flushed_at_close', reason: messageOf(error) }),
        );
    }
    await this.queue.idle();
    await this.core.engine.close();
    await this.core.catalogue.close();
    // A folder that the user gave us is the user's.
    const own = this.options.read_only !== true && this.options.fresh_folder === undefined;
    if (own) await removeFreshFolder(this.core.fresh.path);
    this.letGo?.();
    this.lock?.release();
    this.core.log('store_closed', { took_ms: Math.round(performance.now() - started) });
  }

  records(): ReadonlyMap<string, FileRecord> {
    return this.core.catalogue.records();
  }

  get epoch(): number {
    return this.core.generation;
  }

  batch(): Batch {
    return newBatch(this.core);
  }

  async commit(batch: Batch, signal?: AbortSignal): Promise<Commit> {
    if (!(batch instanceof DuckdbBatch)) throw new VardeError('internal', 'A batch of another store was handed in.');
    this.assertWritable();
    const started = performance.now();
    const commit = await this.queue.run(() => commitBatch(this.core, batch, signal));
    reclaim(this.core, batch);
    this.core.log('batch_committed', {
      rows: commit.rows,
      quarantined: commit.quarantined,
      bytes: commit.bytes_written,
      took_ms: Math.round(performance.now() - started),
    });
    this.tidy();
    return commit;
  }

  async flush(): Promise<void> {
    this.assertWritable();
    await this.queue.run(() => flushFresh(this.core));
  }

  async retain(): Promise<void> {
    this.assertWritable();
    this.lastRetain = performance.now();
    await this.queue.run(() => retain(this.core));
  }

  limit({ flush_to_disk_secs, max_age_secs, max_bytes, min_free_bytes }: StoreLimits): void {
    this.assertWritable();
    Object.assign(this.options, { flush_to_disk_secs, max_age_secs, max_bytes, min_free_bytes });
    this.lastRetain = -Infinity;
    this.look();
  }

  status(): StoreStatus {
    return statusOf(this.core);
  }

  questions(): Questions {
    this.asked ??= this.makeQuestions(this.questionContext());
    return this.asked;
  }

  async retryQuarantine(parsers: ReadonlyMap<string, Parser>): Promise<{ tried: number; stored: number }> {
    this.assertWritable();
    return this.queue.run(() => retryQuarantine(this.core, parsers));
  }

  /** What questions are asked of. */
  questionContext(): QuestionContext {
    const { catalogue, engine, log } = this.core;
    return { catalogue, engine, log };
  }

  private assertWritable(): void {
    if (this.state !== 'open' || this.options.read_only === true) {
      throw new VardeError('internal', 'The store is not open for writing.');
    }
  }

  /** Merges that a commit made due; the next commit waits for them, so they stay small. */
  private tidy(): void {
    if (flushIsDue(this.core, this.options.flush_to_disk_secs * 1000)) {
      this.background('flush', () => flushFresh(this.core));
    } else {
      this.background('merge_in_memory', () => mergeTiers(this.core));
    }
    this.background('merge_small', () => mergeSmall(this.core).then(() => undefined));
    this.retainWhenDue();
  }

  private look(): void {
    if (this.queue.length > 0) return;
    if (flushIsDue(this.core, this.options.flush_to_disk_secs * 1000)) this.tidy();
    else this.retainWhenDue();
    if (this.core.engine.isResting(REST_MS)) this.background('rest', () => this.rest());
  }

  private async rest(): Promise<void> {
    await this.core.engine.rest(REST_MS);
    await giveBackMemory();
  }

  private retainWhenDue(): void {
    if (performance.now() - this.lastRetain < RETAIN_EVERY_MS) return;
    this.lastRetain = performance.now();
    this.background('retention', () => retain(this.core));
  }

  /** Work that nobody waits for: a failure is noted and tried again at the next occasion. */
  private background(what: string, job: () => Promise<void>): void {
    if (this.state !== 'open') return;
    // What still waits when the store closes is left to the next start.
    const unlessClosed = async () => (this.state === 'open' ? job() : undefined);
    this.queue.run(unlessClosed).catch((error: unknown) => {
      this.core.log('store_noted', { what: `${what}_failed`, reason: messageOf(error) });
    });
  }
}
