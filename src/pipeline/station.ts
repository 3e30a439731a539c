import { VardeError, messageOf } from '../base/errors.ts';
import type { MemoryKeeper } from '../base/memory/keeper.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import { socketPath } from '../base/socket-path.ts';
import { VERSION } from '../base/version.ts';
import type { Config } from '../config/schema.ts';
import { systemdNotifier, type SystemdNotifier } from '../host/sd-notify.ts';
import { PARSERS } from '../parse/parsers.ts';
import type { SentProbe } from '../probe/sent-probe.ts';
import type { Commit, QuarantinedLine, Store } from '../store/store.ts';
import { EVENTS } from '../telemetry/event-list.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { StationStatus } from '../view/api.ts';
import { createView, type View } from '../view/server.ts';
import { HeartbeatService } from './heartbeat-service.ts';
import { observeHeartbeat } from './heartbeat-metrics.ts';
import { inForce } from './in-force.ts';
import { importFiles, type ImportProgress, type ImportResult } from './import.ts';
import { Ingest } from './ingest.ts';
import { Rate } from './rate.ts';
import { SourceSet } from './source-set.ts';
import { createSources } from './sources.ts';
import { stationStatus } from './station-status.ts';
import { observeCommit, observeStation } from './station-metrics.ts';
import { openStore, storeLimits } from './open-store.ts';
import { observeTzsp } from './tzsp-metrics.ts';
import { TzspService } from './tzsp-service.ts';

export interface StationOptions {
  config: Config;
  configPath: string | null;
  telemetry: Telemetry;
  /** Folder of the built page. */
  webRoot: string;
  /** Keeps the process small while there is little to do. */
  memory?: MemoryKeeper;
  /** In the demo: tells whether its hop is broken, and breaks or mends it. */
  demo?: { broken(): boolean; set(broken: boolean): void };
  now?: () => number;
}

/** Events become visible this long after they were read, at the latest (plus the commit itself). */
const FLUSH_MS = 1000;
const BATCH_BYTES = 16 * 1024 * 1024;
const RETAIN_EVERY_MS = 30_000;
/** A stop gives the last commits this long; what is not committed by then is read again at the next start. */
const DRAIN_MS = 2500;
/** After that, the end no longer waits for sources either. */
const STUCK_MS = 3000;

/** The running whole: sources, ingest, store and view. Made by the constructor, alive from `start` to `stop`. */
export class Station {
  private options: StationOptions;
  private store: Store | null = null;
  private ingest: Ingest | null = null;
  private readonly heartbeat: HeartbeatService;
  private readonly tzsp: TzspService;
  private view: View | null = null;
  private readonly sources: SourceSet;
  private systemd: SystemdNotifier | null = null;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly listeners = new Set<(commit: { rows: number }) => void>();
  private readonly rate = new Rate();
  private readonly imports = new SerialQueue();
  private started = 0;
  private busySince: number | null = null;
  private configError: string | null = null;
  private configRestart: string[] = [];
  private restarts = 0;
  private stopping = false;
  /** Start, reload, starting over and the end, one after the other: two at once would follow every file twice. */
  private changing: Promise<void> = Promise.resolve();
  /** Address of the page, once it listens; null without a page. */
  address: string | null = null;

  constructor(options: StationOptions) {
    this.options = options;
    this.tzsp = new TzspService(options.telemetry);
    this.sources = new SourceSet(
      (config) => createSources(config, this.ingest!, this.store!, options.telemetry),
      ({ id, patterns, files }) => {
        const fields = { source: id, patterns: patterns.join(', '), files: files.length };
        options.telemetry.emit(EVENTS.source_started, fields);
      },
    );
    this.heartbeat = new HeartbeatService({
      telemetry: options.telemetry,
      sources: () => this.sources.statuses(),
      store: () => this.store!.status(),
      reading: () => this.status().reading,
      streams: () => this.tzsp.report,
      now: () => this.now(),
    });
  }

  /** @throws VardeError data_folder, data_locked, store_unavailable, bind_refused, port_taken */
  start(): Promise<void> {
    return this.inOrder(() => this.begin());
  }

