import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TzspView } from '../../tzsp/decode.ts';
import type { OutputReport } from '../../tzsp/report.ts';
import type { FileOutput as Settings } from '../../tzsp/settings.ts';
import { linkTypeOf, ETHERNET } from '../../tzsp/types.ts';
import type { Router } from '../router.ts';
import { captureFormat, type CaptureFormat } from './capture-format.ts';
import { fileName } from './file-name.ts';
import { Counts, type FrameTime, type Output } from './output.ts';

const BUFFER_BYTES = 512 * 1024;
const LOOK_MS = 1000;
/** After an error of the disk it is tried again after a second, and after twice as long each further time in a row. */
const LONGEST_WAIT_MS = 60_000;
/** Writing goes on only when this much more than the least is free, so that it does not flutter. */
const MARGIN = 1.02;

/** Who is told of files. */
export interface FileEvents {
  /** A file has been begun. */
  begun(path: string): void;
  /** It is finished; `output` is the output's place in the settings; `kept` is false where nothing got into it, and it is gone. */
  rotated(path: string, output: number, kept: boolean): void;
}

interface Open {
  fd: number;
  path: string;
  opened: number;
  /** Of the file: bytes that are written whole. */
  size: number;
  format: CaptureFormat;
  buffer: Buffer;
  filled: number;
  frames: number;
}

/**
 * Files in pcap or pcapng, rotated by time and size. What is on the disk always ends with a whole record. A pcap file holds one link type: each other
 * one gets files of its own.
 */
export class FileOutput implements Output {
  readonly pending = false;
  private readonly settings: Settings;
  private readonly place: number;
  private readonly events: FileEvents;
  private readonly counts = new Counts();
  private readonly files = new Map<number, Open>();
  private newest: string | null = null;
  private reason: string | null = null;
  private dropAs: 'disk_full' | 'write_failed' = 'disk_full';
  private looked = 0;
  /** After the errors in a row so far. */
  private waitMs = 0;

  /** @param place of the output in the settings */
  constructor(settings: Settings, place: number, events: FileEvents) {
    this.settings = settings;
    this.place = place;
    this.events = events;
    this.look(Date.now());
  }

  push(bytes: Buffer, view: TzspView, time: FrameTime, router: Router): void {
    if (this.reason !== null) return this.counts.drop(this.dropAs);
    if (view.linkType < 0) return this.counts.drop('other_link_type');
    // pcapng takes all link types in one file.
    const kind = this.settings.type === 'pcap' ? view.linkType : linkTypeOf(ETHERNET);
    let file = this.files.get(kind) ?? this.begin(kind);
    if (file === null) return this.counts.drop(this.dropAs);
    const need = file.format.room(view.frameEnd - view.frameStart);
    if (file.filled + need > BUFFER_BYTES) {
      this.write(kind, file);
      const next = this.files.get(kind) ?? (this.reason === null ? this.begin(kind) : null);
      if (next === null) return this.counts.drop(this.dropAs);
      file = next;
    }
    file.filled += file.format.write(file.buffer, file.filled, bytes, view, time, router);
    file.frames++;
  }

  flush(): void {
    // A full buffer is written at once, the rest at the next tick.
  }

  tick(now: number): void {
    for (const [kind, file] of this.files) {
      this.write(kind, file);
      const { rotateSecs } = this.settings;
      if (rotateSecs > 0 && Math.abs(now - file.opened) >= rotateSecs * 1000) this.finish(kind);
    }
    if (Math.abs(now - this.looked) >= Math.max(LOOK_MS, this.waitMs)) this.look(now);
  }

  report(): OutputReport {
    return {
      name: `${this.settings.type} ${this.settings.file}`,
      type: this.settings.type,
      state: this.reason === null ? 'open' : 'waiting',
      reason: this.reason,
      ...this.counts.report(),
      mtu: null,
      mtuNeeded: null,
      file: this.newest,
    };
  }

  close(): void {
    for (const [kind, file] of this.files) {
      this.write(kind, file);
      if (this.files.delete(kind)) this.shut(file);
    }
  }

  private begin(kind: number): Open | null {
    const time = new Date();
    try {
      mkdirSync(dirname(this.settings.file), { recursive: true });
      for (let again = 1; ; again++) {
        const path = fileName(this.settings.file, time, kind === linkTypeOf(ETHERNET) ? null : kind, again);
        const fd = openNew(path);
        if (fd === null) continue;
        this.events.begun(path);
        const format = captureFormat(this.settings.type, kind);
        const buffer = Buffer.alloc(BUFFER_BYTES);
        const filled = format.head(buffer, 0);
        const file: Open = { fd, path, opened: time.getTime(), size: 0, format, buffer, filled, frames: 0 };
        this.files.set(kind, file);
        this.newest = path;
        return file;
      }
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  private write(kind: number, file: Open): void {
    if (file.filled === 0) return;
    try {
      for (let at = 0; at < file.filled;) at += writeSync(file.fd, file.buffer, at, file.filled - at, file.size + at);
      file.size += file.filled;
      this.waitMs = 0;
      this.counts.bytes += file.filled;
      this.counts.frames += file.frames;
      this.counts.lastFrame = Date.now();
    } catch (error) {
      this.fail(error);
      this.counts.drop(this.dropAs, file.frames);
      file.filled = file.frames = 0;
      // No half record stays behind; and what comes later begins a file of its own.
      try {
        ftruncateSync(file.fd, file.size);
      } catch {
        // The disk is as it is.
      }
      this.finish(kind);
      return;
    }
    file.filled = file.frames = 0;
    if (this.settings.rotateBytes > 0 && file.size >= this.settings.rotateBytes) this.finish(kind);
  }

  private finish(kind: number): void {
    const file = this.files.get(kind);
    if (file === undefined) return;
    this.files.delete(kind);
    this.shut(file);
    this.events.rotated(file.path, this.place, file.size > 0);
  }

  /** An empty file is none: it must not take the place of a full one among those that are kept. */
  private shut(file: Open): void {
    try {
      closeSync(file.fd);
      if (file.size === 0) rmSync(file.path, { force: true });
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    this.dropAs = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'write_failed';
    this.reason = `${dirname(this.settings.file)} cannot be written (${code ?? String(error)})`;
    this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs === 0 ? LOOK_MS : 2 * this.waitMs);
    this.looked = Date.now();
  }

  /** Whether there is room; also tries again after a failure. */
  private look(now: number): void {
    this.looked = now;
    let free: number;
    try {
      const folder = dirname(this.settings.file);
      mkdirSync(folder, { recursive: true });
      const { bavail, bsize } = statfsSync(folder);
      free = bavail * bsize;
    } catch (error) {
      this.fail(error);
      return;
    }
    const least = this.settings.minFreeBytes * (this.reason === null ? 1 : MARGIN);
    if (free >= least) this.reason = null;
    else {
      this.dropAs = 'disk_full';
      this.reason = `only ${free} bytes are free, and ${this.settings.minFreeBytes} are to stay free`;
    }
  }
}

/** A file of our own; null where the name is taken, be it by a file that has been compressed: that would be overwritten in its turn. */
function openNew(path: string): number | null {
  if (existsSync(`${path}.gz`)) return null;
  try {
    return openSync(path, 'wx', 0o640);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
}
