import { messageOf } from '../base/errors.ts';
import type { SentProbe } from '../probe/sent-probe.ts';
import { postJson } from './station-client.ts';

/** Reports gather this long, so that many probes cost one request. Milliseconds. */
const GATHER_MS = 250;
/** Reports kept while no station answers; the oldest go first. The station takes as many in one call. */
const MOST_KEPT = 2000;
/** Between two tries while no station answers. */
const RETRY_MS = 2000;

/** Tells the station of this machine, where there is one, what has been sent. Never fails: a probe needs no station. */
export class StationReporter {
  private readonly dataFolder: string;
  private readonly say: (text: string) => void;
  private waiting: SentProbe[] = [];
  private timer: NodeJS.Timeout | null = null;
  private posting: Promise<void> | null = null;
  private reached: boolean | null = null;
  private closed = false;

  /** @param say told when the station begins or ceases to answer */
  constructor(dataFolder: string, say: (text: string) => void) {
    this.dataFolder = dataFolder;
    this.say = say;
  }

  add(probe: SentProbe): void {
    this.waiting.push(probe);
    if (this.waiting.length > MOST_KEPT) this.waiting.splice(0, this.waiting.length - MOST_KEPT);
    this.postIn(this.reached === false ? RETRY_MS : GATHER_MS);
  }

  private postIn(millis: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.posting ??= this.post().finally(() => {
        this.posting = null;
        // What came meanwhile, or could not be told, must not wait for the next probe.
        if (this.waiting.length > 0 && !this.closed) this.postIn(this.reached === false ? RETRY_MS : GATHER_MS);
      });
    }, millis);
  }

  private async post(): Promise<void> {
    const probes = this.waiting;
    this.waiting = [];
    if (probes.length === 0) return;
    try {
      await postJson(this.dataFolder, '/api/probes/sent', { probes, reported_at: Date.now() });
      if (this.reached === false) this.say('The station answers again.');
      this.reached = true;
    } catch (error) {
      if (this.reached === true) this.say(`The station cannot be told: ${messageOf(error)}`);
      this.reached = false;
      this.waiting = [...probes, ...this.waiting].slice(-MOST_KEPT);
    }
  }

  /** Whether a report has been taken; null before the first try. */
  get told(): boolean | null {
    return this.reached;
  }

  /** A last try. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.posting;
    await this.post();
    if (this.timer !== null) clearTimeout(this.timer);
  }
}