  private async begin(): Promise<void> {
    const { config, telemetry } = this.options;
    this.started = this.now();
    telemetry.emit(EVENTS.station_started, {
      version: VERSION,
      config: this.options.configPath ?? '',
      data: config.data,
    });
    this.systemd = await systemdNotifier(process.env);
    const store = await openStore(config, telemetry);
    this.store = store;
    try {
      this.ingest = new Ingest({
        store,
        parsers: PARSERS,
        flush_ms: FLUSH_MS,
        batch_bytes: BATCH_BYTES,
        committed: (commit, refused) => this.onCommit(commit, refused),
        failed: (error) => this.onFailure(error),
        tap: this.heartbeat.tap,
      });
      await this.ingest.restart();
      await this.heartbeat.start(config);
      await this.tzsp.start(config.tzsp);
      await this.serve();
      await this.sources.start(config);
    } catch (error) {
      this.stopping = true;
      await this.end('failed start', Promise.resolve());
      throw error;
    }
    if (this.stopping) return;
    this.every(RETAIN_EVERY_MS, () => store.retain());
    this.every(1000, async () => this.watch());
    const { memory } = this.options;
    if (memory !== undefined) this.every(1000, () => memory.look());
    this.systemd?.send('READY=1\nSTATUS=' + this.status().lamp.reason);
    if (this.systemd?.watchdogIntervalMs)
      this.every(this.systemd.watchdogIntervalMs, async () => this.systemd?.send('WATCHDOG=1'));
    telemetry.emit(EVENTS.station_ready, { took_ms: this.now() - this.started });
  }

