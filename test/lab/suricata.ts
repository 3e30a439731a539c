import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labEnvironment } from './program.ts';
import { LAB_RULES, type LabRule, rulesText } from './rules.ts';
import { type SuricataConfig, suricataYaml } from './suricata-config.ts';
import { until } from './wait.ts';

/** How to call a Suricata: 7 from the machine's packages, 8 from its own folder through its own loader. */
export interface SuricataProgram {
  major: 7 | 8;
  command: readonly string[];
  etc: string;
}

export const SURICATA_7: SuricataProgram = { major: 7, command: ['suricata'], etc: '/etc/suricata' };

export interface SuricataRun extends Omit<SuricataConfig, 'major' | 'etc' | 'logs'> {
  program: SuricataProgram;
  /** Working folder; made when absent. */
  folder: string;
  rules?: readonly LabRule[];
  /** Extra arguments, such as `--simulate-ips`. */
  extra?: readonly string[];
  /** Environment on top of the own one. */
  env?: Record<string, string>;
  /** Run in front of the command, such as `ip netns exec NAME`. */
  prefix?: readonly string[];
}

function prepare(run: SuricataRun): { args: string[]; logs: string } {
  const logs = join(run.folder, 'log');
  mkdirSync(logs, { recursive: true });
  const yaml = join(run.folder, 'suricata.yaml');
  const rules = join(run.folder, 'lab.rules');
  const config: SuricataConfig = {
    logs,
    major: run.program.major,
    etc: run.program.etc,
    everything: run.everything,
    statsSeconds: run.statsSeconds,
    interface: run.interface,
  };
  writeFileSync(yaml, suricataYaml(config));
  writeFileSync(rules, rulesText(run.rules ?? LAB_RULES));
  return { args: ['-c', yaml, '-S', rules, '-l', logs, ...(run.extra ?? [])], logs };
}

function start(run: SuricataRun, args: readonly string[]): ChildProcess {
  const [program = '', ...rest] = [...(run.prefix ?? []), ...run.program.command, ...args];
  return spawn(program, rest, { env: labEnvironment({ TZ: 'UTC', ...run.env }), stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Reads a pcap file (or a pipe) to its end; gives the log folder. */
export async function readWithSuricata(run: SuricataRun, pcap: string): Promise<string> {
  const { args, logs } = prepare(run);
  const child = start(run, [...args, '-r', pcap, '--runmode', 'single']);
  let said = '';
  child.stdout!.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr!.on('data', (data: Buffer) => (said += data.toString()));
  const code = await new Promise<number | null>((done, failed) => child.on('error', failed).on('close', done));
  if (code !== 0) throw new Error(`suricata ended with ${code}:\n${said.slice(-4000)}`);
  if (/error/i.test(said))
    process.stderr.write(
      `${said
        .split('\n')
        .filter((line) => /error|warning/i.test(line))
        .join('\n')}\n`,
    );
  return logs;
}

export interface LiveSuricata {
  pid: number;
  logs: string;
  stop(): Promise<void>;
}

/** Starts live capture and waits until Suricata says that it is ready. */
export async function startSuricata(run: SuricataRun & { interface: string }): Promise<LiveSuricata> {
  const { args, logs } = prepare(run);
  const child = start(run, [...args, '--af-packet']);
  let said = '';
  let ended = false;
  child.stdout!.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr!.on('data', (data: Buffer) => (said += data.toString()));
  child.on('error', (error) => (said += error.message));
  const gone = new Promise<void>((done) => child.on('close', () => ((ended = true), done())));
  const ready = (): boolean => ended || /Engine started/.test(said) || /Engine started/.test(logOf(logs));
  await until('Suricata says "Engine started"', ready, 30_000);
  if (ended) throw new Error(`suricata did not start:\n${said.slice(-4000)}`);
  return {
    pid: child.pid!,
    logs,
    stop: async () => {
      if (ended) return;
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(patience);
    },
  };
}

function logOf(logs: string): string {
  try {
    return readFileSync(join(logs, 'suricata.log'), 'utf8');
  } catch {
    return '';
  }
}
