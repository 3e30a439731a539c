import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { messageOf } from '../../base/errors.ts';
import type { FileOutput, TzspOutput } from '../tzsp/settings.ts';
import { belongsTo } from './outputs/file-name.ts';

const PACKED = '.gz';
const PART = '.gz.part';

/** Compresses finished files and deletes the oldest, one after the other, beside the receiver. */
export class Housekeeping {
  private readonly outputs: readonly TzspOutput[];
  private readonly trouble: (message: string) => void;
  private readonly stopped = new AbortController();
  /** Files that the receiver is writing. */
  private readonly open = new Set<string>();
  private work: Promise<void> = Promise.resolve();

  constructor(outputs: readonly TzspOutput[], trouble: (message: string) => void) {
    this.outputs = outputs;
    this.trouble = trouble;
  }

  /** Goes on with what the run before left behind. Only when the receiver has its ports: no other is then writing these files. */
  begin(): void {
    for (const settings of this.outputs)
      if (isFile(settings)) this.queue(() => this.attempt(settings.file, () => this.resume(settings)));
  }

  begun(path: string): void {
    this.open.add(path);
  }

  /** @param kept false: it is gone already */
  rotated(path: string, output: number, kept: boolean): void {
    this.open.delete(path);
    const settings = this.outputs[output];
    if (kept && settings !== undefined && isFile(settings)) this.queue(() => this.tidy(path, settings));
  }

  /** Resolves when all that is known so far is done. */
  idle(): Promise<void> {
    return this.work;
  }

  /** A file that is being compressed stays as it was. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.work;
  }

  private queue(work: () => Promise<void>): void {
    this.work = this.work.then(work);
  }

  private async resume(settings: FileOutput): Promise<void> {
    const folder = dirname(settings.file);
    const isOurs = belongsTo(settings.file);
    const names = await readdir(folder).catch(() => []);
    for (const name of names)
      if (name.endsWith(PART) && isOurs(name.slice(0, -PART.length))) await rm(join(folder, name), { force: true });
    if (settings.keepFiles > 0) await this.prune(settings);
    if (settings.compress !== 'gzip') return;
    for (const name of names.sort())
      if (isOurs(name) && !name.endsWith(PACKED)) await this.attempt(name, () => this.compress(join(folder, name)));
  }

  private async tidy(path: string, settings: FileOutput): Promise<void> {
    // Deleting comes first and by itself: a full disk, on which nothing can be compressed, is freed by it.
    if (settings.keepFiles > 0) await this.attempt(path, () => this.prune(settings));
    if (settings.compress === 'gzip') await this.attempt(path, () => this.compress(path));
  }

  private async attempt(path: string, work: () => Promise<void>): Promise<void> {
    if (this.stopped.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!this.stopped.signal.aborted) this.trouble(`${basename(path)}: ${messageOf(error)}`);
    }
  }

  private async compress(path: string): Promise<void> {
    const before = await stat(path).catch(() => null);
    if (before === null || this.open.has(path)) return;
    const part = `${path}${PART}`;
    try {
      const target = createWriteStream(part, { mode: 0o640 });
      await pipeline(createReadStream(path), createGzip(), target, { signal: this.stopped.signal });
      // Only what is whole goes to the disk before it takes the other's place: a stop in the middle must not wait for that.
      const whole = await open(part);
      await whole.sync().finally(() => whole.close());
      // The packed file is as old as what is in it: the oldest are deleted first.
      await utimes(part, before.atime, before.mtime);
      const after = await stat(path);
      if (this.open.has(path) || after.size !== before.size || after.mtimeMs !== before.mtimeMs)
        throw new Error('somebody writes it, so it is not compressed');
      await rename(part, `${path}${PACKED}`);
      await rm(path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  /**
   * Deletes the oldest files of an output beyond those that are kept. Those that are being written count and stay, however long nothing came for them.
   * A file may go while it waits.
   */
  private async prune({ file, keepFiles }: FileOutput): Promise<void> {
    const folder = dirname(file);
    const ours = (await readdir(folder)).filter(belongsTo(file));
    const aged = await Promise.all(
      ours.map(async (name) => {
        const path = join(folder, name);
        return { path, time: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
      }),
    );
    const finished = aged.filter(({ path }) => !this.open.has(path));
    const room = Math.max(0, keepFiles - (aged.length - finished.length));
    finished.sort((a, b) => b.time - a.time || (a.path < b.path ? 1 : -1));
    for (const { path } of finished.slice(room)) if (!this.open.has(path)) await rm(path, { force: true });
  }
}

function isFile(settings: TzspOutput): settings is FileOutput {
  return settings.type !== 'inject' && settings.type !== 'stream';
}