  /** Drains and ends; safe to call twice. Resolves within about five seconds, whatever is waited for. */
  async stop(cause: string): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    // From now on, not from when the sources have stopped: a source may wait for the very commit that waits for a full disk.
    const late = setTimeout(() => this.ingest?.cancel(), DRAIN_MS);
    let stuck: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (stuck = setTimeout(resolve, STUCK_MS)));
    this.sources.hurry();
    await this.inOrder(() => this.end(cause, tooLate));
    clearTimeout(late);
    clearTimeout(stuck);
  }

  private async end(cause: string, tooLate: Promise<void>): Promise<void> {
    const began = this.now();
    const { telemetry } = this.options;
    telemetry.emit(EVENTS.station_stopping, { cause });
    this.systemd?.send('STOPPING=1');
    for (const timer of this.timers) clearInterval(timer);
    await Promise.race([this.sources.stop(), tooLate]);
    await Promise.race([this.ingest?.drain().catch(() => undefined), tooLate]);
    // An import may still hand over lines: no commit of them is waited for.
    this.ingest?.cancel();
    await Promise.race([Promise.all([this.heartbeat.stop(), this.tzsp.stop()]), tooLate]);
    await this.view?.close();
    await this.store?.close();
    this.systemd?.close();
    telemetry.emit(EVENTS.station_stopped, { took_ms: this.now() - began });
  }

  /**
   * Puts a new config into force: sources are started anew where they changed. Folders and the page's address need a restart; where they
   * changed the log and the status name them.
   */
  reload(config: Config): Promise<void> {
    return this.inOrder(() => this.change(config));
  }

  private async change(read: Config): Promise<void> {
    if (this.stopping) return;
    const before = this.options.config;
    const { config, restart } = inForce(read, before);
    await this.heartbeat.reload(config);
    await this.tzsp.reload(config.tzsp);
    const changed = (Object.keys(config) as (keyof Config)[]).filter(
      (key) => JSON.stringify(config[key]) !== JSON.stringify(before[key]),
    );
    this.options = { ...this.options, config };
    this.configError = null;
    this.configRestart = restart;
    this.store!.limit(storeLimits(config));
    this.options.telemetry.log.setLevel(config.log.level);
    if (changed.includes('sources')) {
      // A receiver that refuses everything would leave them no way to read their last files.
      if (this.ingest!.broken !== null) await this.startOver();
      await this.sources.change(before, config);
      if (this.stopping) return;
    }
    this.options.telemetry.emit(EVENTS.config_reloaded, {
      config: this.options.configPath ?? '',
      changed: changed.join(', '),
    });
    if (restart.length > 0) {
      const names = { config: this.options.configPath ?? '', keys: restart.join(', ') };
      this.options.telemetry.emit(EVENTS.config_needs_restart, names);
    }
  }

  /** Notes that a changed config was refused; the old one stays in force, and the page says so. */
  refuseConfig(error: unknown): void {
    this.configError = messageOf(error);
    this.options.telemetry.emit(EVENTS.config_refused, { config: this.options.configPath ?? '', error });
  }

  status(): StationStatus {
    return stationStatus({
      store: this.store!,
      books: this.ingest!.books,
      sources: this.sources.statuses(),
      started: this.started,
      now: this.now(),
      busySince: this.busySince,
      heartbeat: this.heartbeat.verdict(),
      eventsPerSec: this.rate.perSecond(this.now()),
      configPath: this.options.configPath,
      configError: this.configError,
      configRestart: this.configRestart,
      page: this.address,
      demo: this.options.demo !== undefined,
    });
  }

  /** What a sender in this process reports. */
  probesSent(probes: readonly SentProbe[], reported?: number): { taken: number; refused: number } {
    return this.heartbeat.probesSent(probes, reported);
  }

  /** Commits what was read so far. */
  drain(): Promise<void> {
    return this.ingest!.drain();
  }

  private async serve(): Promise<void> {
    const { config, telemetry } = this.options;
    const store = this.store!;
    const { demo } = this.options;
    observeStation(telemetry.metrics, () => this.status());
    observeHeartbeat(telemetry.metrics, () => this.heartbeat.answer());
    observeTzsp(telemetry.metrics, () => this.tzsp.report);
    this.view = createView({
      questions: () => store.questions(),
      storeStatus: () => store.status(),
      stationStatus: () => this.status(),
      sensors: () => ({
        ...this.heartbeat.answer(),
        tzsp: this.tzsp.report,
        tzsp_problems: this.tzsp.problems(this.now()),
        demo: demo === undefined ? null : { broken: demo.broken() },
      }),
      probesSent: (probes, reported) => this.probesSent(probes, reported),
      ...(demo === undefined ? {} : { demo: (broken: boolean) => demo.set(broken) }),
      subscribe: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      retryQuarantine: () => this.ingest!.exclusive(() => store.retryQuarantine(PARSERS)),
      importFiles: (paths, options) => this.importFiles(paths, options),
      telemetry,
      webRoot: this.options.webRoot,
      version: VERSION,
    });
    await this.view.listenSocket(socketPath(config.data));
    if (config.web.enabled) {
      const { url } = await this.view.listen({ host: config.web.host, port: config.web.port });
      this.address = url;
    }
  }

  /** One import after the other: two at once would both take a content that nobody knows yet for a new one, and store it twice. */
  private async importFiles(
    paths: string[],
    options: { parser?: string; signal?: AbortSignal; progress?: (progress: ImportProgress) => void },
  ): Promise<ImportResult> {
    const parser = options.parser ?? 'suricata-eve';
    if (!PARSERS.has(parser)) throw new VardeError('usage', `there is no parser "${parser}"`);
    // Whoever asked is told at once that it was heard.
    if (this.imports.length > 0)
      options.progress?.({ path: paths[0]!, file: 1, files: paths.length, bytes: 0, bytes_total: null, lines_read: 0 });
    return this.imports.run(() =>
      importFiles({
        ingest: this.ingest!,
        store: this.store!,
        ...options,
        paths,
        parser,
      }),
    );
  }

  private onCommit(commit: Commit, refused: QuarantinedLine | null): void {
    const now = this.now();
    this.rate.add(commit.rows, now);
    this.busySince = null;
    this.restarts = 0;
    observeCommit(this.options.telemetry.metrics, commit);
    if (refused !== null) {
      const { source, path, code } = refused;
      this.options.telemetry.emit(EVENTS.lines_quarantined, { source, path, count: commit.quarantined, reason: code });
    }
    for (const listener of this.listeners) listener({ rows: commit.rows });
  }

  /** A commit failed for a reason that waiting does not mend: start over from what is committed. Nothing is lost: positions move with data. */
  private onFailure(error: unknown): void {
    if (this.stopping) return;
    this.options.telemetry.emit(EVENTS.defect_met, { where: 'commit', error });
    const delay = Math.min(30_000, 1000 * 2 ** this.restarts++);
    const timer = setTimeout(() => {
      this.inOrder(() => this.startOver()).catch((again: unknown) => this.onFailure(again));
    }, delay);
    this.timers.push(timer);
  }

  private async startOver(): Promise<void> {
    if (this.stopping) return;
    await this.sources.rewind(() => this.ingest!.restart());
  }

  private watch(): void {
    this.ingest!.checkStore();
    const pending = this.ingest!.books.total().in_flight > 0;
    if (!pending) this.busySince = null;
    else this.busySince ??= this.now();
  }

  private inOrder(work: () => Promise<void>): Promise<void> {
    const next = this.changing.then(work);
    this.changing = next.catch(() => undefined);
    return next;
  }

  private every(ms: number, work: () => Promise<void>): void {
    let running = false;
    const timer = setInterval(() => {
      if (running) return;
      running = true;
      work()
        .catch((error: unknown) => this.options.telemetry.emit(EVENTS.defect_met, { where: 'timer', error }))
        .finally(() => (running = false));
    }, ms);
    this.timers.push(timer);
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
