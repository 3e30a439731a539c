import { spawn, type ChildProcess } from 'node:child_process';
import { labEnvironment, runProgram } from './program.ts';

/** Two network namespaces joined by a cable: `attacker` is the rest of the world, `home` the side that is watched. */
export interface Wire {
  attacker: string;
  home: string;
  /** The watched interface, in `home`. */
  interface: string;
  attackerIp: string;
  homeIp: string;
  homeIp6: string;
  /** Runs a program in a namespace to its end and gives its standard output; a failing program fails the test unless told otherwise. */
  run(side: 'attacker' | 'home', command: readonly string[], options?: { mayFail?: boolean; input?: string }): string;
  /** Starts a program that stays; it is ended with the wire. */
  start(side: 'attacker' | 'home', command: readonly string[]): ChildProcess;
  /** What to put in front of a command so that it runs in a namespace. */
  prefix(side: 'attacker' | 'home'): string[];
  close(): Promise<void>;
}

function ip(...args: string[]): void {
  runProgram(['ip', ...args]);
}

/** Makes both namespaces and the cable between them, with addresses and without offloading. */
function connect(attacker: string, home: string, left: string, right: string): void {
  ip('netns', 'add', attacker);
  ip('netns', 'add', home);
  ip('link', 'add', left, 'netns', attacker, 'type', 'veth', 'peer', 'name', right, 'netns', home);
  for (const [name, device, addresses] of [
    [attacker, left, ['192.168.40.1/24', '203.0.113.1/24', '2001:db8:40:1::1/64']],
    [home, right, ['192.168.40.11/24', '2001:db8:40:1::b/64']],
  ] as const) {
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'link', 'set', device, 'up');
    for (const address of addresses)
      ip('-n', name, 'addr', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : []));
    // Offloading would hand the sensor segments larger than the wire's, with checksums nobody has computed.
    const offloads = ['gro', 'gso', 'tso', 'tx', 'rx', 'sg'].flatMap((feature) => [feature, 'off']);
    ip('netns', 'exec', name, 'ethtool', '-K', device, ...offloads);
  }
  ip('-n', home, 'route', 'add', 'default', 'via', '192.168.40.1');
}

/** Removing a namespace removes its end of the cable, and with it the other end. */
function disconnect(...names: readonly string[]): void {
  const there = runProgram(['ip', 'netns', 'list']);
  for (const name of names) if (there.includes(name)) ip('netns', 'del', name);
}

let counter = 0;

/**
 * Makes the namespaces; needs root. The home side has an address of the lab's household and sends everything else back over the wire, so
 * documentation addresses on the attacker's end give honest-looking sources.
 */
export function makeWire(): Wire {
  counter += 1;
  const id = `${process.pid}-${counter}`;
  const names = { attacker: `varde-a-${id}`, home: `varde-h-${id}` };
  const [left, right] = [`va${process.pid}x${counter}`, `vh${process.pid}x${counter}`];
  const started: ChildProcess[] = [];
  try {
    connect(names.attacker, names.home, left, right);
  } catch (error) {
    disconnect(names.attacker, names.home);
    throw error;
  }
  const prefix = (side: 'attacker' | 'home'): string[] => ['ip', 'netns', 'exec', names[side]];
  return {
    ...names,
    interface: right,
    attackerIp: '203.0.113.1',
    homeIp: '192.168.40.11',
    homeIp6: '2001:db8:40:1::b',
    prefix,
    run(side, command, options = {}) {
      try {
        return runProgram([...prefix(side), ...command], {
          input: options.input ?? '',
          stdio: ['pipe', 'pipe', 'pipe'],
          timeout: 120_000,
        });
      } catch (error) {
        if (options.mayFail !== true) throw error;
        return (error as { stdout?: string }).stdout ?? '';
      }
    },
    start(side, command) {
      const [program = '', ...args] = [...prefix(side), ...command];
      const child = spawn(program, args, { stdio: 'ignore', env: labEnvironment() });
      started.push(child);
      return child;
    },
    async close() {
      await Promise.all(started.map((child) => stopped(child)));
      disconnect(names.attacker, names.home);
    },
  };
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
    child.once('close', () => {
      clearTimeout(patience);
      done();
    });
    child.kill('SIGTERM');
  });
}
