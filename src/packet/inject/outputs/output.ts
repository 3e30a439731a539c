import type { DropReason, OutputReport } from '../../tzsp/report.ts';
import type { TzspView } from '../../tzsp/decode.ts';
import type { Router } from '../router.ts';

/** When a frame was captured, as well as it is known. */
export interface FrameTime {
  seconds: number;
  nanoseconds: number;
}

/** Where frames go. A frame's bytes are valid until `flush` returns. Nothing here throws: what goes wrong is told by the report. */
export interface Output {
  push(bytes: Buffer, view: TzspView, time: FrameTime, router: Router): void;
  /** The end of a batch. `idle`: nothing more waits to be received. */
  flush(idle: boolean): void;
  /** Several times a second: looks after what it writes into. `now`: milliseconds since the epoch. */
  tick(now: number): void;
  /** True while something waits that `flush` may get rid of soon. */
  readonly pending: boolean;
  report(): OutputReport;
  close(): void;
}

/** What each output counts. */
export class Counts {
  frames = 0;
  bytes = 0;
  lastFrame: number | null = null;
  private readonly dropped = new Map<DropReason, number>();

  drop(reason: DropReason, frames = 1): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + frames);
  }

  report(): Pick<OutputReport, 'frames' | 'bytes' | 'dropped' | 'lastFrame'> {
    return {
      frames: this.frames,
      bytes: this.bytes,
      dropped: Object.fromEntries(this.dropped),
      lastFrame: this.lastFrame,
    };
  }
}
