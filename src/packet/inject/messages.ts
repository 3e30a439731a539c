import type { TzspReport } from '../tzsp/report.ts';
import type { TzspSettings } from '../tzsp/settings.ts';

/** What the receiver's thread is given. */
export interface WorkerInput {
  settings: TzspSettings;
  /** One number; 1 asks the thread to end. Shared, since the thread sleeps in system calls and hears no messages. */
  stop: SharedArrayBuffer;
  /** What the thread holds open (descriptors.ts). */
  descriptors: SharedArrayBuffer;
}

/** What it says. `ready` and `failed` once, the rest as it happens. */
export type WorkerMessage =
  | { type: 'ready' }
  | { type: 'failed'; code: string; message: string }
  | { type: 'report'; report: TzspReport }
  | { type: 'begun'; path: string }
  | { type: 'rotated'; path: string; output: number; kept: boolean };
