import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';

/** Runs a program of the machine to its end; its standard output in text. @throws Error with what it said where it fails */
export function runProgram(command: readonly string[], options: ExecFileSyncOptions = {}): string {
  const [program = '', ...args] = command;
  return String(execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options }) ?? '');
}
