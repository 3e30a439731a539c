import { join } from 'node:path';
import { messageOf, VardeError } from '../base/errors.ts';
import type { Config } from '../config/schema.ts';
import type { SensorOptions } from '../detect/heartbeat/facts.ts';
import { Heartbeat } from '../detect/heartbeat/heartbeat.ts';
import type { SensorJudgement } from '../detect/heartbeat/judgement.ts';
import type { SensorsReport } from '../detect/heartbeat/report.ts';
import type { JsonObject } from '../event/json.ts';
import { Notifier } from '../notify/notifier.ts';
import type { TzspReport } from '../packet/tzsp/report.ts';
import { loadKey } from '../probe/key.ts';
import { sidsOf } from '../probe/rules.ts';
import { ProbeSender } from '../probe/sender.ts';
import type { SentProbe } from '../probe/sent-probe.ts';
import type { SourceStatus } from '../source/source.ts';
import { giveBackMemory } from '../base/memory/give-back.ts';
import type { StoreStatus } from '../store/store.ts';
import { EVENTS } from '../telemetry/event-list.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { heartbeatFile, readSaved, writeSaved } from './heartbeat-file.ts';
import { Looks } from './heartbeat-looks.ts';
import { addStreams } from './heartbeat-streams.ts';
import { heartbeatVerdict, type Verdict } from './lamp.ts';
import { keyFile, ownPaths, pathOptions, sensorOptions } from './heartbeat-wiring.ts';
import { StatsBacklog } from './stats-backlog.ts';
import type { Tap, TappedType } from './tap.ts';
import { ToldStates } from './told-states.ts';

export interface HeartbeatServiceOptions {
  /** What the TZSP receiver tells, where there is one. */
  streams?(): TzspReport | null;
  telemetry: Telemetry;
  sources(): SourceStatus[];
  store(): StoreStatus;
  /** The station's own part of the lamp: it is told of too. */
  reading(): Verdict;
  now(): number;
}

const TICK_MS = 1000;
/** What is known is written this often, and sooner when a verdict changed; a killed station forgets no more than this. */
const SAVE_EVERY_MS = 30_000;
const SAVE_AFTER_CHANGE_MS = 2000;
/** Without probes there is a plot to lose and no more: not worth a write twice a minute. */
const SAVE_PLOT_EVERY_MS = 900_000;
/** … but no more than this on average: hundreds of sensors have megabytes to write, and SD cards wear out. */
const SAVE_BYTES_PER_MS = 20;

const MANY_PATHS = 20;

/** Parts of the config that the heartbeat is made of. */
const CONCERNED = ['probes', 'sensors', 'sources', 'notify'] as const;
const differs = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);

/** Everything of one config: made anew when the config changes. */
interface Parts {
  config: Config;
  sensors: SensorOptions[];
  /** Source id to true, for the tap. */
  watched: ReadonlySet<string>;
  /** Why the key cannot be used: nothing is sent then. */
  keyProblem: string | null;
  heartbeat: Heartbeat;
  sender: ProbeSender | null;
  notifier: Notifier;
}

/**
 * The heartbeat within the station: sends probes, sees their lines on their way into the store, looks at everything around, judges, keeps what
 * it knows over restarts, and has people told.
 */
export class HeartbeatService {
  readonly tap: Tap = { line: (type, source, bytes, start, end) => this.line(type, source, bytes, start, end) };
  private readonly options: HeartbeatServiceOptions;
  private readonly looks: Looks;
  private parts: Parts | null = null;
  private timer: NodeJS.Timeout | null = null;
  private ticking: Promise<void> | null = null;
  /** What was judged last, and the whole report, which is made when somebody asks for it. */
  private judged: SensorJudgement[] | null = null;
  private report: SensorsReport['sensors'] | null = null;
  private readonly told = new ToldStates();
  private readonly stats = new StatsBacklog();
  private readonly states = new Map<string, SensorJudgement['state']>();
  private saved = 0;
  private changed = false;
  private savedBytes = 0;

  constructor(options: HeartbeatServiceOptions) {
    this.options = options;
    this.looks = new Looks(options.now);
  }

  /** A key that cannot be used keeps no event from the store: the station runs without probes, and every chain says why. */
  async start(config: Config): Promise<void> {
    this.parts = this.make(config, true);
    await this.restore(config);
    // Of hundreds of sensors the file is megabytes, and reading it leaves several times as much behind.
    if (config.probes.paths.length >= MANY_PATHS) await giveBackMemory();
    await this.parts.notifier.start();
    this.parts.sender?.start();
    this.saved = this.options.now();
    this.timer = setInterval(() => this.tickSoon(), TICK_MS);
  }

