import {
  appendFileSync,
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Random } from '../lab/pcap/random.ts';
import type { Ledger } from './ledger.ts';

export type Rotation = 'rename' | 'copytruncate' | 'recreate' | 'gzip';
export const ROTATIONS: readonly Rotation[] = ['rename', 'copytruncate', 'recreate', 'gzip'];

/** Rotated generations that are kept; the one beyond is deleted, once all its lines are stored. */
const GENERATIONS = 6;

/**
 * Writes ledger lines to `eve.json` as Suricata does, and rotates as logrotate does.
 *
 * What no follower could have read does not count: before the only copy of a line is deleted, `accounted` must say that it is stored (a kill
 * may come right after), and nothing is written between copy and truncate of copytruncate (logrotate itself loses such lines).
 */
export class LogWriter {
  readonly done: Record<Rotation, number> = { rename: 0, copytruncate: 0, recreate: 0, gzip: 0 };
  /** True while it waits for the station to store everything. */
  waiting = false;
  private readonly folder: string;
  private readonly ledger: Ledger;
  private readonly random: Random;
  private readonly accounted: (lines: number) => Promise<boolean>;
  private fd: number;

  constructor(folder: string, ledger: Ledger, random: Random, accounted: (lines: number) => Promise<boolean>) {
    this.folder = folder;
    this.ledger = ledger;
    this.random = random;
    this.accounted = accounted;
    this.fd = this.open();
  }

  /** Some new lines, in pieces that need not end with a line. */
  async append(lines: number): Promise<void> {
    const bytes = this.ledger.some(lines);
    const cut = this.random.chance(0.3) ? this.random.integer(1, bytes.length - 1) : bytes.length;
    writeSync(this.fd, bytes, 0, cut);
    if (cut === bytes.length) return;
    await pause(this.random.integer(0, 30));
    writeSync(this.fd, bytes, cut);
  }

  async rotate(kind: Rotation): Promise<void> {
    switch (kind) {
      case 'rename':
        await this.rename();
        break;
      case 'copytruncate':
        await this.copyTruncate();
        break;
      case 'recreate':
        await this.recreate();
        break;
      case 'gzip':
        await this.rename();
        await this.gzip();
        break;
    }
    this.done[kind]++;
  }

  /** Renames one generation on while nobody follows; no waiting, nothing is deleted. */
  async rotateStopped(): Promise<void> {
    if (this.generations() >= GENERATIONS) return;
    await this.append(this.random.integer(1, 50));
    await (this.random.chance(0.3) ? this.copyTruncate() : this.rename());
    if (this.random.chance(0.4)) await this.gzip();
    await this.append(this.random.integer(1, 50));
  }

  close(): void {
    closeSync(this.fd);
  }

  private async rename(): Promise<void> {
    await this.shift();
    renameSync(this.live, this.numbered(1));
    // Suricata goes on writing to the renamed file until it is told to open the new one.
    if (this.random.chance(0.7)) await this.append(this.random.integer(1, 40));
    await pause(this.random.integer(0, 20));
    closeSync(this.fd);
    this.fd = this.open();
  }

  private async copyTruncate(): Promise<void> {
    await this.shift();
    // In pieces, as a real copy of a large file is: half of it can be seen.
    for await (const piece of createReadStream(this.live, { highWaterMark: 32 * 1024 })) {
      appendFileSync(this.numbered(1), piece as Buffer);
      if (this.random.chance(0.2)) await pause(1);
    }
    if (!existsSync(this.numbered(1))) appendFileSync(this.numbered(1), '');
    await pause(this.random.integer(0, 40));
    ftruncateSync(this.fd, 0);
  }

  private async recreate(): Promise<void> {
    await this.untilAccounted();
    unlinkSync(this.live);
    closeSync(this.fd);
    if (this.random.chance(0.5)) await pause(this.random.integer(0, 20));
    this.fd = this.open();
  }

  /** Packs the newest rotated file; the plain one goes when the packed one is whole. */
  private async gzip(): Promise<void> {
    const plain = this.numbered(1);
    if (!existsSync(plain)) return;
    const source = createReadStream(plain, { highWaterMark: 16 * 1024 });
    await pipeline(source, createGzip(), createWriteStream(`${plain}.gz`));
    await pause(this.random.integer(0, 20));
    unlinkSync(plain);
  }

  /** Makes room for generation 1. */
  private async shift(): Promise<void> {
    for (const suffix of ['', '.gz']) {
      const oldest = this.numbered(GENERATIONS) + suffix;
      if (!existsSync(oldest)) continue;
      await this.untilAccounted();
      unlinkSync(oldest);
    }
    for (let generation = GENERATIONS - 1; generation >= 1; generation--) {
      for (const suffix of ['', '.gz']) {
        const from = this.numbered(generation) + suffix;
        if (existsSync(from)) renameSync(from, this.numbered(generation + 1) + suffix);
      }
    }
  }

  private async untilAccounted(): Promise<void> {
    this.waiting = true;
    while (!(await this.accounted(this.ledger.lines))) await pause(50);
    this.waiting = false;
  }

  private generations(): number {
    return readdirSync(this.folder).length - 1;
  }

  private open(): number {
    return openSync(this.live, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o644);
  }

  private get live(): string {
    return join(this.folder, 'eve.json');
  }

  private numbered(generation: number): string {
    return join(this.folder, `eve.json.${generation}`);
  }
}
