import * as fc from 'fast-check';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
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
import { expect, it } from 'vitest';
import { Ledger } from '../../src/source/file-tail/testing/ledger.ts';
import { Stepper } from '../../src/source/file-tail/testing/stepper.ts';
import { zstd } from '../../src/source/file-tail/testing/zstd.ts';

/** Seconds per test; longer by VARDE_FUZZ_SECS. */
const SECS = Number(process.env.VARDE_FUZZ_SECS ?? 20);
const LONG = process.env.VARDE_FUZZ_SECS !== undefined;

/** What can happen to a log file, and to those who read it. */
type Action =
  | { do: 'write'; lines: number; pad: number }
  | { do: 'write_part' }
  | { do: 'rename' }
  | { do: 'copytruncate'; behind: number }
  | { do: 'copy' }
  | { do: 'truncate_copy' }
  | { do: 'pack'; zst: boolean }
  | { do: 'delete_oldest' }
  | { do: 'recreate' }
  | { do: 'poll'; times: number }
  | { do: 'commit'; count: number }
  | { do: 'crash' };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      lines: fc.integer({ min: 1, max: 6 }),
      pad: fc.constantFrom(0, 0, 20, 400),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('write_part' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('copytruncate' as const), behind: fc.integer({ min: 0, max: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('copy' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('truncate_copy' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pack' as const), zst: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete_oldest' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('recreate' as const) }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('poll' as const), times: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit' as const), count: fc.integer({ min: 0, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

/** A small world: one log with its rotated siblings, a reader, and the truth about every line. */
class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'varde-fuzz-tail-'));
  readonly ledger = new Ledger();
  private tail: Stepper;
  private serial = 0;
  private generation = 0;
  private readonly written = new Set<string>();
  /** Lines that cannot be read any more by anybody: their last bytes on disk went before they were committed. */
  private readonly excused = new Set<string>();
  private pending = '';
  /** A copy that the next truncation will belong to, with what it holds. */
  private copied: string | null = null;

  private readonly pattern: string;

  constructor(pattern: string) {
    this.pattern = pattern;
    this.tail = this.start();
  }

  get log(): string {
    return join(this.folder, 'eve.json');
  }

  async run(actions: readonly Action[]): Promise<void> {
    if (this.pattern === 'eve.json') {
      // Rotated siblings that no glob names are read only if they are younger than the first line that was read.
      this.write(1, 0);
      await this.settle();
    }
    for (const step of actions) await this.act(step);
    this.write(1, 0);
    await this.settle();
    const got = this.ledger.texts().filter((text) => !this.isTorn(text));
    const doubled = got.filter((text, index) => got.indexOf(text) !== index);
    const lost = [...this.written].filter((line) => !got.includes(line) && !this.excused.has(line));
    expect({ doubled, lost }).toEqual({ doubled: [], lost: [] });
  }

  close(): void {
    this.tail.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private start(): Stepper {
    return new Stepper(this.ledger, [join(this.folder, this.pattern)], { chunk_bytes: 512 }).begin();
  }

  private async settle(): Promise<void> {
    for (let i = 0; i < 4; i++) {
      await this.tail.step(4);
      this.ledger.commit();
    }
  }

  private async act(step: Action): Promise<void> {
    switch (step.do) {
      case 'write':
        return this.write(step.lines, step.pad);
      case 'write_part':
        return this.writePart();
      case 'rename':
        return this.rename();
      case 'copytruncate':
        return this.copytruncate(step.behind);
      case 'copy':
        return this.copy();
      case 'truncate_copy':
        return this.truncateCopy();
      case 'pack':
        return this.pack(step.zst);
      case 'delete_oldest':
        return this.deleteOldest();
      case 'recreate':
        return this.recreate();
      case 'poll':
        return this.tail.step(step.times);
      case 'commit':
        return this.ledger.commit(step.count);
      case 'crash':
        this.tail.kill();
        this.ledger.crash();
        this.tail = this.start();
    }
  }

  private write(lines: number, pad: number): void {
    for (let i = 0; i < lines; i++) {
      const line = `${this.pending}{"n":${this.serial++},"p":"${'x'.repeat(pad)}"}`;
      this.written.add(line);
      appendFileSync(this.log, `${line.slice(this.pending.length)}\n`);
      this.pending = '';
    }
  }

  private writePart(): void {
    const part = `part ${this.serial++} of `;
    this.pending += part;
    appendFileSync(this.log, part);
  }

  private rotated(): string {
    return `${this.log}.${++this.generation}`;
  }

  /** The writer finishes its line in the file that it has open. */
  private finishLine(): void {
    if (this.pending !== '') this.write(1, 0);
  }

  private rename(): void {
    if (!existsSync(this.log)) return;
    this.finishLine();
    this.copied = null;
    renameSync(this.log, this.rotated());
  }

  private copytruncate(behind: number): void {
    if (!existsSync(this.log)) return;
    this.finishLine();
    copyFileSync(this.log, this.rotated());
    // Lines between copy and truncation stand in no file afterwards: copytruncate itself loses them, unless they were read.
    for (let i = 0; i < behind; i++) this.writeExcused();
    truncateSync(this.log, 0);
    this.copied = null;
  }

  private copy(): void {
    if (!existsSync(this.log) || this.copied !== null) return;
    this.finishLine();
    this.copied = this.rotated();
    copyFileSync(this.log, this.copied);
  }

  /** The second half of a copytruncate, some time after the first. */
  private truncateCopy(): void {
    if (this.copied === null || !existsSync(this.log)) return;
    const { size } = statSync(this.copied);
    for (const line of readFileSync(this.log).subarray(size).toString('latin1').split('\n')) this.excused.add(line);
    this.pending = '';
    truncateSync(this.log, 0);
    this.copied = null;
  }

  private writeExcused(): void {
    const before = new Set(this.written);
    this.write(1, 0);
    for (const line of this.written) if (!before.has(line)) this.excused.add(line);
  }

  private pack(zst: boolean): void {
    const name = this.rotatedFiles().find((file) => !/\.(gz|zst)$/.test(file) && file !== this.copied);
    if (name === undefined) return;
    const bytes = readFileSync(name);
    const { atime, mtime } = statSync(name);
    const packed = `${name}.${zst ? 'zst' : 'gz'}`;
    writeFileSync(packed, zst ? zstd(bytes) : gzipSync(bytes));
    utimesSync(packed, atime, mtime);
    unlinkSync(name);
  }

  /** As logrotate does with the last generation, but never before it was read and stored. */
  private async deleteOldest(): Promise<void> {
    const [oldest] = this.rotatedFiles();
    if (oldest === undefined || oldest === this.copied) return;
    await this.settle();
    unlinkSync(oldest);
  }

  /** Deleted while it is followed, and made anew: the descriptor still leads to the rest. Nobody may crash before it is read. */
  private async recreate(): Promise<void> {
    if (!existsSync(this.log) || this.copied !== null) return;
    this.finishLine();
    await this.tail.step();
    this.write(2, 0);
    unlinkSync(this.log);
    this.write(1, 0);
    await this.settle();
  }

  private rotatedFiles(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name !== 'eve.json')
      .sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)))
      .map((name) => join(this.folder, name));
  }

  /** Halves of a line that a truncation tore apart are not lines that anyone wrote. */
  private isTorn(text: string): boolean {
    return !this.written.has(text) && [...this.written].some((line) => line.startsWith(text) || line.endsWith(text));
  }
}

it.each(['eve.json*', 'eve.json'])(
  'no line is lost or doubled, whatever happens to the files and the readers (%s)',
  async (pattern) => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 40 }), async (actions) => {
        const world = new World(pattern);
        try {
          await world.run(actions);
        } finally {
          world.close();
        }
      }),
      {
        interruptAfterTimeLimit: SECS * 1000,
        // The same walks each time, so that a red run can be repeated; with VARDE_FUZZ_SECS as many others as the time allows.
        numRuns: LONG ? 100_000 : 400,
        seed: process.env.VARDE_FUZZ_SEED ? Number(process.env.VARDE_FUZZ_SEED) : LONG ? undefined : 20_261_124,
      },
    );
  },
  SECS * 4000 + 30_000,
);
