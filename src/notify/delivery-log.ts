import { appendFile, readFile } from 'node:fs/promises';
import { makeFolder, writeDurably } from './files.ts';
import { dirname } from 'node:path';

/** One attempt to deliver a message. */
export interface Delivery {
  /** Milliseconds since the epoch. */
  time: number;
  channel: string;
  id: string;
  kind: string;
  title: string;
  ok: boolean;
  attempt: number;
  /** Why not, or an empty text. */
  message: string;
}

const KEPT = 1000;

/** The last thousand attempts or so, one JSON object a line. A log that cannot be written stops no delivery. */
export class DeliveryLog {
  private readonly path: string;
  private lines = 0;
  last: Delivery | null = null;

  constructor(path: string) {
    this.path = path;
  }

  async open(): Promise<void> {
    const all = await readDeliveries(this.path);
    this.lines = all.length;
    this.last = all.at(-1) ?? null;
  }

  async add(delivery: Delivery): Promise<void> {
    this.last = delivery;
    try {
      await makeFolder(dirname(this.path));
      await appendFile(this.path, `${JSON.stringify(delivery)}\n`, { mode: 0o600 });
      if (++this.lines < 2 * KEPT) return;
      const kept = (await readDeliveries(this.path)).slice(-KEPT);
      await writeDurably(this.path, kept.map((it) => `${JSON.stringify(it)}\n`).join(''));
      this.lines = kept.length;
    } catch {
      // See above.
    }
  }
}

/** The attempts in a delivery log, oldest first; a line that was cut by a crash is left out. */
export async function readDeliveries(path: string): Promise<Delivery[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      const value = JSON.parse(line) as Partial<Delivery> | null;
      const whole =
        typeof value?.time === 'number' && typeof value.channel === 'string' && typeof value.title === 'string';
      return whole ? [{ id: '', kind: '', ok: false, attempt: 0, message: '', ...value } as Delivery] : [];
    } catch {
      return [];
    }
  });
}
