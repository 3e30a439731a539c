import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ERROR_CODES, type ErrorCode } from '../../base/error-codes.ts';
import { VardeError } from '../../base/errors.ts';
import { PACKAGE_ROOT } from '../../base/package-root.ts';
import type { TzspReport } from '../tzsp/report.ts';
import type { TzspSettings } from '../tzsp/settings.ts';
import { Descriptors } from './descriptors.ts';
import { Housekeeping } from './housekeeping.ts';
import type { WorkerInput, WorkerMessage } from './messages.ts';

export interface ThreadEvents {
  /** About once a second. */
  report?(report: TzspReport): void;
  /** The thread ended though nobody stopped it. */
  ended?(error: VardeError): void;
  /** A finished file could not be compressed, or old ones not deleted. */
  trouble?(message: string): void;
}

/** The receiver in a thread of its own: the rest of the process stays responsive whatever the rate. */
export class ReceiverThread {
  report: TzspReport | null = null;
  private readonly worker: Worker;
  private readonly flag: Int32Array;
  private readonly housekeeping: Housekeeping;
  private readonly gone: Promise<void>;
  private stopping = false;

  private constructor(
    settings: TzspSettings,
    events: ThreadEvents,
    program: string,
    ready: (error: VardeError | null) => void,
  ) {
    const stop = new SharedArrayBuffer(4);
    const descriptors = new Descriptors();
    this.flag = new Int32Array(stop);
    this.housekeeping = new Housekeeping(settings.outputs, (message) => events.trouble?.(message));
    const input: WorkerInput = { settings, stop, descriptors: descriptors.memory };
    this.worker = new Worker(program, {
      workerData: input,
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 1 },
    });
    let failure: VardeError | null = null;
    this.worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'ready') {
        this.housekeeping.begin();
        ready(null);
      } else if (message.type === 'report') {
        this.report = message.report;
        events.report?.(message.report);
      } else if (message.type === 'begun') this.housekeeping.begun(message.path);
      else if (message.type === 'rotated') this.housekeeping.rotated(message.path, message.output, message.kept);
      else
        failure = new VardeError(
          Object.hasOwn(ERROR_CODES, message.code) ? (message.code as ErrorCode) : 'internal',
          message.message,
        );
    });
    this.worker.on('error', (error: Error) => {
      failure ??= new VardeError('internal', `the receiver's thread failed: ${error.message}`, { cause: error });
    });
    this.gone = new Promise((resolve) => {
      this.worker.on('exit', () => {
        // One that was ended in the middle has closed nothing.
        descriptors.closeAll();
        const error = failure ?? new VardeError('internal', "the receiver's thread ended by itself");
        ready(error);
        if (!this.stopping) {
          void this.housekeeping.stop();
          events.ended?.(error);
        }
        resolve();
      });
    });
  }

  /**
   * Resolves when it listens.
   * @param program what runs in the thread (worker.ts)
   * @throws VardeError tzsp_listen, tzsp_output, tzsp_unavailable, usage
   */
  static async start(
    settings: TzspSettings,
    events: ThreadEvents,
    program: string = workerFile(),
  ): Promise<ReceiverThread> {
    let thread: ReceiverThread | undefined;
    let listening: boolean | null = null;
    const error = await new Promise<VardeError | null>((resolve) => {
      // A thread may end in the very moment in which it says that it listens; whoever started it is told after it has the thread.
      const own = {
        ...events,
        ended: (it: VardeError) => setImmediate(() => listening === true && events.ended?.(it)),
      };
      thread = new ReceiverThread(settings, own, program, (problem) => {
        // At its end it is said once more.
        listening ??= problem === null;
        resolve(problem);
      });
    });
    if (error !== null) throw error;
    return thread!;
  }

  /** Ends it within a fraction of a second; files are whole. Old files that are being compressed are finished or left as they were. */
  async stop(): Promise<void> {
    this.stopping = true;
    Atomics.store(this.flag, 0, 1);
    await this.gone;
    await this.housekeeping.stop();
  }
}

function workerFile(): string {
  const file = join(PACKAGE_ROOT, 'dist', 'tzsp-worker.js');
  if (!existsSync(file)) throw new VardeError('tzsp_unavailable', 'Varde is not built: npm run build');
  return file;
}
