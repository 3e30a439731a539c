import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';

/** The environment with the folders of system programs (ethtool, tcpdump, sshd), which an ordinary path may lack. */
export function labEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, ...more };
}

/** Runs a program of the machine to its end; its standard output in text. @throws Error with what it said where it fails */
export function runProgram(command: readonly string[], options: ExecFileSyncOptions = {}): string {
  const [program = '', ...args] = command;
  return String(
    execFileSync(program, args, { env: labEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], ...options }) ?? '',
  );
}
