import { OwnAddresses } from '../tzsp/own-addresses.ts';
import type { RejectReason, RouterReport } from '../tzsp/report.ts';
import type { Output } from './outputs/output.ts';

let numbers = 1;

/** What is known of one router's stream since the start. */
export class Router {
  readonly address: string;
  /** No other has it. */
  readonly number = numbers++;
  /** Its address, as frames' addresses are compared with it; none where several share an entry. */
  readonly own: OwnAddresses;
  /** Where its frames go. */
  readonly outputs: readonly Output[];
  readonly firstSeen: number;
  lastSeen: number;
  lastFrame: number | null = null;
  datagrams = 0;
  frames = 0;
  bytes = 0;
  kernelFrames = 0;
  keepalives = 0;
  longestGapMs = 0;
  sliced = 0;
  loops = 0;
  duplicates = 0;
  readonly rejected = new Map<RejectReason, number>();
  /** No longer known: whoever keeps something about it lets go of that. */
  forgotten = false;

  constructor(address: string, outputs: readonly Output[], now: number) {
    this.address = address;
    this.own = new OwnAddresses([address]);
    this.outputs = outputs;
    this.firstSeen = now;
    this.lastSeen = now;
  }

  seen(now: number): void {
    // A clock that was set back makes no gap.
    if (now - this.lastSeen > this.longestGapMs) this.longestGapMs = now - this.lastSeen;
    this.lastSeen = now;
  }

  reject(reason: RejectReason): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }

  /** The kernel path has taken some. @param lost had no memory there @param last when the last of them came, milliseconds */
  redirected(frames: number, bytes: number, lost: number, last: number): void {
    this.datagrams += frames + lost;
    this.frames += frames + lost;
    this.kernelFrames += frames;
    this.bytes += bytes;
    if (last > this.lastSeen) this.seen(last);
    this.lastFrame = Math.max(this.lastFrame ?? 0, last);
  }

  report(): Omit<RouterReport, 'outputs'> {
    return {
      address: this.address,
      firstSeen: this.firstSeen,
      lastSeen: this.lastSeen,
      lastFrame: this.lastFrame,
      datagrams: this.datagrams,
      frames: this.frames,
      bytes: this.bytes,
      kernelFrames: this.kernelFrames,
      keepalives: this.keepalives,
      longestGapMs: this.longestGapMs,
      sliced: this.sliced,
      loops: this.loops,
      duplicates: this.duplicates,
      rejected: Object.fromEntries(this.rejected),
    };
  }
}
