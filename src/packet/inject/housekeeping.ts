import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { messageOf } from '../../base/errors.ts';
import type { FileOutput, TzspOutput } from '../tzsp/settings.ts';
import { belongsTo } from './outputs/file-name.ts';

/** Compresses finished files and deletes the oldest, one after the other, beside the receiver. */
export class Housekeeping {
  private readonly outputs: readonly TzspOutput[];
  private readonly trouble: (message: string) => void;
  private readonly stopped = new AbortController();
  private work: Promise<void> = Promise.resolve();

  constructor(outputs: readonly TzspOutput[], trouble: (message: string) => void) {
    this.outputs = outputs;
    this.trouble = trouble;
  }

  rotated(path: string, output: number): void {
    const settings = this.outputs[output];
    if (settings === undefined || settings.type === 'inject' || settings.type === 'stream') return;
    this.work = this.work.then(() => this.tidy(path, settings));
  }

  /** A file that is being compressed stays as it was. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.work;
  }

  private async tidy(path: string, settings: FileOutput): Promise<void> {
    // Deleting comes first and by itself: a full disk, on which nothing can be compressed, is freed by it.
    if (settings.keepFiles > 0) await this.attempt(path, () => prune(settings));
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
    const part = `${path}.gz.part`;
    if (!existsSync(path)) return;
    try {
      const target = createWriteStream(part, { mode: 0o640, flush: true });
      await pipeline(createReadStream(path), createGzip(), target, { signal: this.stopped.signal });
      await rename(part, `${path}.gz`);
      await rm(path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }
}

/** Deletes the oldest files of an output beyond those that are kept; the one that is being written counts. A file may go while it waits. */
async function prune({ file, keepFiles }: FileOutput): Promise<void> {
  const folder = dirname(file);
  const ours = (await readdir(folder)).filter(belongsTo(file));
  const aged = await Promise.all(
    ours.map(async (name) => ({ name, time: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  aged.sort((a, b) => b.time - a.time || (a.name < b.name ? 1 : -1));
  for (const { name } of aged.slice(keepFiles)) await rm(join(folder, name), { force: true });
}
