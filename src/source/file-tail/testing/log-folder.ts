import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { Ledger } from './ledger.ts';
import { Stepper } from './stepper.ts';
import { zstd } from './zstd.ts';

type Options = ConstructorParameters<typeof Stepper>[2];

/** Real files in a folder of their own, what was written to them, and a tailer that follows them into a ledger. */
export class LogFolder {
  readonly folder = mkdtempSync(join(tmpdir(), 'varde-rotation-'));
  readonly ledger = new Ledger();
  readonly written: string[] = [];
  tail: Stepper;
  private serial = 0;

  constructor() {
    this.tail = this.start({}, 'eve.json*');
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** Appends lines that are unlike any other, and notes them. */
  write(name: string, count = 1, pad = 0): void {
    const lines = Array.from({ length: count }, () => `{"n":${this.serial++},"pad":"${'x'.repeat(pad)}"}`);
    this.writeLines(name, lines);
  }

  writeLines(name: string, lines: string[]): void {
    this.written.push(...lines);
    appendFileSync(this.at(name), lines.map((line) => `${line}\n`).join(''));
  }

  /** The process is gone, with all that was not committed; a new one starts. */
  crash(options: Options = {}, pattern = 'eve.json*'): void {
    this.tail.kill();
    this.ledger.crash();
    this.tail = this.start(options, pattern);
  }

  copytruncate(from: string, to: string): void {
    copyFileSync(this.at(from), this.at(to));
    truncateSync(this.at(from), 0);
  }

  /** As gzip does: the new file gets the old one's time, then the old one goes. */
  packTo(from: string, to: string): void {
    const bytes = readFileSync(this.at(from));
    writeFileSync(this.at(to), to.endsWith('.gz') ? gzipSync(bytes) : zstd(bytes));
    const { atime, mtime } = statSync(this.at(from));
    utimesSync(this.at(to), atime, mtime);
    unlinkSync(this.at(from));
  }

  /** Everything written was committed, each line once. */
  async expectAll(steps = 4): Promise<void> {
    await this.tail.step(steps);
    this.ledger.commit();
    await this.tail.step(2);
    this.ledger.commit();
    expect([...this.ledger.texts()].sort()).toEqual([...this.written].sort());
  }

  close(): void {
    this.tail.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private start(options: Options, pattern: string): Stepper {
    return new Stepper(this.ledger, [this.at(pattern)], options).begin();
  }
}
