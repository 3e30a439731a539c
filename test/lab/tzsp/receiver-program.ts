import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import type { OutputReport, RouterReport, TzspReport } from '../../../src/packet/tzsp/report.ts';
import { labEnvironment } from '../program.ts';
import { until } from '../wait.ts';

const BIN = process.env['VARDE_BIN'] ?? join(PACKAGE_ROOT, 'bin', 'varde');
const DEADLINE_MS = 30_000;

/** `varde tzsp --json` in a namespace, and what it tells. */
export class ReceiverProgram {
  readonly child: ChildProcess;
  /** All reports, the newest last. */
  readonly reports: TzspReport[] = [];
  /** What it said to people. */
  said = '';
  private rest = '';
  private readonly gone: Promise<unknown>;

  constructor(prefix: readonly string[], args: readonly string[]) {
    const [program = '', ...more] = [...prefix, process.execPath, BIN, 'tzsp', '--json', ...args];
    this.child = spawn(program, more, { env: labEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout!.on('data', (data: Buffer) => this.read(data.toString()));
    this.child.stderr!.on('data', (data: Buffer) => (this.said = (this.said + data.toString()).slice(-10_000)));
    this.gone = once(this.child, 'close');
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async listens(): Promise<void> {
    await this.until('it listens', () => this.reports.length > 0);
  }

  /** The newest report that fulfils the condition. */
  async until(what: string, condition: (report: TzspReport) => boolean, deadline = DEADLINE_MS): Promise<TzspReport> {
    const found = (): TzspReport | undefined => {
      const last = this.reports.at(-1);
      if (last !== undefined && condition(last)) return last;
      if (this.isOver) throw new Error(`varde tzsp ended (${this.child.exitCode}) before ${what}:\n${this.said}`);
      return undefined;
    };
    try {
      return await until(what, found, deadline);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${JSON.stringify(this.reports.at(-1), null, 1)}\n${this.said}`, {
        cause: error,
      });
    }
  }

  /** Waits until that many datagrams of believed routers were taken; outputs have been given them by then. */
  hasTaken(datagrams: number): Promise<TzspReport> {
    return this.until(`${datagrams} datagrams were taken`, (it) => datagramsOf(it) >= datagrams);
  }

  /** Ends it as systemd would. @returns the last report, how long it took, and its exit code */
  async stop(): Promise<{ report: TzspReport; millis: number; code: number | null }> {
    const started = performance.now();
    if (!this.isOver) this.child.kill('SIGTERM');
    const patience = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await this.gone;
    clearTimeout(patience);
    return { report: this.reports.at(-1)!, millis: performance.now() - started, code: this.child.exitCode };
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.reports.push(JSON.parse(line) as TzspReport);
  }
}

export function datagramsOf(report: TzspReport): number {
  return sumOf(report.routers, (it) => it.datagrams);
}

export function routerOf(report: TzspReport, address: string): RouterReport {
  const found = report.routers.find((it) => it.address === address);
  if (found === undefined) throw new Error(`no router ${address}: ${JSON.stringify(report.routers)}`);
  return found;
}

export function outputOf(report: TzspReport, type: OutputReport['type']): OutputReport {
  const found = report.outputs.find((it) => it.type === type);
  if (found === undefined) throw new Error(`no output ${type}: ${JSON.stringify(report.outputs)}`);
  return found;
}

function sumOf<T>(list: readonly T[], value: (it: T) => number): number {
  return list.reduce((sum, it) => sum + value(it), 0);
}
