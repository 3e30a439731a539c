import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VardeError, systemCode } from '../base/errors.ts';
import { ownAsFolder } from './key.ts';
import { loadLibc } from './socket/libc.ts';

/** Numbers are reserved for this long, so that a probe a second costs one write in a minute and SD cards live. */
const AHEAD_SECS = 60;
const VERSION = 1;

interface Chain {
  /** The number of the next probe. */
  next: number;
  /** How many numbers are reserved at a time. */
  ahead: number;
  /** The file says that numbers below this one may have been used. */
  reserved: number;
}

/**
 * The sequence numbers of all chains, kept over restarts and never given twice.
 *
 * The file names the number to go on with. While running that is one beyond what is reserved, so that after a crash at most the reserved
 * ones are left out and none comes again; a clean stop writes the exact ones. Written beside it, synced and renamed (rename(2)): the file
 * is whole at any time. A lock beside it keeps a second sender out.
 */
export class SeqState {
  private readonly path: string;
  private readonly warn: (error: unknown) => void;
  private readonly chains = new Map<string, Chain>();
  private kept = new Map<string, number>();
  private lock = -1;
  private saving: Promise<void> | null = null;
  private failing = false;

  /** @param warn told of a file that cannot be written; numbers are given all the same, for a full disk must not stop a heartbeat */
  constructor(path: string, warn: (error: unknown) => void) {
    this.path = path;
    this.warn = warn;
  }

  get isOpen(): boolean {
    return this.lock !== -1;
  }

  /**
   * Takes the lock and reserves numbers for these chains, on disk before the first is given.
   *
   * @throws VardeError probe_locked, probe_unavailable
   */
  async open(chains: readonly { path: string; kind: string; intervalSecs: number }[]): Promise<void> {
    if (this.isOpen) return;
    const libc = await loadLibc();
    if (this.isOpen) return;
    const folder = dirname(this.path);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o750 });
      const fd = openSync(`${this.path}.lock`, 'a', 0o640);
      if (!libc.lock(fd)) {
        closeSync(fd);
        throw new VardeError('probe_locked', `another process holds ${this.path}`, { details: { path: this.path } });
      }
      this.lock = fd;
      ownAsFolder(`${this.path}.lock`, folder);
    } catch (error) {
      if (error instanceof VardeError) throw error;
      this.warn(error);
      return;
    }
    this.kept = this.read();
    for (const { path, kind, intervalSecs } of chains) this.entry(path, kind, intervalSecs);
    this.saveSoon();
    await this.saving;
  }

  /** Gives the numbers of a chain, from 1 on. */
  chain(path: string, kind: string, intervalSecs: number): () => number {
    const chain = this.entry(path, kind, intervalSecs);
    return () => {
      const seq = chain.next++;
      if (isDue(chain)) this.saveSoon();
      return seq;
    };
  }

  private entry(path: string, kind: string, intervalSecs: number): Chain {
    const name = `${path} ${kind}`;
    let chain = this.chains.get(name);
    if (chain === undefined) {
      const next = this.kept.get(name) ?? 1;
      chain = { next, ahead: Math.max(2, Math.ceil(AHEAD_SECS / intervalSecs)), reserved: next };
      this.chains.set(name, chain);
    }
    return chain;
  }

  private read(): Map<string, number> {
    try {
      return parseState(readFileSync(this.path, 'utf8'));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.warn(error);
      return new Map();
    }
  }

  private saveSoon(): void {
    this.saving ??= this.save(false)
      .then(() => void (this.failing = false))
      .catch((error: unknown) => {
        // It is tried again with each probe, and a full disk needs no log that is full of it.
        if (!this.failing) this.warn(error);
        this.failing = true;
      })
      .finally(() => {
        this.saving = null;
        // What was given while a slow disk wrote may have used up what that save reserves.
        if (!this.failing && [...this.chains.values()].some(isDue)) this.saveSoon();
      });
  }

  private async save(exact: boolean): Promise<void> {
    if (!this.isOpen) return;
    const promised = [...this.chains].map(([name, chain]) => ({
      name,
      chain,
      number: exact ? chain.next : chain.next + chain.ahead,
    }));
    const numbers = new Map(this.kept);
    for (const { name, number } of promised) numbers.set(name, number);
    // Numbers already reserved for the future must hold even where this save fails half-way.
    await writeWhole(this.path, `${JSON.stringify({ version: VERSION, next: [...numbers] })}\n`);
    for (const { chain, number } of promised) chain.reserved = number;
  }

  /** Writes the exact numbers and lets the lock go. */
  async close(): Promise<void> {
    while (this.saving !== null) await this.saving;
    try {
      if (this.chains.size > 0) await this.save(true);
    } catch (error) {
      this.warn(error);
    }
    if (this.isOpen) closeSync(this.lock);
    this.lock = -1;
  }
}

/** Half of what was reserved is used. */
function isDue({ next, ahead, reserved }: Chain): boolean {
  return next + ahead / 2 > reserved;
}

/** A file that is not ours to read counts as none: numbers begin again, and the time in each token still tells old from new. */
export function parseState(text: string): Map<string, number> {
  const state = JSON.parse(text) as { version?: unknown; next?: unknown } | null;
  if (state?.version !== VERSION || !Array.isArray(state.next)) throw new Error('not a state of sequence numbers');
  const numbers = new Map<string, number>();
  for (const entry of state.next as unknown[]) {
    const [name, next] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof name === 'string' && typeof next === 'number' && Number.isInteger(next) && next >= 1 && next < 2 ** 32)
      numbers.set(name, next);
  }
  return numbers;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o640);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  const folder = dirname(path);
  ownAsFolder(fresh, folder);
  await rename(fresh, path);
  const names = await open(folder, 'r');
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}
