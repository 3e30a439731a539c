import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { getJson } from '../../src/cli/station-client.ts';
import type { Accounting, StationStatus } from '../../src/view/api.ts';
import { until } from '../lab/wait.ts';
import type { Place } from './place.ts';

/** The program under test: the built one of this checkout, or the one that VARDE_BIN names. */
const BIN = process.env['VARDE_BIN'] ?? join(PACKAGE_ROOT, 'bin', 'varde');
if (!existsSync(join(BIN, '..', '..', 'dist', 'main.js')))
  throw new Error('dist/ is missing: npm run build, then again');

/** Longest wait for anything: generous, since a busy machine is no defect. */
export const DEADLINE_MS = 60_000;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

/** A `varde …` process. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  private readonly out: Buffer[] = [];
  private readonly err: Buffer[] = [];
  private over = false;

  constructor(args: readonly string[], options: SpawnOptions & { prefix?: string[] } = {}) {
    const [command, ...rest] = [...(options.prefix ?? []), process.execPath, BIN, ...args];
    this.child = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.child.stdout?.on('data', (data: Buffer) => this.out.push(data));
    this.child.stderr?.on('data', (data: Buffer) => this.err.push(data));
    // A process that ends before it has read its standard input is no failure of the test by itself.
    this.child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        this.over = true;
        resolve({ code, signal, stdout: Buffer.concat(this.out), stderr: this.stderr });
      });
    });
  }

  get stdout(): string {
    return Buffer.concat(this.out).toString();
  }

  get stderr(): string {
    return Buffer.concat(this.err).toString();
  }

  get isOver(): boolean {
    return this.over;
  }

  async signal(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** Runs a command to its end. */
export async function varde(args: readonly string[], input?: Buffer): Promise<Ended> {
  const running = new Running(args);
  running.child.stdin?.end(input);
  return running.ended;
}

/** A `varde up`; killed at the end of the test if it still runs. */
export class Daemon extends Running {
  private readonly place: Place;

  constructor(place: Place, options: SpawnOptions & { prefix?: string[]; args?: string[] } = {}) {
    super(['up', '-c', place.config, ...(options.args ?? [])], options);
    this.place = place;
    onTestFinished(() => {
      if (!this.isOver) this.child.kill('SIGKILL');
    });
  }

  static async ready(place: Place, options: ConstructorParameters<typeof Daemon>[1] = {}): Promise<Daemon> {
    const daemon = new Daemon(place, options);
    await daemon.untilReady();
    return daemon;
  }

  /** Resolves when it said so; false when it ended before. */
  async readyOrOver(): Promise<boolean> {
    await until('varde up is ready', () => this.isOver || /^Ready/m.test(this.stdout), DEADLINE_MS);
    return !this.isOver;
  }

  async untilReady(): Promise<void> {
    if (!(await this.readyOrOver())) throw new Error(`varde up ended: ${this.stdout}${this.stderr}`);
  }

  /** Asks a second time where the first way fails: a connection kept from before may just have been closed by the station. */
  status(): Promise<StationStatus> {
    const ask = (): Promise<StationStatus> => getJson<StationStatus>(this.place.data, '/api/status');
    return ask().catch(ask);
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.signal('SIGKILL');
  }

  /** Asks it to end. @throws Error where it does not end well */
  async stop(): Promise<void> {
    const { code, stderr } = await this.signal('SIGTERM');
    if (code !== 0) throw new Error(`varde up ended with ${String(code)}: ${stderr.slice(-2000)}`);
  }
}

/** The books over all sources. */
export function totals(status: StationStatus): Accounting {
  const sum: Accounting = { lines_read: 0, events_stored: 0, lines_quarantined: 0, in_flight: 0 };
  for (const { accounting } of status.sources) {
    sum.lines_read += accounting.lines_read;
    sum.events_stored += accounting.events_stored;
    sum.lines_quarantined += accounting.lines_quarantined;
    sum.in_flight += accounting.in_flight;
  }
  return sum;
}

/** True when the station has committed at least so many lines; false also where none answers. */
export async function hasCommitted(data: string, lines: number): Promise<boolean> {
  try {
    const sum = totals(await getJson<StationStatus>(data, '/api/status'));
    return sum.events_stored + sum.lines_quarantined >= lines;
  } catch {
    return false; // It is down just now.
  }
}

export function untilCommitted(place: Place, lines: number): Promise<boolean> {
  return until(`${lines} lines are committed`, () => hasCommitted(place.data, lines), DEADLINE_MS);
}
