import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { socketPath } from '../../src/base/socket-path.ts';
import type { StationStatus } from '../../src/view/api.ts';
import { memoryOf, type Memory, type Usage, usageOf } from './proc.ts';
import type { Workplace } from './workplace.ts';

/** The program under test; another build can be named. */
export const VARDE = process.env['VARDE_BIN'] ?? join(PACKAGE_ROOT, 'bin', 'varde');

export interface StationFiles {
  config: string;
  data: string;
  logs: string;
}

/** A config that follows `logs/eve.json*`, with its fresh segments in memory; every other value is the default. */
export function stationFiles(place: Workplace, name: string, data = place.path(`${name}-data`)): StationFiles {
  const files = { config: place.path(`${name}.yaml`), data, logs: place.folder(`${name}-log`) };
  mkdirSync(data, { recursive: true });
  const config = {
    data,
    sources: [{ type: 'file_tail', parser: 'suricata-eve', paths: [join(files.logs, 'eve.json*')] }],
    store: { fresh_folder: place.fresh(name) },
    web: { enabled: false },
    log: { level: 'warn' },
  };
  writeFileSync(files.config, JSON.stringify(config)); // JSON is YAML.
  return files;
}

/** A running `varde up`. */
export class RunningStation {
  /** From the start of the process until it said that it is ready, milliseconds. */
  readonly readyAfter: number;
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly files: StationFiles;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });

  private constructor(child: ChildProcess, files: StationFiles, readyAfter: number) {
    this.child = child;
    this.pid = child.pid!;
    this.files = files;
    this.readyAfter = readyAfter;
  }

  static async start(place: Workplace, files: StationFiles): Promise<RunningStation> {
    const began = performance.now();
    const child = spawn(process.execPath, [VARDE, 'up', '-c', files.config], { stdio: ['ignore', 'pipe', 'inherit'] });
    place.owns(child);
    await new Promise<void>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (data: Buffer) => {
        text += data.toString();
        if (/^Ready/m.test(text)) resolve();
      });
      child.once('exit', (code) => reject(new Error(`varde up ended with ${String(code)}: ${text}`)));
    });
    return new RunningStation(child, files, performance.now() - began);
  }

  /** The whole answer, as text, and how long it took. @throws Error where the station refuses */
  ask(path: string, parameters: Record<string, string> = {}): Promise<{ text: string; took: number }> {
    return this.askAt(`${path}?${new URLSearchParams(parameters).toString()}`, performance.now());
  }

  private askAt(full: string, began: number): Promise<{ text: string; took: number }> {
    return new Promise((resolve, reject) => {
      const options = {
        socketPath: socketPath(this.files.data),
        path: full,
        agent: this.agent,
        headers: { host: 'localhost' },
      };
      const outgoing = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          if (response.statusCode !== 200)
            reject(new Error(`${full}: ${String(response.statusCode)} ${text.slice(0, 500)}`));
          else resolve({ text, took: performance.now() - began });
        });
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The station had just closed this kept connection, which was idle too long: ask again on a new one.
        if (outgoing.reusedSocket && (error.code === 'EPIPE' || error.code === 'ECONNRESET'))
          resolve(this.askAt(full, began));
        else reject(error);
      });
      outgoing.end();
    });
  }

  async status(): Promise<StationStatus> {
    return JSON.parse((await this.ask('/api/status')).text) as StationStatus;
  }

  /** Lines that are committed, over all sources. */
  async committed(): Promise<number> {
    const { sources } = await this.status();
    return sources.reduce((sum, { accounting }) => sum + accounting.events_stored + accounting.lines_quarantined, 0);
  }

  /** Resolves when `lines` are committed. @throws Error when nothing moves for two minutes */
  async untilCommitted(lines: number, tell?: (lines: number) => void): Promise<void> {
    let last = -1;
    let moved = performance.now();
    for (;;) {
      const done = await this.committed();
      tell?.(done);
      if (done >= lines) return;
      if (done !== last) [last, moved] = [done, performance.now()];
      else if (performance.now() - moved > 120_000) throw new Error(`stuck at ${done} of ${lines} lines`);
      await pause(50);
    }
  }

  usage(): Usage {
    return usageOf(this.pid);
  }

  memory(): Memory {
    return memoryOf(this.pid);
  }

  /** SIGTERM; resolves when it has ended, with what it used in all (looked at until its end). */
  async stop(): Promise<Usage> {
    this.agent.destroy();
    let last = this.usage();
    const look = setInterval(() => {
      try {
        last = this.usage();
      } catch {
        // It has just ended.
      }
    }, 10);
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
    clearInterval(look);
    return last;
  }
}
