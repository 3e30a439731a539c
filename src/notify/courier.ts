import { messageOf } from '../base/errors.ts';
import type { Channel } from './channel.ts';
import type { Message } from './message.ts';
import type { Queue, Waiting } from './queue.ts';

/** What became of one attempt. */
export interface Attempt {
  waiting: Waiting;
  /** Null when it was delivered. */
  error: string | null;
  /** It has failed for so long that it is given up. */
  givenUp: boolean;
}

/** 5, 10, 20 … 300 seconds between attempts. */
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 300_000;
/** After three days a message about a sensor is history. */
const GIVE_UP_MS = 3 * 86_400_000;
const SEND_MS = 30_000;

/**
 * Brings the messages of one channel out, one after the other and in order: a recovery never overtakes its problem. At least once: killed between
 * delivery and removal it delivers again, with the same id.
 */
export class Courier {
  private readonly channel: Channel;
  private readonly queue: Queue;
  private readonly now: () => number;
  private readonly report: (attempt: Attempt) => Promise<void>;
  private readonly stopped = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private working: Promise<void> | null = null;

  constructor(channel: Channel, queue: Queue, now: () => number, report: (attempt: Attempt) => Promise<void>) {
    this.channel = channel;
    this.queue = queue;
    this.now = now;
    this.report = report;
  }

  /** A new message has come: the one before it is tried at once too, since what it waits for may be over. */
  hurry(): void {
    const first = this.queue.first(this.channel.name);
    if (first !== null && first.next - this.now() > FIRST_WAIT_MS) first.next = this.now();
    this.wake();
  }

  wake(): void {
    if (this.stopped.signal.aborted || this.working !== null) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const first = this.queue.first(this.channel.name);
    if (first === null) return;
    // Nothing waits for so long, unless the clock was set back meanwhile.
    if (first.next - this.now() > LONGEST_WAIT_MS) first.next = this.now();
    const wait = first.next - this.now();
    if (wait > 0) {
      this.timer = setTimeout(() => this.wake(), wait);
      return;
    }
    this.working = this.bring(first).finally(() => {
      this.working = null;
      this.wake();
    });
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    if (this.timer !== null) clearTimeout(this.timer);
    await this.working;
  }

  private async bring(waiting: Waiting): Promise<void> {
    const error = await send(this.channel, waiting.message, this.stopped.signal);
    // Stopped in the middle: the next start tries again.
    if (error !== null && this.stopped.signal.aborted) return;
    waiting.attempts++;
    waiting.error = error;
    const givenUp = error !== null && this.now() - waiting.message.time > GIVE_UP_MS;
    if (error === null || givenUp) await this.queue.remove(waiting);
    else {
      const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(waiting.attempts - 1, 20), LONGEST_WAIT_MS);
      waiting.next = this.now() + wait;
      await this.queue.update(waiting);
    }
    await this.report({ waiting, error, givenUp });
  }
}

/** One attempt with a time limit; null when it was delivered, else why not. */
export async function send(channel: Channel, message: Message, stop: AbortSignal): Promise<string | null> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(SEND_MS)]);
  const aborted = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve(stop.aborted ? 'stopped' : `no answer within ${SEND_MS / 1000} s`), {
      once: true,
    });
  });
  return Promise.race([
    // Whatever is thrown before the first wait is a failed attempt too: the queue would hold the message that ends the station at each start.
    Promise.resolve()
      .then(() => channel.send(message, signal))
      .then(
        () => null,
        (error: unknown) => messageOf(error) || 'failed without a reason',
      ),
    aborted,
  ]);
}
