import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../program.ts';
import { SURICATA_7, type SuricataProgram } from '../suricata.ts';
import { until } from '../wait.ts';
import { Child } from './child.ts';
import { MONITOR } from './network.ts';

const START_MS = 60_000;
const HOME_NET = '192.0.2.0/24';

/** What a failure may change in Suricata's configuration. */
interface SensorSettings {
  program: SuricataProgram;
  homeNet: string;
  eve: 'on' | 'off' | 'buffered';
  /** `libpcap` does not tell Suricata which checksums a network card has yet to compute; AF_PACKET does. */
  capture: 'af-packet' | 'pcap';
}

const WELL: SensorSettings = { program: SURICATA_7, homeNet: HOME_NET, eve: 'on', capture: 'af-packet' };

/** Rules that have nothing to do with the heartbeat: a sensor has more than those of the probes. */
const OTHER_RULES = [23, 2323, 5555]
  .map(
    (port, i) => `alert tcp any any -> any ${port} (msg:"LAB other ${port}"; flags:S; sid:${5_200_001 + i}; rev:1;)\n`,
  )
  .join('');

/** A live Suricata at the mirror port. */
export class Sensor {
  readonly logs: string;
  readonly socket: string;
  private readonly folder: string;
  private readonly prefix: readonly string[];
  private readonly rules: string;
  private child: Child | null = null;
  private rotations = 0;

  /** @param rules the text that `varde probe rules` printed */
  constructor(folder: string, logs: string, prefix: readonly string[], rules: string) {
    this.folder = folder;
    this.logs = logs;
    this.prefix = prefix;
    this.rules = rules;
    this.socket = join(folder, 'command.socket');
    mkdirSync(folder, { recursive: true });
    this.writeRules('all');
    writeFileSync(join(folder, 'other.rules'), OTHER_RULES);
  }

  get eve(): string {
    return join(this.logs, 'eve.json');
  }

  get pid(): number {
    return this.child!.process.pid!;
  }

  /** Resolves when it says that it captures. */
  async start(settings: Partial<SensorSettings> = {}): Promise<void> {
    this.configure(settings);
    rmSync(this.socket, { force: true });
    const { command } = settings.program ?? WELL.program;
    const capture = `--${settings.capture ?? WELL.capture}`;
    const child = new Child([...this.prefix, ...command, '-c', this.yaml, '-l', this.logs, capture], { TZ: 'UTC' });
    this.child = child;
    await until('Suricata says "Engine started"', () => child.isOver || /Engine started/.test(child.said), START_MS);
    if (child.isOver) throw new Error(`suricata did not start:\n${child.said.slice(-4000)}`);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.child?.stop(signal);
  }

  async restart(settings: Partial<SensorSettings> = {}): Promise<void> {
    await this.stop();
    await this.start(settings);
  }

  signal(signal: NodeJS.Signals): void {
    this.child!.signal(signal);
  }

  /** The probes' rules: as printed, none of them, or with a slip of the pen in each. */
  writeRules(which: 'all' | 'none' | 'broken'): void {
    const text = which === 'broken' ? this.rules.replaceAll('; classtype:', '; clastype:') : this.rules;
    if (which === 'broken' && text === this.rules) throw new Error('the rules have changed: there is nothing to break');
    writeFileSync(join(this.folder, 'probe.rules'), which === 'none' ? '# none\n' : text);
  }

  /** Lets the running process read its configuration and rules anew; resolves when that is done. */
  reload(settings: Partial<SensorSettings> = {}): void {
    this.configure(settings);
    const answer = runProgram([...this.prefix, 'suricatasc', '-c', 'ruleset-reload-rules', this.socket]);
    if (!answer.includes('OK')) throw new Error(`the reload was refused: ${answer}`);
  }

  /** Renames the log as logrotate does it; `open`: what becomes of the old name before Suricata is told. */
  rotate(open: 'by Suricata' | 'unreadable' | 'nobody'): void {
    renameSync(this.eve, `${this.eve}.${++this.rotations}`);
    if (open === 'unreadable') writeFileSync(this.eve, '', { mode: 0o000 });
    if (open !== 'nobody') this.signal('SIGHUP');
  }

  /** Copies the log and empties it, as logrotate does it with `copytruncate`. */
  copyTruncate(): void {
    runProgram(['cp', '--preserve=mode', this.eve, `${this.eve}.${++this.rotations}`]);
    runProgram(['truncate', '-s', '0', this.eve]);
  }

  untilLogThere(): Promise<boolean> {
    return until('there is an eve.json', () => existsSync(this.eve), START_MS);
  }

  private get yaml(): string {
    return join(this.folder, 'suricata.yaml');
  }

  private configure(settings: Partial<SensorSettings>): void {
    const { program, homeNet, eve } = { ...WELL, ...settings };
    // Seen with Suricata 8: what stands in the buffer (a block of 4 KiB, whatever size is asked for) is written only when that is full, or by
    // this heartbeat of Suricata's own. Stats each second would fill it each second: nothing would be late.
    const buffer = eve === 'buffered' ? '\n      buffer-size: 64 KiB' : '';
    const stats = eve === 'buffered' ? '' : '\n        - stats: { totals: yes, threads: no, deltas: no }';
    writeFileSync(
      this.yaml,
      `%YAML 1.1
---
vars:
  address-groups:
    HOME_NET: "[${homeNet}]"
    EXTERNAL_NET: "!$HOME_NET"
default-log-dir: ${this.logs}
classification-file: ${program.etc}/classification.config
reference-config-file: ${program.etc}/reference.config
default-rule-path: ${this.folder}
rule-files: [ probe.rules, other.rules ]
stats: { enabled: yes, interval: 1 }
heartbeat: { output-flush-interval: 0 }
logging:
  default-log-level: notice
  outputs:
    - console: { enabled: yes }
unix-command: { enabled: yes, filename: ${this.socket} }
outputs:
  - fast: { enabled: yes, filename: fast.log, append: yes }
  - eve-log:
      enabled: ${eve === 'off' ? 'no' : 'yes'}
      filetype: regular
      filename: eve.json${buffer}
      types:
        - alert: { payload: yes, metadata: yes }${stats}
af-packet:
  - interface: ${MONITOR}
    threads: 1
    cluster-id: 99
    cluster-type: cluster_flow
    defrag: yes
    ring-size: 256
    checksum-checks: yes
pcap: [ { interface: ${MONITOR}, checksum-checks: yes } ]
app-layer:
  protocols:
    dns: { tcp: { enabled: yes, detection-ports: { dp: 53 } }, udp: { enabled: yes, detection-ports: { dp: 53 } } }
    http: { enabled: yes }
    tls: { enabled: yes }
stream: { checksum-validation: yes }
`,
    );
  }
}