  /** Puts another config into force; what is known of paths that stay is kept. @throws Error whatever hinders it, and the old config stays */
  async reload(config: Config): Promise<void> {
    const before = this.parts;
    if (before === null) return;
    const lacksKey = before.keyProblem !== null;
    if (!lacksKey && !CONCERNED.some((key) => differs(before.config[key], config[key]))) return;
    const next = this.make(config, lacksKey);
    await this.ticking;
    try {
      await before.sender?.stop();
      await before.notifier.stop();
      next.heartbeat.restore(JSON.parse(JSON.stringify(before.heartbeat.snapshot())));
      this.enter(next);
      await next.notifier.start();
      next.sender?.start();
    } catch (error) {
      await this.goBack(before, next);
      throw error;
    }
  }

  private enter(parts: Parts): void {
    this.parts = parts;
    this.judged = null;
    this.report = null;
  }

  /** The station keeps its config where a reload fails halfway (on a full disk, say), and so must the heartbeat. What was stopped is made anew. */
  private async goBack(before: Parts, next: Parts): Promise<void> {
    await Promise.allSettled([next.sender?.stop(), next.notifier.stop()]);
    try {
      const { sender, notifier } = this.make(before.config, true);
      this.enter({ ...before, sender, notifier });
      sender?.start();
      await notifier.start();
    } catch (error) {
      this.options.telemetry.emit(EVENTS.defect_met, { where: 'heartbeat', error });
    }
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    await this.ticking;
    await this.parts?.sender?.stop();
    await this.parts?.notifier.stop();
    await this.save();
  }

  /** Probes that a sender reports; those of unknown paths are refused. */
  probesSent(probes: readonly SentProbe[], reported?: number): { taken: number; refused: number } {
    const { heartbeat, config } = this.running();
    let taken = 0;
    for (const probe of probes) {
      const path = config.probes.paths.find(({ name }) => name === probe.path);
      if (path === undefined || !path.kinds.includes(probe.kind)) continue;
      heartbeat.sent(probe, reported);
      taken++;
    }
    return { taken, refused: probes.length - taken };
  }

  sensors(): SensorsReport['sensors'] {
    return (this.report ??= this.running().heartbeat.report());
  }

  answer(): SensorsReport {
    return { now: this.options.now(), sensors: this.sensors(), notify: this.running().notifier.status() };
  }

  /** The heartbeat's part of the lamp; null where no probe is sent. */
  verdict(): Verdict | null {
    return this.parts === null ? null : heartbeatVerdict((this.judged ??= this.running().heartbeat.judge()));
  }

  private running(): Parts {
    if (this.parts === null) throw new Error('the heartbeat has not been started');
    return this.parts;
  }

  /**
   * @param evenWithoutKey a key that cannot be used is a state of its own, and no error
   * @throws VardeError probe_key
   */
  private make(config: Config, evenWithoutKey: boolean): Parts {
    const { now } = this.options;
    const sensors = sensorOptions(config);
    const paths = pathOptions(config);
    // Without probes nothing is signed: no key is made, and a folder that cannot be written is no matter.
    const { key, keyProblem } =
      paths.length === 0 ? { key: Buffer.alloc(32), keyProblem: null } : this.keyOf(config, evenWithoutKey);
    const sids = sidsOf(config.probes.paths, config.probes.sid_base);
    const heartbeat = new Heartbeat({ sensors, paths, key, sids, now, ...(keyProblem === null ? {} : { keyProblem }) });
    const own = ownPaths(config);
    const state = join(config.data, 'probe-seq.json');
    const warn = (error: unknown): void =>
      this.options.telemetry.emit(EVENTS.probe_sender_hindered, { what: messageOf(error), error });
    const report = (probe: SentProbe): void => this.parts?.heartbeat.sent(probe);
    const isSending = own.length > 0 && keyProblem === null;
    const sender = !isSending ? null : new ProbeSender({ paths: own, key, state, now, report, warn });
    const { channels, ...settings } = config.notify;
    const log = (event: string, fields: Record<string, unknown>): void =>
      this.options.telemetry.emitByName(event, fields);
    const notifier = new Notifier({ folder: join(config.data, 'notify'), channels, settings, now, log });
    const watched = new Set(sensors.flatMap((sensor) => sensor.sources ?? []));
    return { config, sensors, watched, keyProblem, heartbeat, sender, notifier };
  }

  private keyOf(config: Config, evenWithoutKey: boolean): { key: Buffer; keyProblem: string | null } {
    const path = keyFile(config);
    try {
      return { key: loadKey(path, { create: true }), keyProblem: null };
    } catch (error) {
      if (!evenWithoutKey || !(error instanceof VardeError)) throw error;
      this.options.telemetry.emit(EVENTS.probe_key_refused, { path, reason: error.message, error });
      return { key: Buffer.alloc(32), keyProblem: error.message };
    }
  }

