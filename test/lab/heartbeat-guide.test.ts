import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { Child } from './heartbeat/child.ts';
import { makeWire, type Wire } from './netns.ts';
import { labObstacle, LAB_PACKAGES } from './packages.ts';
import { labEnvironment } from './program.ts';
import { until } from './wait.ts';

/**
 * The guide of docs/heartbeat.md, walked word for word: what it says to write is written, what it says to run is run, in its order, with its
 * paths, and at the end the check must be green.
 */
const NEEDED = new Set(['suricata', 'ip', 'ethtool', 'mount']);
const obstacle = labObstacle(LAB_PACKAGES.filter((it) => NEEDED.has(it.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);
const PATIENCE_MS = 60_000;
/** Ten seconds between probes; the first ones go out at once. */
const GREEN_MS = 60_000;

/** Fenced blocks of the guide in their order. */
function blocksOfGuide(): { language: string; text: string }[] {
  const document = readFileSync(join(PACKAGE_ROOT, 'docs', 'heartbeat.md'), 'utf8');
  const from = document.indexOf('## From a running Suricata to a green check');
  const guide = document.slice(from, document.indexOf('\n### ', from));
  return [...guide.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = '', text = '']) => ({ language, text }));
}

/** A machine of its own: a network namespace, and folders below /etc, /var, /run and /dev/shm that nobody else sees. */
class Machine {
  readonly root: string;
  private readonly wire: Wire;
  private readonly holder: Child;
  private readonly running: Child[] = [];

  static async open(wire: Wire): Promise<Machine> {
    const machine = new Machine(wire);
    await until('the machine has its folders', () => machine.holder.said.includes('ready'), PATIENCE_MS);
    return machine;
  }

  private constructor(wire: Wire) {
    this.wire = wire;
    this.root = mkdtempSync(join(tmpdir(), 'varde-guide-'));
    mkdirSync(join(this.root, 'bin'));
    symlinkSync(process.env['VARDE_BIN'] ?? join(PACKAGE_ROOT, 'bin', 'varde'), join(this.root, 'bin', 'varde'));
    const layers = ['etc', 'var'].map((name) => {
      const [upper, work] = [join(this.root, name), join(this.root, `${name}-work`)];
      mkdirSync(upper);
      mkdirSync(work);
      return `mount -t overlay overlay -o lowerdir=/${name},upperdir=${upper},workdir=${work} /${name}`;
    });
    const script = [
      ...layers,
      'mount -t tmpfs tmpfs /run',
      'mount -t tmpfs tmpfs /dev/shm',
      'echo ready',
      'exec sleep infinity',
    ];
    this.holder = new Child([...wire.prefix('home'), 'unshare', '-m', 'sh', '-ec', script.join('\n')]);
  }

  private enter(command: string): string[] {
    return ['nsenter', '-t', String(this.holder.process.pid), '-m', '-n', 'sh', '-ec', command];
  }

  private get env(): Record<string, string> {
    return { PATH: `${join(this.root, 'bin')}:${labEnvironment()['PATH'] ?? ''}` };
  }

  /** Types a command and waits for its end. */
  run(command: string, input = ''): { code: number; said: string } {
    const [program = '', ...args] = this.enter(command);
    const env = labEnvironment(this.env);
    const { status, stdout, stderr } = spawnSync(program, args, { env, input, encoding: 'utf8', timeout: PATIENCE_MS });
    return { code: status ?? -1, said: `${stdout}${stderr}` };
  }

