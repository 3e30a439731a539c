import { readFileSync } from 'node:fs';

/** What a process has used since its start: all threads, from /proc (proc(5)). */
export interface Usage {
  /** User and system time, milliseconds; resolution 10 ms. */
  cpu: number;
  /** Bytes that it caused to be written to block devices (dirtied page cache); memory file systems do not count. */
  written: number;
}

/** Linux counts CPU time in hundredths of a second for user space, on every platform that Varde runs on. */
const TICK_MS = 10;

/** Usage of a living process; with `children`, of the children that it has waited for. */
export function parseUsage(stat: string, io: string, whose: 'self' | 'children'): Usage {
  // The command's name may hold blanks and parentheses; the fields go on behind the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const at = whose === 'self' ? 11 : 13;
  const written = /^write_bytes: (\d+)$/m.exec(io)?.[1] ?? '0';
  return { cpu: (Number(fields[at]) + Number(fields[at + 1])) * TICK_MS, written: Number(written) };
}

export function usageOf(pid: number): Usage {
  return parseUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'), readFileSync(`/proc/${pid}/io`, 'utf8'), 'self');
}

export interface Memory {
  /** Resident bytes now, and at most so far. */
  now: number;
  peak: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}