  private line(type: TappedType, source: string, bytes: Buffer, start: number, end: number): (() => void) | null {
    const parts = this.parts;
    if (parts === null || !parts.watched.has(source)) return null;
    try {
      if (type === 'stats' && this.stats.isHeldBack(source, bytes, start, end, this.options.now())) return null;
      return this.take(parts, source, bytes, start, end, this.options.now());
    } catch (error) {
      // Whatever is wrong here, the line has a place in the store.
      this.options.telemetry.emit(EVENTS.defect_met, { where: 'heartbeat', error });
      return null;
    }
  }

  private take(
    parts: Parts,
    source: string,
    bytes: Buffer,
    start: number,
    end: number,
    arrived: number,
  ): (() => void) | null {
    const { heartbeat } = parts;
    if (!heartbeat.wants(bytes, start, end)) return null;
    let event: JsonObject;
    try {
      event = JSON.parse(bytes.toString('utf8', start, end)) as JsonObject;
    } catch {
      return null; // The parser took it, so this is a line that JSON.parse alone refuses: none of Suricata's.
    }
    const sighting = heartbeat.line(event, arrived, { source });
    return sighting === null ? null : () => heartbeat.stored(sighting);
  }

  private tickSoon(): void {
    this.ticking ??= this.tick()
      .catch((error: unknown) => this.options.telemetry.emit(EVENTS.defect_met, { where: 'heartbeat', error }))
      .finally(() => (this.ticking = null));
  }

  private async tick(): Promise<void> {
    const parts = this.running();
    const { config, heartbeat, sensors, notifier } = parts;
    for (const { source, line, arrived } of this.stats.release())
      this.take(parts, source, line, 0, line.length, arrived);
    const { waiting } = this.options.store();
    const failing = (this.judged ?? []).filter(({ state }) => state !== 'alive').map(({ name }) => name);
    const doubtful = new Set([...failing, ...heartbeat.lateStats()]);
    const facts = await this.looks.look(sensors, this.options.sources(), doubtful);
    addStreams(facts, sensors, this.options.streams?.() ?? null);
    heartbeat.facts({ store: { waiting }, sensors: facts });
    const judged = heartbeat.judge();
    this.judged = judged;
    this.report = null;
    for (const sensor of judged) this.noteChange(sensor);
    notifier.grace(this.told.reloaded(judged));
    if (config.notify.channels.length > 0)
      notifier.observe(this.told.conditions(judged, this.options.reading(), this.options.now()));
    const age = this.options.now() - this.saved;
    const usual = config.probes.paths.length === 0 ? SAVE_PLOT_EVERY_MS : SAVE_EVERY_MS;
    const least = Math.max(this.changed ? SAVE_AFTER_CHANGE_MS : usual, this.savedBytes / SAVE_BYTES_PER_MS);
    if (age < 0 || age >= least) await this.save();
  }

  private noteChange(sensor: SensorJudgement): void {
    const { name, state } = sensor;
    const from = this.states.get(name);
    if (from === state) return;
    this.states.set(name, state);
    if (from === undefined) return;
    const reason = sensor.message;
    this.changed = true;
    const cause = sensor.chains.find((chain) => chain.state === state)?.cause ?? '';
    const event = state === 'blind' || state === 'late' ? EVENTS.heartbeat_failed : EVENTS.heartbeat_changed;
    this.options.telemetry.emit(event, { sensor: name, from, to: state, cause, reason });
  }

  private async restore(config: Config): Promise<void> {
    const path = heartbeatFile(config.data);
    try {
      const known = await readSaved(path);
      if (known === null) return;
      this.savedBytes = known.bytes;
      this.running().heartbeat.restore(known.heartbeat, known.saved);
      this.options.telemetry.emit(EVENTS.heartbeat_restored, { saved_ms_ago: this.options.now() - known.saved });
    } catch (error) {
      this.options.telemetry.emit(EVENTS.heartbeat_state_refused, { path, error });
    }
  }

  private async save(): Promise<void> {
    if (this.parts === null) return;
    const { config, heartbeat } = this.parts;
    this.saved = this.options.now();
    this.changed = false;
    const path = heartbeatFile(config.data);
    try {
      this.savedBytes = await writeSaved(path, { saved: this.saved, heartbeat: heartbeat.snapshot() });
    } catch (error) {
      // A full disk is told by the store already; the next round tries again.
      this.options.telemetry.emit(EVENTS.heartbeat_state_unwritten, { path, error });
    }
  }
}
