import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { hasCommand } from '../../lab/packages.ts';
import { VARDE } from '../station.ts';
import { memoryOf, usageOf } from '../proc.ts';
import { type BenchStage, TARGET } from './stage.ts';

/** Who receives: Varde, or what people use today. */
export type Kind = 'varde' | 'varde-kernel' | 'pipeline' | 'varde-pcap' | 'tzsp2pcap';

export const REAL_TZSP2PCAP = hasCommand('tzsp2pcap');
/** The same for both; sockets of others get it as the machine's default while they are opened. */
const LARGE_BUFFER = 32 * 1024 * 1024;
const RMEM_DEFAULT = '/proc/sys/net/core/rmem_default';
const READY_MS = 20_000;

/** A receiver with all its processes. */
export class BenchReceiver {
  private readonly child: ChildProcess;
  /** What counts as its CPU time: not the shell, and not who drains a pipe. */
  private readonly pids: number[];
  private output = '';

  private constructor(child: ChildProcess, pids: number[]) {
    this.child = child;
    this.pids = pids;
    child.stdout!.on('data', (text: Buffer) => (this.output += text.toString()));
  }

  /**
   * @param largeBuffer for those that cannot be told: the system's default is raised while they start
   * @throws Error where it does not listen
   */
  static async start(stage: BenchStage, kind: Kind, largeBuffer: boolean): Promise<BenchReceiver> {
    const before = readFileSync(RMEM_DEFAULT, 'utf8').trim();
    const raise = largeBuffer && (kind === 'pipeline' || kind === 'tzsp2pcap');
    if (raise) writeFileSync(RMEM_DEFAULT, String(LARGE_BUFFER));
    try {
      const [command, ...args] = [...stage.wire.prefix('home'), ...commandOf(kind)] as [string, ...string[]];
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      const end = performance.now() + READY_MS;
      while (!stage.listens()) {
        if (performance.now() > end || child.exitCode !== null) throw new Error(`${kind} does not listen`);
        await pause(50);
      }
      await pause(300);
      const all = [child.pid!, ...childrenOf(child.pid!)];
      return new BenchReceiver(
        child,
        all.filter((pid) => !['sh', 'wc'].includes(nameOf(pid))),
      );
    } finally {
      if (raise) writeFileSync(RMEM_DEFAULT, before);
    }
  }

  /** Milliseconds of CPU time so far. */
  cpu(): number {
    return this.pids.reduce((sum, pid) => sum + usageOf(pid).cpu, 0);
  }

  memory(): number {
    return this.pids.reduce((sum, pid) => sum + memoryOf(pid).now, 0);
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.pids.every((pid) => nameOf(pid) !== '');
  }

  /** Ends it; what does not go by itself is killed. @returns what it (or the drain behind it) printed */
  async stop(): Promise<string> {
    const gone = this.child.exitCode === null ? once(this.child, 'close') : Promise.resolve();
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), 2000);
    await gone;
    clearTimeout(late);
    return this.output;
  }

  private signal(name: NodeJS.Signals): void {
    for (const pid of this.pids)
      try {
        process.kill(pid, name);
      } catch {
        // It has ended already.
      }
  }
}

function commandOf(kind: Kind): string[] {
  const tzsp2pcap = REAL_TZSP2PCAP ? 'tzsp2pcap -f' : `${process.execPath} ${process.argv[1]!} --child tzsp2pcap`;
  const varde = `${process.execPath} ${VARDE} tzsp`;
  switch (kind) {
    case 'varde':
      return [process.execPath, VARDE, 'tzsp', '--inject', TARGET, '--no-kernel'];
    case 'varde-kernel':
      return [process.execPath, VARDE, 'tzsp', '--inject', TARGET];
    case 'pipeline':
      return ['sh', '-c', `${tzsp2pcap} | tcpreplay --topspeed -i ${TARGET} - >/dev/null 2>&1`];
    case 'varde-pcap':
      return ['sh', '-c', `${varde} --write - --no-kernel 2>/dev/null | wc -c`];
    case 'tzsp2pcap':
      return ['sh', '-c', `${tzsp2pcap} | wc -c`];
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  try {
    const own = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    return own.flatMap((it) => [it, ...childrenOf(it)]);
  } catch {
    return [];
  }
}
