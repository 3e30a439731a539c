import type { Config } from '../config/schema.ts';
import type { Source, SourceStatus } from '../source/source.ts';

/** A reload gives sources that it ends this long for what could not be found again; then the log tells what is left. */
const LEAVE_MS = 300_000;

/** The sources that run, as the config has them. Its calls must come one after the other, except `hurry` and `statuses`. */
export class SourceSet {
  private readonly create: (config: Config) => Source[];
  private readonly started: (status: SourceStatus) => void;
  private list: Source[] = [];
  /** Those that a change is ending just now. */
  private leaving: Source[] = [];
  private hurried = false;

  /** `create` makes all sources of a config, in its order, without starting them; `started` is told of each one that runs. */
  constructor(create: (config: Config) => Source[], started: (status: SourceStatus) => void) {
    this.create = create;
    this.started = started;
  }

  statuses(): SourceStatus[] {
    return this.list.map((source) => source.status());
  }

  start(config: Config): Promise<void> {
    return this.startBeside(config, []);
  }

  /** Ends and starts what changed. The rest goes on undisturbed: it may hold files open that could not be found again. */
  async change(before: Config, config: Config): Promise<void> {
    const isSame = (i: number): boolean => JSON.stringify(before.sources[i]) === JSON.stringify(config.sources[i]);
    this.leaving = this.list.filter((_, i) => !isSame(i));
    await Promise.all(this.leaving.map((source) => source.stop(LEAVE_MS)));
    this.leaving = [];
    if (this.hurried) return;
    await this.startBeside(
      config,
      this.list.map((source, i) => (isSame(i) ? source : null)),
    );
  }

  /** The end is near: a change that lets sources read their last files at leisure has no more time, and starts nothing. */
  hurry(): void {
    this.hurried = true;
    for (const source of this.leaving) void source.stop();
  }

  async stop(): Promise<void> {
    await Promise.all(this.list.map((source) => source.stop()));
  }

  /** All pause before `between`, and keep their files open: the rest of a deleted file is read again, too. */
  rewind(between: () => Promise<void>): Promise<void> {
    const inner = (sources: readonly Source[]): Promise<void> => {
      const [first, ...others] = sources;
      return first === undefined ? between() : first.rewind(() => inner(others));
    };
    return inner(this.list);
  }

  /** `kept` holds the running sources that stay, at their places. */
  private async startBeside(config: Config, kept: readonly (Source | null)[]): Promise<void> {
    this.list = this.create(config).map((source, i) => kept[i] ?? source);
    for (const source of this.list) {
      if (kept.includes(source)) continue;
      await source.start();
      this.started(source.status());
    }
  }
}
