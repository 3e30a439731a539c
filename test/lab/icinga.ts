import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { labEnvironment, runProgram } from './program.ts';
import { until } from './wait.ts';

/** The built program: as in test/pipeline/daemon.ts. */
const BUILT = process.env['VARDE_BIN'] === undefined ? PACKAGE_ROOT : join(process.env['VARDE_BIN'], '..', '..');
/** Its name, which its certificate has. */
export const LAB_NODE = 'lab.home.test';
const PASSWORD = 'lab-password';
/** How long a passive result is good in the lab: nobody waits three minutes. */
const FRESH_SECS = 15;

/** A service as Icinga sees it. */
export interface ServiceState {
  /** 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
  state: number;
  output: string;
  perf: string[];
  active: boolean;
  executed: number;
}

/**
 * A real Icinga 2 in a folder of its own, without systemd. It drops to the user nagios at every command, so that user owns the folder, and the
 * plugin is a copy of the built one that he may read.
 */
export class Icinga {
  readonly folder: string;
  readonly plugin: string;
  readonly ca: string;
  url = '';
  private child: ChildProcess | null = null;
  private said = '';

  private constructor(folder: string) {
    this.folder = folder;
    this.plugin = join(folder, 'varde', 'bin', 'varde');
    this.ca = join(folder, 'data', 'certs', 'ca.crt');
  }

  /** Starts it with the packaged configuration and these objects besides. */
  static async start(objects: (icinga: Icinga) => string): Promise<Icinga> {
    const icinga = new Icinga(mkdtempSync(join(tmpdir(), 'varde-icinga-')));
    try {
      await icinga.launch(objects(icinga));
    } catch (error) {
      await icinga.stop();
      throw error;
    }
    return icinga;
  }

