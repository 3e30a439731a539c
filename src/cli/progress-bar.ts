import { visibleText } from '../base/text-safe.ts';
import type { ImportProgress } from '../pipeline/import.ts';

/** A one-line progress display on a terminal: bytes, share, events per second, time left. Silent where the stream is no terminal. */
export class ProgressBar {
  private readonly stream: NodeJS.WriteStream;
  private readonly began = Date.now();
  private shown = 0;
  private wrote = false;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  show(state: ImportProgress): void {
    const now = Date.now();
    if (!this.stream.isTTY || now - this.shown < 100) return;
    this.shown = now;
    this.wrote = true;
    const line = progressLine(state, now - this.began);
    this.stream.write(`\r\x1b[K${line.slice(0, Math.max(20, (this.stream.columns ?? 80) - 1))}`);
  }

  /** Clears the line. */
  end(): void {
    if (this.wrote) this.stream.write('\r\x1b[K');
    this.wrote = false;
  }
}

/** The text of the display; `elapsed` in milliseconds. */
export function progressLine(state: ImportProgress, elapsed: number): string {
  const seconds = Math.max(0.001, elapsed / 1000);
  const rate = Math.round(state.lines_read / seconds);
  const parts = [`${rate} events/s`];
  if (state.bytes_total !== null && state.bytes_total > 0) {
    const share = Math.min(1, state.bytes / state.bytes_total);
    const full = Math.round(share * 20);
    const left = share > 0.005 ? `${duration((seconds / share) * (1 - share))} left` : '';
    parts.unshift(
      `[${'#'.repeat(full)}${'.'.repeat(20 - full)}] ${(share * 100).toFixed(0)} %`,
      `${size(state.bytes)} of ${size(state.bytes_total)}`,
    );
    if (left !== '') parts.push(left);
  } else parts.unshift(size(state.bytes));
  if (state.files > 1) parts.push(`file ${state.file} of ${state.files}`);
  parts.push(visibleText(state.path));
  return parts.join('  ');
}

export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
