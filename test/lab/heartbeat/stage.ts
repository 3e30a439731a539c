import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { getJson } from '../../../src/cli/station-client.ts';
import type { ChainReport, SensorsAnswer } from '../../../src/view/api.ts';
import { until } from '../wait.ts';
import { Child } from './child.ts';
import { SmallDisk } from './disk.ts';
import { MirroredNetwork, MONITOR, TARGET } from './network.ts';
import { Sensor } from './sensor.ts';

const BIN = process.env['VARDE_BIN'] ?? join(PACKAGE_ROOT, 'bin', 'varde');
const START_MS = 60_000;
export const INTERVAL_SECS = 2;
export const KINDS = ['icmp', 'dns', 'http'] as const;

/**
 * Everything that a heartbeat passes, for real: a sender (`varde probe`), a switch with a mirror port, a target, Suricata, and a station (`varde up`)
 * on the sensor's machine. One stage serves many failures, one after the other;
 * several stages can stand beside each other, and share nothing but the machine.
 */
export class Stage {
  readonly root: string;
  readonly network: MirroredNetwork;
  readonly logDisk: SmallDisk;
  readonly dataDisk: SmallDisk;
  sensor!: Sensor;
  station!: Child;
  sender!: Child;
  private server: Child | null = null;
  private readonly data: string;
  private readonly config: string;

  static async open(): Promise<Stage> {
    const stage = new Stage();
    try {
      await stage.start();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  private constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'varde-heartbeat-'));
    this.network = new MirroredNetwork();
    // Before any process: those in a namespace of their own see what is mounted now.
    this.logDisk = new SmallDisk(join(this.root, 'log'), 48);
    this.dataDisk = new SmallDisk(join(this.root, 'disk'), 128);
    this.data = join(this.dataDisk.path, 'data');
    this.config = join(this.root, 'varde.yaml');
  }

  private async start(): Promise<void> {
    const fresh = join(this.dataDisk.path, 'fresh');
    mkdirSync(fresh, { mode: 0o700 });
    const folder = join(this.root, 'suricata');
    this.writeConfig(fresh, join(folder, 'command.socket'));
    this.sensor = new Sensor(folder, this.logDisk.path, this.network.at('sensor'), this.rules());
    this.server = new Child([...this.network.at('target'), 'nginx', '-c', this.writeServer()]);
    await this.sensor.start();
    await this.startStation();
    this.startSender();
  }

  /** `varde up`, on the machine of the sensor. As root, but bound by the permissions of files as any other user is. */
  async startStation(env: Record<string, string> = {}): Promise<void> {
    const rights = '-dac_override,-dac_read_search';
    const bound = ['setpriv', '--bounding-set', rights, '--inh-caps', rights];
    const command = [...this.network.at('sensor'), ...bound, process.execPath, BIN, 'up', '-c', this.config];
    const station = new Child(command, env);
    this.station = station;
    await until('varde up is ready', () => station.isOver || /^Ready/m.test(station.said), START_MS);
    if (station.isOver) throw new Error(`varde up ended: ${station.said}`);
  }

  startSender(env: Record<string, string> = {}): void {
    const state = join(this.root, 'probe-seq.json');
    const command = [process.execPath, BIN, 'probe', '-c', this.config, '--state', state];
    this.sender = new Child([...this.network.at('sender'), ...command], env);
  }

  /** Station and sender anew, with another clock. */
  async restartWithClock(env: Record<string, string>): Promise<void> {
    await this.sender.stop();
    await this.station.stop();
    await this.startStation(env);
    this.startSender(env);
  }

  /** What the station says now. @throws Error while it does not answer */
  async chains(): Promise<ChainReport[]> {
    const { sensors } = await getJson<SensorsAnswer>(this.data, '/api/sensors');
    return sensors[0]!.chains;
  }

  /** `varde check heartbeat`: its exit code and its line. */
  check(): Promise<{ code: number; line: string }> {
    const args = [BIN, 'check', 'heartbeat', '--data', this.data, '-t', '2'];
    return new Promise((done) => {
      const child = execFile(process.execPath, args, (_, line) => done({ code: child.exitCode ?? -1, line }));
    });
  }

  async close(): Promise<void> {
    for (const child of [this.sender, this.station, this.server] as (Child | null | undefined)[]) await child?.stop();
    await (this.sensor as Sensor | undefined)?.stop();
    this.network.close();
    this.logDisk.close();
    this.dataDisk.close();
    if (process.env['VARDE_KEEP'] !== '1') rmSync(this.root, { recursive: true, force: true });
  }

  private writeConfig(fresh: string, socket: string): void {
    const path = { name: 'lan', target: TARGET, kinds: KINDS, interval_secs: INTERVAL_SECS, send: 'elsewhere' };
    const config = {
      data: this.data,
      sources: [{ type: 'file_tail', parser: 'suricata-eve', paths: [join(this.logDisk.path, 'eve.json*')] }],
      sensors: [{ command_socket: socket, interface: MONITOR }],
      probes: { key_file: join(this.root, 'probe.key'), home_net: '$HOME_NET', paths: [path] },
      // The newest events on the same disk as the others: where it is full, nothing can be stored.
      store: { fresh_folder: fresh, flush_to_disk_secs: 1, min_free_bytes: 0 },
      web: { enabled: false },
    };
    writeFileSync(this.config, JSON.stringify(config)); // JSON is YAML.
  }

  private rules(): string {
    return execFileSync(process.execPath, [BIN, 'probe', 'rules', '-c', this.config], { encoding: 'utf8' });
  }

  /** Something that listens for HTTP; what it answers is no matter. */
  private writeServer(): string {
    const file = join(this.root, 'nginx.conf');
    const log = join(this.root, 'nginx.log');
    writeFileSync(
      file,
      `daemon off; pid ${this.root}/nginx.pid; error_log ${log}; events {} http { access_log off; server { listen 80; } }`,
    );
    return file;
  }

  /** What the programs said last, for people who look why a test failed. */
  words(): string {
    const log = (name: string, child: Child | undefined): string => `${name}: ${child?.said.slice(-1500) ?? ''}`;
    return [log('station', this.station), log('sender', this.sender), readMaybe(join(this.root, 'nginx.log'))].join(
      '\n',
    );
  }
}

function readMaybe(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-1500);
  } catch {
    return '';
  }
}
