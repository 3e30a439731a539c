import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { SensorsReport } from '../detect/heartbeat/report.ts';
import type { ChannelConfig } from './channel.ts';
import { makeChannel } from './channels.ts';
import type { Condition, NotifySettings } from './condition.ts';
import { Courier, type Attempt } from './courier.ts';
import { DeliveryLog } from './delivery-log.ts';
import { Episodes, type Told } from './episodes.ts';
import { makeFolder, readJson, writeDurably } from './files.ts';
import { makeMessage } from './message.ts';
import { Queue, type Waiting } from './queue.ts';
import { sendTest, type TestResult } from './send-test.ts';

export interface NotifierOptions {
  /** Where the queue, the delivery log and what has been told are kept: `<data>/notify`. */
  folder: string;
  channels: readonly ChannelConfig[];
  settings: NotifySettings;
  /** Milliseconds since the epoch; for tests. */
  now?: () => number;
  fetch?: typeof fetch;
  /** Named events for the telemetry: notification_sent, notification_failed, notification_dropped. */
  log?: (event: string, fields: Record<string, unknown>) => void;
}

/** How often it is looked whether something has become due (a change has lasted long enough, a reminder). */
const TICK_MS = 1000;

/**
 * Tells people when a watched thing breaks and when it is well again. `observe` takes how everything stands; what is new goes durably into the
 * queue, and a courier for each channel brings it out, over restarts if need be.
 */
export class Notifier {
  private readonly options: NotifierOptions;
  private readonly now: () => number;
  private readonly episodes = new Episodes();
  private readonly queue: Queue;
  private readonly log: DeliveryLog;
  private readonly couriers: Map<string, Courier>;
  private timer: NodeJS.Timeout | null = null;
  /** One thing after the other: messages keep their order, and what has been told is written after them. */
  private work: Promise<void> = Promise.resolve();

  constructor(options: NotifierOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.queue = new Queue(join(options.folder, 'queue'));
    this.log = new DeliveryLog(join(options.folder, 'deliveries.ndjson'));
    const tools = { fetch: options.fetch ?? fetch };
    this.couriers = new Map(
      options.channels.map((config) => [
        config.name,
        new Courier(makeChannel(config, tools), this.queue, this.now, (attempt) => this.report(attempt)),
      ]),
    );
  }

  async start(): Promise<void> {
    // Without a channel nothing is kept: one that is configured later begins with what is so then.
    if (this.couriers.size === 0) return;
    await makeFolder(this.options.folder).catch(() => undefined);
    await this.log.open();
    await this.queue.open();
    this.episodes.restore(await readJson(this.statePath), this.now());
    this.episodes.grace(this.now(), this.options.settings.grace_secs);
    for (const waiting of this.queue.all()) {
      if (this.couriers.has(waiting.channel)) continue;
      await this.queue.remove(waiting);
      this.dropped(waiting, 'its channel is not configured any more');
    }
    for (const courier of this.couriers.values()) courier.wake();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /** Ends within the time of one write: what is being sent is broken off and tried again at the next start. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    await this.work;
    await Promise.all([...this.couriers.values()].map((courier) => courier.stop()));
  }

  /** How everything stands now; the whole list each time. */
  observe(conditions: readonly Condition[]): void {
    if (this.timer === null) return;
    this.episodes.observe(conditions, this.now());
    this.tick();
  }

  /** The rules of these (keys of conditions) were reloaded: for the grace time a silent probe of theirs is no problem. */
  grace(keys: readonly string[]): void {
    this.episodes.graceFor(keys, this.now(), this.options.settings.grace_secs);
  }

  /** Sends a test message now, past the queue; through one channel or all. */
  async test(channel?: string): Promise<TestResult[]> {
    const chosen = this.options.channels.filter((it) => channel === undefined || it.name === channel);
    return sendTest(chosen, { fetch: this.options.fetch ?? fetch }, this.now());
  }

  status(): SensorsReport['notify'] {
    const { last } = this.log;
    return {
      channels: [...this.couriers.keys()],
      pending: this.queue.size,
      last:
        last === null
          ? null
          : { time: last.time, channel: last.channel, ok: last.ok, message: last.ok ? last.title : last.message },
    };
  }

  private get statePath(): string {
    return join(this.options.folder, 'told.json');
  }

  private tick(): void {
    const told = this.episodes.due(this.options.settings, this.now());
    if (told.length === 0) return;
    const snapshot = JSON.stringify(this.episodes.snapshot());
    this.work = this.work.then(() => this.enqueue(told, snapshot));
  }

  private async enqueue(told: readonly Told[], snapshot: string): Promise<void> {
    const now = this.now();
    for (const { kind, items } of told) {
      const id = randomBytes(12).toString('hex');
      const message = makeMessage(id, kind, items, hostname(), now);
      for (const [channel, courier] of this.couriers) {
        const waiting: Waiting = { channel, message, attempts: 0, next: now, error: null };
        const { dropped } = await this.queue.add(waiting, now);
        for (const it of dropped) this.dropped(it, 'too many wait');
        courier.hurry();
      }
    }
    // After the messages: killed in between, a message comes twice rather than never. A disk that is full must not keep it back either.
    await writeDurably(this.statePath, snapshot).catch(() => undefined);
  }

  private async report({ waiting, error, givenUp }: Attempt): Promise<void> {
    const { channel, attempts, message } = waiting;
    const { id, kind, title } = message;
    await this.log.add({
      time: this.now(),
      channel,
      id,
      kind,
      title,
      ok: error === null,
      attempt: attempts,
      message: error ?? '',
    });
    if (error === null) this.options.log?.('notification_sent', { channel, kind, attempt: attempts });
    else if (givenUp) this.dropped(waiting, error);
    else this.options.log?.('notification_failed', { channel, kind, attempt: attempts, reason: error });
  }

  private dropped(waiting: Waiting, reason: string): void {
    this.options.log?.('notification_dropped', { channel: waiting.channel, kind: waiting.message.kind, reason });
  }
}
