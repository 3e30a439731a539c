import { resolve } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { type Source, type SourceContext, type SourceStatus, defineSource } from '../source.ts';
import type { SourceLog } from './options.ts';
import { type ReadLimits, limitsOf } from './piece.ts';
import { fileStatuses, lagOf } from './status.ts';
import { Tailer } from './tailer.ts';
import { Hints } from './watch.ts';

export interface FileTailOptions extends Partial<ReadLimits> {
  id: string;
  parser: string;
  /** Paths; `*`, `?` and `[...]` match within one segment. */
  paths: string[];
  /** Where to begin with files that are there at the very first start; those that appear later are always read from their head. */
  start: 'head' | 'end';
  /** Unknown files that were last changed before (milliseconds since the epoch) are left alone; null takes all. */
  since_ms: number | null;
  /** Default 500. */
  poll_interval_ms?: number;
  log?: SourceLog;
}

const POLL_MS = 500;
const RESCAN_MS = 1000;
/** Looks that a hint asks for are at least this far apart … */
const HINT_FLOOR_MS = 50;
/** … and take at most this share of the time; so do scans of many names. */
const LOOK_SHARE = 50;
const SCAN_SHARE = 200;
const LINGER_MS = 10_000;
const AWAY_MS = 3_600_000;
/** What a stop may spend on the rest of files that are deleted or renamed away, where nobody says otherwise. */
const DRAIN_MS = 2000;

/** Follows log files through every kind of rotation (docs/sources/file-tail.md). */
export const fileTail = defineSource<FileTailOptions>({
  type: 'file_tail',
  title: 'Follows files on disk through every kind of rotation.',
  create: (options, context) => new FileTail(options, context),
});

/** Makes the source; nothing happens before `start`. */
export function createFileTail(options: FileTailOptions, context: SourceContext): Source {
  return fileTail.create(options, context);
}

class FileTail implements Source {
  private readonly options: FileTailOptions;
  private readonly tailer: Tailer;
  private readonly hints = new Hints((named) => this.hint(named));
  /** For the next regular look, begun anew by each; and for one before it that a hint asks for. */
  private regular: NodeJS.Timeout | null = null;
  private soon: NodeJS.Timeout | null = null;
  private working: Promise<void> | null = null;
  private running = false;
  private nextPoll = 0;
  private nextScan = 0;
  private lookedAt = 0;
  private lookTook = 0;
  /** Until when a stop may go on reading. */
  private until = Infinity;
  private ending: Promise<void> = Promise.resolve();

  constructor(options: FileTailOptions, context: SourceContext) {
    this.options = options;
    const { start, since_ms } = options;
    const log: SourceLog = options.log ?? (() => undefined);
    const patterns = options.paths.map((path) => resolve(path));
    this.tailer = new Tailer(
      { ...limitsOf(options), patterns, start, since_ms, linger_ms: LINGER_MS, away_ms: AWAY_MS, log },
      context,
    );
  }

  async start(): Promise<void> {
    this.running = true;
    this.until = Infinity;
    this.tailer.begin(performance.now());
    this.look(true);
  }

  stop(patience_ms = DRAIN_MS): Promise<void> {
    this.until = Math.min(this.until, performance.now() + patience_ms);
    if (this.running) this.ending = this.end();
    return this.ending;
  }

  private async end(): Promise<void> {
    await this.pause();
    await this.tailer
      .drain(
        () => performance.now(),
        () => this.until,
      )
      .catch((error: unknown) => this.defect(error));
    this.tailer.end();
  }

  async rewind(between: () => Promise<void>): Promise<void> {
    await this.pause();
    await between();
    this.tailer.rewind();
    this.running = true;
    this.look(true);
  }

  status(): SourceStatus {
    const { id, parser, paths } = this.options;
    return {
      id,
      type: 'file_tail',
      parser,
      patterns: paths,
      files: fileStatuses(this.tailer),
      lag_bytes: lagOf(this.tailer),
      last_line: this.tailer.lastLine,
    };
  }

  private async pause(): Promise<void> {
    this.running = false;
    for (const timer of [this.regular, this.soon]) if (timer !== null) clearTimeout(timer);
    this.regular = null;
    this.soon = null;
    this.hints.close();
    this.tailer.halt();
    await this.working;
  }

  private look(rescan: boolean): void {
    if (!this.running) return;
    const began = performance.now();
    try {
      this.tailer.poll(began, rescan);
    } catch (error) {
      this.defect(error);
    }
    if (rescan) {
      this.hints.watch(this.tailer.files.folders);
      this.nextScan = began + Math.max(RESCAN_MS, this.tailer.files.scanTook * SCAN_SHARE);
    }
    this.lookedAt = performance.now();
    this.lookTook = this.lookedAt - began;
    const pause = this.options.poll_interval_ms ?? POLL_MS;
    this.nextPoll = began + pause;
    if (!this.tailer.idle(began)) this.work();
    if (this.soon !== null) clearTimeout(this.soon);
    this.soon = null;
    this.regular = this.regular?.refresh() ?? setTimeout(() => this.lookAgain(), pause);
  }

  private lookAgain(): void {
    this.look(performance.now() >= this.nextScan);
  }

  private work(): void {
    this.working ??= this.tailer
      .work(() => performance.now())
      .catch((error: unknown) => {
        // A refused chunk: the receiver knows why, and stops or rewinds this source.
        if (this.tailer.refused) this.tailer.halt();
        else this.defect(error);
      })
      .finally(() => (this.working = null));
  }

  /** Nothing that files do should lead here; the next look tries again. */
  private defect(error: unknown): void {
    this.options.log?.('defect_met', { where: 'file_tail', error: messageOf(error) });
  }

  /** Something changed in a folder: look soon. */
  private hint(named: boolean): void {
    if (!this.running) return;
    const cost = named ? Math.max(this.lookTook, this.tailer.files.scanTook) : this.lookTook;
    const at = this.lookedAt + Math.max(HINT_FLOOR_MS, cost * LOOK_SHARE);
    if (named) this.nextScan = Math.min(this.nextScan, at);
    if (at >= this.nextPoll) return;
    this.nextPoll = at;
    if (this.soon !== null) clearTimeout(this.soon);
    this.soon = setTimeout(() => this.lookAgain(), Math.max(0, at - performance.now()));
  }
}
