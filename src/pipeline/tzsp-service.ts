import type { VardeError } from '../base/errors.ts';
import type { TzspConfig } from '../config/tzsp.ts';
import { namedRouters } from '../packet/inject/named-routers.ts';
import { ReceiverThread } from '../packet/inject/thread.ts';
import type { TzspReport } from '../packet/tzsp/report.ts';
import { EVENTS } from '../telemetry/event-list.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { TzspProblem } from '../view/api.ts';
import { tzspProblems } from './tzsp-problems.ts';
import { TzspRecent } from './tzsp-recent.ts';
import { tzspSettings } from './tzsp-settings.ts';

/** A receiver that failed is started again after this long. */
const AGAIN_MS = 5000;

/** The station's receiver of TZSP streams, where the config has one. What it cannot do stops nothing else. */
export class TzspService {
  private readonly telemetry: Telemetry;
  private readonly startThread: typeof ReceiverThread.start;
  /** One change after the other: two receivers at once would fight for the port, and one of them be forgotten. */
  private changing: Promise<void> = Promise.resolve();
  private config: TzspConfig | undefined;
  private thread: ReceiverThread | null = null;
  private again: NodeJS.Timeout | undefined;
  private stopped = false;
  private named: ReadonlySet<string> = new Set();
  private readonly recent = new TzspRecent();
  /** Why there is no receiver though one is configured; null while there is. */
  failure: string | null = null;

  constructor(telemetry: Telemetry, startThread: typeof ReceiverThread.start = ReceiverThread.start) {
    this.telemetry = telemetry;
    this.startThread = startThread;
  }

  /** The newest report, at most about a second old; null without a receiver. */
  get report(): TzspReport | null {
    return this.thread?.report ?? null;
  }

  /** What is wrong with the streams just now, worst first. @param now milliseconds since the epoch */
  problems(now: number): TzspProblem[] {
    return tzspProblems(this.report, { failure: this.failure, named: this.named, recent: this.recent }, now);
  }

  start(config: TzspConfig | undefined): Promise<void> {
    return this.inOrder(() => this.begin(config));
  }

  /** Starts anew where the config changed; streams go on undisturbed where it did not. */
  reload(config: TzspConfig | undefined): Promise<void> {
    return this.inOrder(async () => {
      if (JSON.stringify(config) === JSON.stringify(this.config)) return;
      await this.end();
      await this.begin(config);
    });
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.inOrder(() => this.end());
  }

  private async begin(config: TzspConfig | undefined): Promise<void> {
    this.config = config;
    if (config === undefined || this.stopped) return;
    const settings = tzspSettings(config);
    this.named = namedRouters([...settings.routers, ...settings.outputs.flatMap(({ routers }) => routers ?? [])]);
    try {
      this.thread = await this.startThread(settings, {
        report: (report) => this.recent.take(report),
        ended: (error) => this.failed(error),
        trouble: (message) => this.telemetry.emit(EVENTS.tzsp_file_trouble, { message }),
      });
      this.failure = null;
      this.telemetry.emit(EVENTS.tzsp_started, { listen: config.listen.join(', ') });
    } catch (error) {
      this.failed(error as VardeError);
    }
  }

  private async end(): Promise<void> {
    clearTimeout(this.again);
    this.failure = null;
    const { thread } = this;
    this.thread = null;
    await thread?.stop();
  }

  private failed(error: VardeError): void {
    this.thread = null;
    this.failure = error.message;
    this.telemetry.emit(EVENTS.tzsp_failed, { error });
    if (this.stopped) return;
    clearTimeout(this.again);
    this.again = setTimeout(() => {
      // A change of the config in between has seen to it.
      void this.inOrder(async () => {
        if (this.thread === null && this.failure !== null) await this.begin(this.config);
      });
    }, AGAIN_MS);
  }

  private inOrder(work: () => Promise<void>): Promise<void> {
    const next = this.changing.then(work);
    this.changing = next.catch(() => undefined);
    return next;
  }
}
