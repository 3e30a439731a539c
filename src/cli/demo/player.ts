import { appendFileSync, copyFileSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { shiftLine, type RecordedLine } from './recording.ts';

/** Lines of the live part come at about this pace. */
const LIVE_PER_SEC = 12;
/** Lines are appended in pieces of this many, so that a rotation falls between whole lines. */
const PIECE = 400;

/**
 * Plays a recorded day into real files: the first two thirds at once, with one rename rotation and one copytruncate on the way, then the
 * rest live, with the clock's own time. When the day is over, its live part begins again.
 */
export class Player {
  private readonly lines: readonly RecordedLine[];
  private readonly folder: string;
  private readonly path: string;
  private timer: NodeJS.Timeout | null = null;
  /** Lines written so far. */
  written = 0;
  /** The wire is cut: the live part stands still. */
  paused = false;

  constructor(lines: readonly RecordedLine[], folder: string) {
    this.lines = lines;
    this.folder = folder;
    this.path = join(folder, 'eve.json');
  }

  /** Writes the first part, so that its last event lies at `now` (milliseconds). Resolves when all is written. */
  async playPast(share: number, now: number): Promise<void> {
    const count = Math.floor(this.lines.length * share);
    const newest = this.lines.slice(0, count).reduce((latest, line) => Math.max(latest, line.ts), 0);
    const shift = now * 1000 - newest;
    const renameAt = Math.floor(count / 3);
    const truncateAt = Math.floor((count * 2) / 3);
    for (let i = 0; i < count;) {
      const stop = [renameAt, truncateAt, count].find((mark) => mark > i) ?? count;
      const end = Math.min(i + PIECE, stop);
      this.append(this.lines.slice(i, end).map((line) => shiftLine(line.text, shift)));
      if (end === renameAt) renameSync(this.path, join(this.folder, 'eve.json.1'));
      if (end === truncateAt) {
        copyFileSync(this.path, join(this.folder, 'eve.json.2'));
        truncateSync(this.path, 0);
      }
      i = end;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Goes on with the rest at a steady pace, each line with the time at which it is written. */
  playLive(share: number): void {
    const first = Math.floor(this.lines.length * share);
    let next = first;
    let due = 0;
    let last = Date.now();
    this.timer = setInterval(() => {
      const now = Date.now();
      // After a pause (laptop lid, debugger) nothing is caught up: the pace is what matters.
      due += Math.min(5, ((now - last) / 1000) * LIVE_PER_SEC);
      last = now;
      if (this.paused) due = 0;
      const piece: string[] = [];
      for (; due >= 1; due--) {
        const line = this.lines[next]!;
        piece.push(shiftLine(line.text, now * 1000 - line.ts));
        next = next + 1 < this.lines.length ? next + 1 : first;
      }
      this.append(piece);
    }, 200);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** Lines of another writer go into the same file. */
  append(lines: string[]): void {
    if (lines.length === 0) return;
    appendFileSync(this.path, `${lines.join('\n')}\n`);
    this.written += lines.length;
  }
}
