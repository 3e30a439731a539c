import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { TzspView } from '../../tzsp/decode.ts';
import type { OutputReport } from '../../tzsp/report.ts';
import type { StreamOutput as Settings } from '../../tzsp/settings.ts';
import { ETHERNET, linkTypeOf } from '../../tzsp/types.ts';
import type { Router } from '../router.ts';
import { failure, failureName, type System } from '../system.ts';
import { captureFormat, type CaptureFormat } from './capture-format.ts';
import { Counts, type FrameTime, type Output } from './output.ts';
import type { ReaderWatch } from './reader-watch.ts';
import { RecordEnds } from './record-ends.ts';

const BUFFER_BYTES = 1024 * 1024;
/** fcntl(2); the most that an unprivileged process may ask for by default. */
const F_SETPIPE_SZ = 1031;
const STANDARD_OUTPUT = 1;
const POLLERR = 8;
const EAGAIN = failure('EAGAIN');
const EINTR = failure('EINTR');
const EPIPE = failure('EPIPE');

/**
 * Standard output (`-`) or a FIFO (fifo(7)), never waited for: what a slow reader leaves no room for is counted as dropped. A FIFO's reader may come and
 * go; each new one begins with a whole file's head. Without a reader of standard output the output has ended. A pcap stream is one of Ethernet whatever
 * comes first: one stray frame must not shut out all others.
 */
export class StreamOutput implements Output {
  /** Standard output has lost its reader. */
  ended = false;
  private readonly system: Pick<System, 'write' | 'fcntl' | 'poll'>;
  private readonly settings: Settings;
  private readonly counts = new Counts();
  private readonly buffer = Buffer.alloc(BUFFER_BYTES);
  private start = 0;
  private end = 0;
  /** Bytes that the pipe has taken since the head. */
  private taken = 0;
  /** The pipe had no room for all. */
  private isBehind = false;
  private readonly records = new RecordEnds();
  private format: CaptureFormat;
  private fd = -1;
  private reason: string | null = null;
  private dropAs: 'no_reader' | 'write_failed' = 'no_reader';
  private readonly watch: ReaderWatch | null;

  /** @param watch of a FIFO, where there can be one */
  constructor(system: Pick<System, 'write' | 'fcntl' | 'poll'>, settings: Settings, watch: ReaderWatch | null) {
    this.system = system;
    this.settings = settings;
    this.watch = watch;
    this.format = captureFormat(settings.format, linkTypeOf(ETHERNET));
    this.open();
  }

  get pending(): boolean {
    return this.fd >= 0 && this.start < this.end;
  }

  push(bytes: Buffer, view: TzspView, time: FrameTime, router: Router): void {
    // Before the first frame of a batch: what waits already may have been begun for the reader before.
    if (this.fd >= 0 && this.start === this.end) this.greet();
    if (this.fd < 0) return this.counts.drop(this.dropAs);
    const need = this.format.room(view.frameEnd - view.frameStart);
    if (this.end + need > BUFFER_BYTES) this.makeRoom();
    if (this.fd < 0) return this.counts.drop(this.dropAs);
    if (this.end + need > BUFFER_BYTES) return this.counts.drop('blocked');
    const written = this.format.write(this.buffer, this.end, bytes, view, time, router);
    if (written === 0) return this.counts.drop('other_link_type');
    this.end += written;
    this.records.add(this.taken + this.end - this.start);
  }

  flush(): void {
    if (this.isBehind) this.greet();
    while (this.pending) {
      const rest = this.start === 0 ? this.buffer : this.buffer.subarray(this.start, this.end);
      const written = this.system.write(this.fd, rest, this.end - this.start);
      if (written === EINTR) continue;
      if (written === EAGAIN) {
        this.isBehind = true;
        return;
      }
      if (written < 0) return this.lose(written);
      this.start += written;
      this.taken += written;
      this.counts.bytes += written;
      const frames = this.records.pass(this.taken);
      if (frames === 0) continue;
      this.counts.frames += frames;
      this.counts.lastFrame = Date.now();
    }
    this.isBehind = false;
    this.start = this.end = 0;
  }

