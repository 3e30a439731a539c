import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, readJson, removeDurably, writeDurably } from './files.ts';
import type { Message } from './message.ts';

/** A message on its way to one channel. */
export interface Waiting {
  channel: string;
  message: Message;
  attempts: number;
  /** Not before this time, milliseconds since the epoch. */
  next: number;
  error: string | null;
}

/** An entry and its file. Where the file cannot be written (disk full) the entry lives in memory, which is better than nothing. */
interface Entry {
  waiting: Waiting;
  file: string;
}

/** Beyond this the oldest are given up: a channel that has been dead for days must not fill the disk. */
const MOST = 1000;
const NAME = /^\d{1,20}-[\w-]{1,80}\.json$/;
/** A name begins with the time in milliseconds and this many digits more, so that many in one millisecond keep their order. */
const PER_MS = 100_000n;
const DIGITS = 19;
/** No clock makes a larger one (it would be the year 2286): a file with that name is none to go by. */
const MOST_NUMBER = 10n ** 18n;

/** Messages that are not delivered yet, oldest first: one file each, on disk before anything is tried. Survives `kill -9`. */
export class Queue {
  private readonly folder: string;
  private entries: Entry[] = [];
  /** The number that the newest file began with. */
  private last = 0n;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** How many wait in a folder, for one who only looks. */
  static async waiting(folder: string): Promise<number> {
    return (await readdir(folder).catch(() => [])).filter((name) => NAME.test(name)).length;
  }

  get size(): number {
    return this.entries.length;
  }

  all(): Waiting[] {
    return this.entries.map(({ waiting }) => waiting);
  }

  /** Reads what an earlier run left. */
  async open(): Promise<void> {
    // A folder that cannot be made (disk full) keeps no station from starting: messages wait in memory then.
    await makeFolder(this.folder).catch(() => undefined);
    const there = await readdir(this.folder).catch((): string[] => []);
    // Halves that a crash left: their entry was never counted as queued.
    for (const name of there)
      if (name.endsWith('.tmp')) await removeDurably(join(this.folder, name)).catch(() => undefined);
    const names = there.filter((name) => NAME.test(name)).sort();
    for (const name of names) {
      const file = join(this.folder, name);
      const waiting = await readJson(file);
      const number = BigInt(name.slice(0, name.indexOf('-')));
      if (number > this.last && number < MOST_NUMBER) this.last = number;
      if (isWaiting(waiting)) this.entries.push({ waiting, file });
      // Written whole or not at all: what is neither was not written by us, or its disk is broken.
      else await removeDurably(file).catch(() => undefined);
    }
  }

  /** Oldest entry of a channel. */
  first(channel: string): Waiting | null {
    return this.entries.find(({ waiting }) => waiting.channel === channel)?.waiting ?? null;
  }

  /** @returns those that had to be given up to make room, and whether the entry reached the disk */
  async add(waiting: Waiting, now: number): Promise<{ dropped: Waiting[]; durable: boolean }> {
    // Behind all that wait, whatever the clock says: a recovery must not overtake its problem because the clock was set back.
    const byClock = BigInt(Math.max(0, Math.trunc(now))) * PER_MS;
    this.last = byClock > this.last ? byClock : this.last + 1n;
    const number = this.last.toString().padStart(DIGITS, '0');
    const entry: Entry = { waiting, file: join(this.folder, `${number}-${waiting.message.id}.json`) };
    this.entries.push(entry);
    const durable = await this.write(entry);
    const dropped: Waiting[] = [];
    while (this.entries.length > MOST) {
      const oldest = this.entries[0]!.waiting;
      dropped.push(oldest);
      await this.remove(oldest);
    }
    return { dropped, durable };
  }

  /** Writes down what has changed in an entry. */
  async update(waiting: Waiting): Promise<void> {
    const entry = this.entries.find((it) => it.waiting === waiting);
    if (entry !== undefined) await this.write(entry);
  }

  async remove(waiting: Waiting): Promise<void> {
    const at = this.entries.findIndex((it) => it.waiting === waiting);
    if (at === -1) return;
    const [entry] = this.entries.splice(at, 1);
    await removeDurably(entry!.file).catch(() => undefined);
  }

  private async write(entry: Entry): Promise<boolean> {
    try {
      await makeFolder(this.folder);
      await writeDurably(entry.file, JSON.stringify(entry.waiting));
      return true;
    } catch {
      return false;
    }
  }
}

function isWaiting(value: unknown): value is Waiting {
  const { channel, message, attempts, next } = (value ?? {}) as Partial<Waiting>;
  return (
    typeof channel === 'string' &&
    typeof attempts === 'number' &&
    typeof next === 'number' &&
    typeof message?.id === 'string' &&
    typeof message.title === 'string' &&
    typeof message.text === 'string' &&
    typeof message.kind === 'string' &&
    typeof message.time === 'number' &&
    Array.isArray(message.items)
  );
}