  /** Types a command whose program stays, and waits for what it says when it is ready. */
  async start(command: string, ready: RegExp): Promise<Child> {
    const child = new Child(this.enter(`exec ${command}`), this.env);
    this.running.push(child);
    await until(`${command} is ready`, () => child.isOver || ready.test(child.said), PATIENCE_MS);
    expect(child.isOver, child.said).toBe(false);
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.running.toReversed()) await child.stop();
    await this.holder.stop('SIGKILL');
    await this.wire.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** What a person does in an editor: the places that the guide names get the lines that it shows. */
function edited(yaml: string, rules: string, alert: string): string {
  const [, option = ''] = /- alert:\n\s+(\S.*)\n/.exec(alert) ?? [];
  const withRules = yaml.replace(/^rule-files:\n(?: *- .*\n)+/m, rules);
  const commented = new RegExp(`^(\\s+)# ${option}.*$`, 'm');
  expect(withRules, 'rule-files stands in suricata.yaml').toContain(rules);
  expect(withRules, 'the option is there behind a #').toMatch(commented);
  return withRules.replace(commented, `$1${option}`);
}

test.skipIf(obstacle !== null)(
  title('whoever follows the guide from a running Suricata has a green check'),
  async () => {
    const wire = makeWire();
    const machine = await Machine.open(wire);
    onTestFinished(() => machine.close());
    // A Suricata that runs has rules of its own; a fresh package has none before suricata-update was run.
    const other = 'alert tcp any any -> any 23 (msg:"LAB other"; flags:S; sid:5200001; rev:1;)\n';
    machine.run('mkdir -p /var/lib/suricata/rules && cat > /var/lib/suricata/rules/suricata.rules', other);
    const begun = performance.now();
    const suricata = `suricata -c /etc/suricata/suricata.yaml --af-packet=${wire.interface}`;
    let sensor = await machine.start(suricata, /Engine started/);
    const yaml = (): string => machine.run('cat /etc/suricata/suricata.yaml').said;
    const fragments: string[] = [];
    const done: string[] = [];
    for (const { language, text } of blocksOfGuide()) {
      if (language === 'yaml' && done.length === 0 && fragments.length === 0) {
        // The reader's own address and interface.
        const own = text.replace('192.0.2.10', '192.168.40.1').replace('eth1', wire.interface);
        machine.run('mkdir -p /etc/varde && cat > /etc/varde/varde.yaml', own);
        fragments.push('');
        continue;
      }
      if (language === 'yaml') {
        fragments.push(text);
        continue;
      }
      for (const command of text.split('\n').filter((line) => line !== '')) {
        done.push(command);
        if (command.startsWith('suricata -T')) {
          const [, rules = '', alert = ''] = fragments;
          machine.run('cat > /etc/suricata/suricata.yaml', edited(yaml(), rules, alert));
        }
        // No systemd here; this is what it would do.
        if (command === 'systemctl restart suricata') {
          await sensor.stop();
          sensor = await machine.start(suricata, /Engine started/);
        } else if (command.startsWith('varde up -c')) {
          await machine.start(command, /^Ready/m);
        } else if (command.startsWith('varde check')) {
          const green = (): boolean => machine.run(command).code === 0;
          await until('the check is green', green, GREEN_MS).catch((error: unknown) => {
            throw new Error(`${machine.run(`${command} -vv`).said}\n${machine.run('varde doctor').said}`, {
              cause: error,
            });
          });
          expect(machine.run(command).said).toMatch(/^HEARTBEAT OK - .*\|/);
        } else {
          const { code, said } = machine.run(command);
          expect(code, `${command}:\n${said}`).toBe(0);
        }
      }
    }
    expect(done.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
      'varde up',
      'varde probe',
      'suricata -T',
      'systemctl restart',
      'varde up',
      'varde check',
    ]);
    expect(performance.now() - begun, 'ten minutes').toBeLessThan(600_000);
    expect(machine.run(`grep -c '"payload":' /var/log/suricata/eve.json`).code, 'payloads are logged').toBe(0);
    const { said } = machine.run('varde check heartbeat -vv');
    expect(said).toMatch(/icmp/);
    expect(said).toMatch(/dns/);
    const doctor = machine.run('varde doctor');
    expect(doctor.code, doctor.said).toBe(0);
  },
);