  tick(): void {
    if (this.fd >= 0 && this.isAbandoned()) this.lose(EPIPE);
    this.greet();
    if (this.fd < 0 && !this.ended) this.open();
  }

  report(): OutputReport {
    return {
      name: `stream ${this.settings.path}`,
      type: 'stream',
      state: this.reason === null ? 'open' : 'waiting',
      reason: this.reason,
      ...this.counts.report(),
      mtu: null,
      mtuNeeded: null,
      file: this.settings.path,
    };
  }

  close(): void {
    this.flush();
    this.drop();
    if (this.fd > STANDARD_OUTPUT) closeSync(this.fd);
    this.fd = -1;
    this.watch?.close();
  }

  /** A reader has taken the place of another without a moment in which there was none: it gets a head of its own. */
  private greet(): void {
    if (this.fd < 0 || this.watch === null || !this.watch.hasLeft()) return;
    this.drain();
    // Our own look into the pipe.
    this.watch.hasLeft();
    this.begin();
    this.flush();
  }

  /** What the reader before has left in the pipe would be no file to the next. */
  private drain(): void {
    const room = Buffer.alloc(65_536);
    try {
      const fd = openSync(`/proc/self/fd/${this.fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        while (readSync(fd, room) > 0);
      } finally {
        closeSync(fd);
      }
    } catch {
      // It is empty (EAGAIN).
    }
  }

  private begin(): void {
    this.drop();
    this.format = captureFormat(this.settings.format, linkTypeOf(ETHERNET));
    this.end = this.format.head(this.buffer, 0);
  }

  /** A pipe without a reader says so by POLLERR (poll(2)), also while there is nothing to write. */
  private isAbandoned(): boolean {
    const asked = Buffer.alloc(8);
    asked.writeInt32LE(this.fd);
    return this.system.poll(asked, 1, 0) > 0 && (asked.readInt16LE(6) & POLLERR) !== 0;
  }

  private makeRoom(): void {
    this.flush();
    if (this.start === 0) return;
    this.buffer.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }

  /** Counts what was never taken: a record that a reader has half of is of no use to the next. */
  private drop(): void {
    if (this.records.count > 0) this.counts.drop('no_reader', this.records.count);
    this.records.clear();
    this.isBehind = false;
    this.start = this.end = this.taken = 0;
  }

  private lose(result: number): void {
    if (this.fd > STANDARD_OUTPUT) closeSync(this.fd);
    this.fd = -1;
    this.ended = this.settings.path === '-';
    this.dropAs = 'no_reader';
    this.reason = result === EPIPE ? 'the reader has gone' : `it cannot be written (${failureName(result)})`;
    this.drop();
  }

  private open(): void {
    try {
      // A pipe is opened anew, so that only our end of it is set not to block.
      const path = this.settings.path === '-' ? `/proc/self/fd/${STANDARD_OUTPUT}` : this.settings.path;
      const pipe = this.settings.path !== '-' || fstatSync(STANDARD_OUTPUT).isFIFO();
      this.watch?.begin();
      const fd = pipe ? openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) : STANDARD_OUTPUT;
      if (this.settings.path !== '-' && !isStream(fd)) {
        closeSync(fd);
        this.dropAs = 'write_failed';
        this.reason = `${path} is no FIFO: mkfifo makes one, and files are written by an output of type pcap or pcapng`;
        return;
      }
      this.fd = fd;
      this.system.fcntl(this.fd, F_SETPIPE_SZ, BUFFER_BYTES);
      this.reason = null;
      this.begin();
      this.flush();
    } catch (error) {
      this.dropAs = 'no_reader';
      const { code } = error as NodeJS.ErrnoException;
      this.reason =
        code === 'ENXIO'
          ? 'no reader has opened it yet'
          : code === 'ENOENT'
            ? `it is missing: mkfifo ${this.settings.path}`
            : `it cannot be opened (${code ?? String(error)})`;
    }
  }
}

/** A file or a disk would be overwritten from its beginning, without end. */
function isStream(fd: number): boolean {
  const found = fstatSync(fd);
  return found.isFIFO() || found.isCharacterDevice();
}