  private async launch(objects: string): Promise<void> {
    const port = await freePort();
    this.url = `https://127.0.0.1:${port}`;
    for (const name of ['data/certs', 'log', 'cache', 'run', 'spool', 'conf', 'varde/dist'])
      mkdirSync(join(this.folder, name), { recursive: true });
    this.copyPlugin();
    writeFileSync(join(this.folder, 'conf', 'icinga2.conf'), this.config(port, objects));
    runProgram(['chmod', '755', this.folder]);
    runProgram(['chown', '-R', 'nagios:', this.folder]);
    this.makeCertificates();
    this.icinga('daemon', '-C', '-c', join(this.folder, 'conf', 'icinga2.conf'));
    const [program, ...args] = this.command('daemon', '-c', join(this.folder, 'conf', 'icinga2.conf'));
    this.child = spawn(program!, args, { env: labEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (data: Buffer) => (this.said += data.toString()));
    await until('the API of Icinga answers', () => this.alive().catch(() => false), 60_000);
  }

  /** Icinga's user must be able to run it; the checkout may lie where he cannot go. */
  private copyPlugin(): void {
    const root = join(this.folder, 'varde');
    cpSync(join(BUILT, 'bin'), join(root, 'bin'), { recursive: true });
    cpSync(join(PACKAGE_ROOT, 'package.json'), join(root, 'package.json'));
    for (const name of ['check.js', 'chunks'])
      cpSync(join(BUILT, 'dist', name), join(root, 'dist', name), { recursive: true });
    // The plugin's first line finds node in the path; here it is the one that runs the tests, wherever that is.
    const copy = join(root, 'node');
    cpSync(process.execPath, copy, { dereference: true });
    writeFileSync(join(root, 'plugin'), `#!/bin/sh\nexec ${copy} ${this.plugin} "$@"\n`, { mode: 0o755 });
  }

  private config(port: number, objects: string): string {
    const packaged = readFileSync(join(PACKAGE_ROOT, 'packaging', 'icinga2', 'varde.conf'), 'utf8');
    const here = packaged.replace('"/opt/varde/bin/varde"', JSON.stringify(join(this.folder, 'varde', 'plugin')));
    const user = readFileSync(join(PACKAGE_ROOT, 'packaging', 'icinga2', 'api-user.conf'), 'utf8');
    if (here === packaged) throw new Error('packaging/icinga2/varde.conf names another plugin');
    return `
const NodeName = "${LAB_NODE}"
const ZoneName = NodeName
const PluginDir = "/usr/lib/nagios/plugins"
include <itl>
include <plugins>
object Endpoint NodeName {}
object Zone ZoneName { endpoints = [ NodeName ] }
object ApiListener "api" { bind_host = "127.0.0.1"; bind_port = ${port} }
object ApiUser "root" { password = "${PASSWORD}"; permissions = [ "*" ] }
object CheckerComponent "checker" {}
object FileLogger "main" { severity = "information"; path = LogDir + "/icinga2.log" }
${here.replaceAll('= 3m', `= ${FRESH_SECS}s`)}
${user.replace('CHANGE ME', PASSWORD)}
${objects}
`;
  }

  private makeCertificates(): void {
    const certs = join(this.folder, 'data', 'certs');
    this.icinga('pki', 'new-ca');
    const [key, csr, crt] = ['key', 'csr', 'crt'].map((end) => join(certs, `${LAB_NODE}.${end}`));
    this.icinga('pki', 'new-cert', '--cn', LAB_NODE, '--key', key!, '--csr', csr!);
    this.icinga('pki', 'sign-csr', '--csr', csr!, '--cert', crt!);
    cpSync(join(this.folder, 'data', 'ca', 'ca.crt'), this.ca);
    runProgram(['chown', 'nagios:', this.ca]);
  }

  private command(...args: string[]): string[] {
    const at = (path: string): string => join(this.folder, path);
    const defines = Object.entries({
      DataDir: at('data'),
      LogDir: at('log'),
      CacheDir: at('cache'),
      InitRunDir: at('run'),
      SpoolDir: at('spool'),
      ConfigDir: at('conf'),
      PidPath: at('run/icinga2.pid'),
      VarsPath: at('cache/icinga2.vars'),
      StatePath: at('data/icinga2.state'),
      ObjectsPath: at('cache/icinga2.debug'),
      ModAttrPath: at('data/modified-attributes.conf'),
    });
    const names = args[0] === 'pki' ? args.splice(0, 2) : args.splice(0, 1);
    return ['icinga2', ...names, ...defines.flatMap(([name, value]) => ['-D', `${name}=${value}`]), ...args];
  }

  private icinga(...args: string[]): void {
    runProgram(this.command(...args));
  }

  private async alive(): Promise<boolean> {
    if (this.child?.exitCode !== null) throw new Error(`icinga2 ended: ${this.said.slice(-2000)}`);
    return (await this.get('/v1/status')) !== null;
  }

  /** What Icinga knows of `host!service`; null before its first result. */
  async service(name: string): Promise<ServiceState | null> {
    const answer = (await this.get(`/v1/objects/services/${encodeURIComponent(name)}`)) as {
      results: {
        attrs: {
          state: number;
          last_check_result: {
            output: string;
            performance_data: string[];
            active: boolean;
            execution_end: number;
          } | null;
        };
      }[];
    };
    const attrs = answer.results[0]!.attrs;
    const last = attrs.last_check_result;
    return last === null
      ? null
      : {
          state: attrs.state,
          output: last.output,
          perf: last.performance_data,
          active: last.active,
          executed: last.execution_end,
        };
  }

  /** A file with the credentials of the packaged API user, as `--icinga-auth` wants it. */
  credentials(): string {
    const path = join(this.folder, 'auth');
    writeFileSync(path, `varde:${PASSWORD}\n`, { mode: 0o600 });
    return path;
  }

  private get(path: string): Promise<unknown> {
    const options = {
      rejectUnauthorized: false,
      auth: `root:${PASSWORD}`,
      headers: { accept: 'application/json' },
      agent: false,
      timeout: 5000,
    };
    return new Promise((resolve, reject) => {
      const asking = request(new URL(path, this.url), options, (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString()));
        response.on('end', () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
      });
      asking.on('timeout', () => asking.destroy(new Error('Icinga does not answer')));
      asking.on('error', reject);
      asking.end();
    });
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    if (process.env['VARDE_KEEP'] !== '1') rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
