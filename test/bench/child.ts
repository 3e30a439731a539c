import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { memoryOf, parseUsage, type Usage } from './proc.ts';
import type { Workplace } from './workplace.ts';

export interface Ended extends Usage {
  /** Wall time from start to end of the process, seconds. */
  secs: number;
  /** Largest resident memory, bytes, looked at every 25 ms. */
  peak: number;
  stdout: string;
}

/**
 * A shell waits for the program and then tells, on descriptor 3, what its children have used: exact also for the last moment, which looking
 * at /proc from outside would miss.
 */
const SCRIPT = '"$@"; code=$?; cat /proc/$$/stat /proc/$$/io >&3; exit $code';

/** Runs a program to its end and measures it. @throws Error with its error output where it fails */
export async function runMeasured(
  place: Workplace,
  command: readonly string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const began = performance.now();
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  place.owns(child);
  const texts = ['', '', ''];
  for (const [index, stream] of [child.stdout, child.stderr, child.stdio[3]].entries()) {
    stream?.on('data', (data: Buffer) => (texts[index] += data.toString('latin1')));
  }
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, peakOfChild(child.pid!))), 25);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearInterval(timer));
  const secs = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${String(code)}: ${texts[1]!.slice(-2000)}`);
  const report = texts[2]!;
  const [stat = '', ...io] = report.split('\n');
  return { ...parseUsage(stat, io.join('\n'), 'children'), secs, peak, stdout: texts[0]! };
}

function peakOfChild(shell: number): number {
  try {
    const pid = Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')[0]);
    return pid > 0 ? memoryOf(pid).peak : 0;
  } catch {
    return 0; // It has just ended.
  }
}
