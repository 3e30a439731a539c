import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { VardeError } from '../base/errors.ts';
import { configSchema } from '../config/schema.ts';
import type { TzspConfig } from '../config/tzsp.ts';
import { ReceiverThread, type ThreadEvents } from '../packet/inject/thread.ts';
import type { TzspReport } from '../packet/tzsp/report.ts';
import type { TzspSettings } from '../packet/tzsp/settings.ts';
import { EVENTS } from '../telemetry/event-list.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { TzspService } from './tzsp-service.ts';

/** Threads that start when they are let, and know whether they run. */
class Threads {
  readonly running = new Set<string>();
  readonly events: ThreadEvents[] = [];
  most = 0;
  fail: VardeError | null = null;
  report: TzspReport | null = null;
  private gates: (() => void)[] = [];

  start = async (settings: TzspSettings, events: ThreadEvents): Promise<ReceiverThread> => {
    await new Promise<void>((resolve) => this.gates.push(resolve));
    if (this.fail !== null) throw this.fail;
    const name = settings.listen.join();
    this.running.add(name);
    this.most = Math.max(this.most, this.running.size);
    this.events.push(events);
    const report = (): TzspReport | null => this.report;
    return {
      get report() {
        return report();
      },
      stop: async () => void this.running.delete(name),
    } as unknown as ReceiverThread;
  };

  /** Lets all that wait go on, as often as it takes. */
  async let(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      for (const gate of this.gates.splice(0)) gate();
      await vi.advanceTimersByTimeAsync(0);
    }
  }
}

const config = (port: number): TzspConfig => configSchema.parse({ tzsp: { listen: [`127.0.0.1:${port}`] } }).tzsp!;
const telemetry = { emit: () => undefined } as unknown as Telemetry;

describe('the receiver of a station', () => {
  let threads: Threads;
  let service: TzspService;
  beforeEach(() => {
    vi.useFakeTimers();
    threads = new Threads();
    service = new TzspService(telemetry, threads.start);
  });
  afterEach(() => vi.useRealTimers());

  it('is one at a time, also where the config changes while one starts', async () => {
    const changes = [service.start(config(1000)), service.reload(config(1001)), service.reload(config(1002))];
    await threads.let();
    await Promise.all(changes);
    expect([...threads.running]).toEqual(['127.0.0.1:1002']);
    expect(threads.most).toBe(1);
  });

  it('is left alone by a config that says the same', async () => {
    void service.start(config(1000));
    await threads.let();
    void service.reload(config(1000));
    await threads.let();
    expect(threads.events).toHaveLength(1);
  });

  it('judges its reports by the routers that the config names, wherever it does', async () => {
    const named = configSchema.parse({
      tzsp: { outputs: [{ type: 'inject', interface: 'dummy0', routers: ['192.168.88.1', '10.0.0.0/8'] }] },
    }).tzsp!;
    void service.start(named);
    await threads.let();
    const report: TzspReport = {
      time: 0,
      started: 0,
      path: 'user',
      noKernelPath: null,
      routers: [],
      refused: { datagrams: 0, senders: [] },
      forgotten: 0,
      reassemblyFailures: 0,
      outputs: [],
      sockets: [{ address: 'a', receiveBufferBytes: 2, wantedBytes: 1, kernelDrops: 3 }],
    };
    threads.report = report;
    threads.events[0]!.report!(report);
    expect(service.problems(60_000).map(({ message }) => message)).toEqual([
      'The router 192.168.88.1 has not sent anything yet.',
      '3 datagrams were lost in the last 5 minutes because the receive buffer was full.',
    ]);
  });

  it('is gone after a stop that came while it started', async () => {
    const changes = [service.start(config(1000)), service.stop()];
    await threads.let();
    await Promise.all(changes);
    expect(threads.running.size).toBe(0);
  });

  it('is tried again after a failure, and is not while it is stopped', async () => {
    threads.fail = new VardeError('tzsp_listen', 'taken');
    void service.start(config(1000));
    await threads.let();
    expect(service.failure).toBe('taken');
    threads.fail = null;
    await vi.advanceTimersByTimeAsync(5000);
    await threads.let();
    expect([...threads.running]).toEqual(['127.0.0.1:1000']);
    expect(service.failure).toBeNull();
    threads.running.clear();
    threads.events[0]!.ended!(new VardeError('internal', 'gone'));
    void service.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    await threads.let();
    expect(threads.running.size).toBe(0);
  });

  it('is started again after its thread has died', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'varde-service-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const program = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, `import { parentPort, workerData } from 'node:worker_threads';\n${text}`);
      return path;
    };
    const ready = `parentPort.postMessage({ type: 'ready' });`;
    const dies = program('dies.mjs', `${ready} setTimeout(() => { throw new Error('broken'); }, 20);`);
    const lives = program(
      'lives.mjs',
      `${ready} const flag = new Int32Array(workerData.stop); while (Atomics.load(flag, 0) === 0) Atomics.wait(flag, 0, 0, 20);`,
    );
    const programs = [dies, dies, lives];
    const said: unknown[] = [];
    const counted = { emit: (event: unknown) => void said.push(event) } as unknown as Telemetry;
    const failures = (): number => said.filter((it) => it === EVENTS.tzsp_failed).length;
    service = new TzspService(counted, (settings, events) => ReceiverThread.start(settings, events, programs.shift()));
    await service.start(config(1000));
    for (const turn of [1, 2]) {
      await vi.waitFor(() => expect(failures()).toBe(turn));
      expect(service.failure).toContain('broken');
      await vi.advanceTimersByTimeAsync(5000);
      await vi.waitFor(() => expect(programs).toHaveLength(2 - turn));
    }
    await vi.waitFor(() => expect(service.failure).toBeNull());
    await service.stop();
  });
});
