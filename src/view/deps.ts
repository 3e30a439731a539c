import type { Questions, StoreStatus } from '../store/store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { SentProbe } from '../probe/sent-probe.ts';
import type { SensorsAnswer, StationStatus } from './api.ts';

/** What the view asks of the station. Everything is a function, so that a reload or a restarted store needs no new view. */
export interface ViewDeps {
  questions(): Questions;
  storeStatus(): StoreStatus;
  stationStatus(): StationStatus;
  sensors(): SensorsAnswer;
  /** Takes what senders elsewhere report; those of unknown paths are refused. */
  /** `reported`: what the sender's clock showed when it told of them, milliseconds since the epoch, where it says so. */
  probesSent(probes: readonly SentProbe[], reported?: number): { taken: number; refused: number };
  /** Breaks or mends the demo's hop. Absent where this is no demo. */
  demo?(broken: boolean): void;
  /** Tells of each commit; returns the way to stop being told. */
  subscribe(listener: (committed: { rows: number }) => void): () => void;
  retryQuarantine(): Promise<{ tried: number; stored: number }>;
  /** Imports files into the running station's store; reports objects that can be written as JSON. Absent where there is none. */
  importFiles?(
    paths: string[],
    options: { parser?: string; signal: AbortSignal; progress: (progress: unknown) => void },
  ): Promise<unknown>;
  telemetry: Telemetry;
  /** Folder of the built page (`dist/web`); may be missing, then only the API is served. */
  webRoot: string;
  version: string;
  /** Milliseconds since the epoch; for tests. */
  now?: () => number;
}

/** Where a request came in: the loopback port that browsers reach, or the Unix socket that only the station's own user can open. */
export interface Side {
  kind: 'tcp' | 'socket';
  /** Breaks the connection, so that a download cut short is seen as such. */
  abandon?: () => void;
  /** Calls back once the answer has been sent or its client has gone. */
  onClose?: (listener: () => void) => void;
}
