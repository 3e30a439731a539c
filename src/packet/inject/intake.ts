import { Outcome, readTzsp, rejectReason, TzspView } from '../tzsp/decode.ts';
import { DuplicateTable } from '../tzsp/duplicates.ts';
import { FragmentMemory } from '../tzsp/fragment-memory.ts';
import { isOwnStream } from '../tzsp/loop.ts';
import { OwnAddresses } from '../tzsp/own-addresses.ts';
import type { FrameTime, Output } from './outputs/output.ts';
import type { Router } from './router.ts';

/** One datagram after the other: read, counted, and its frame handed to the outputs of its router. */
export class Intake {
  private readonly view = new TzspView();
  private readonly sent: FrameTime = { seconds: 0, nanoseconds: 0 };
  private readonly ports: ReadonlySet<number>;
  private own: OwnAddresses;
  private readonly fragments = new FragmentMemory();
  private readonly duplicates: DuplicateTable | null;

  /** @param ports where we listen @param addresses of this machine */
  constructor(ports: ReadonlySet<number>, addresses: Iterable<string>, dropDuplicatesMs: number) {
    this.ports = ports;
    this.own = new OwnAddresses(addresses);
    this.duplicates = dropDuplicatesMs > 0 ? new DuplicateTable(dropDuplicatesMs) : null;
  }

  /** Addresses come and go. */
  useAddresses(addresses: Iterable<string>): void {
    this.own = new OwnAddresses(addresses);
  }

  /** @param time when the datagram came, for frames that carry no time of their own @param now milliseconds */
  take(router: Router, bytes: Buffer, start: number, end: number, time: FrameTime, now: number): void {
    const { view } = this;
    router.datagrams++;
    router.seen(now);
    const outcome = readTzsp(view, bytes, start, end);
    if (outcome !== Outcome.FRAME) {
      if (outcome > 0) router.keepalives++;
      else router.reject(rejectReason(outcome));
      return;
    }
    const { frameStart, frameEnd } = view;
    router.frames++;
    router.bytes += frameEnd - frameStart;
    if (isOwnStream(bytes, frameStart, frameEnd, this.ports, this.own, this.fragments, view.linkType, router.own)) {
      router.loops++;
      return;
    }
    router.lastFrame = now;
    if (this.duplicates?.seen(router.number, bytes, frameStart, frameEnd, performance.now()) === true) {
      router.duplicates++;
      return;
    }
    if (view.originalLength > frameEnd - frameStart) router.sliced++;
    let when = time;
    if (view.seconds >= 0) {
      when = this.sent;
      when.seconds = view.seconds;
      when.nanoseconds = view.nanoseconds;
    }
    for (const output of router.outputs) output.push(bytes, view, when, router);
  }

  /** A datagram that was longer than its slot. */
  takeTruncated(router: Router, now: number): void {
    router.datagrams++;
    router.seen(now);
    router.reject('truncated_datagram');
  }
}

export type Route = { routers: string[] | undefined; output: Output };
