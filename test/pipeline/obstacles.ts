import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { hasCommand } from '../lab/packages.ts';

/** Skips a test by name where the machine lacks what it needs; in CI that is a failure. */
export function needs(skip: TestContext['skip'], obstacle: string | null): void {
  if (obstacle === null) return;
  if (process.env['CI'] === 'true') throw new Error(`this test cannot run here: ${obstacle}`);
  skip(obstacle);
}

/** Root, and these programs. */
export function rootWith(...commands: string[]): string | null {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = commands.filter((command) => !hasCommand(command));
  return missing.length === 0 ? null : `missing: ${missing.join(', ')}`;
}

export function missing(...commands: string[]): string | null {
  const absent = commands.filter((command) => !hasCommand(command));
  return absent.length === 0 ? null : `missing: ${absent.join(', ')}`;
}

/** A small ext4 file system of its own, in a file; unmounted when the test is over. */
export function smallDisk(root: string, megabytes: number): string {
  const image = join(root, 'disk.img');
  const mount = join(root, 'disk');
  mkdirSync(mount);
  execFileSync('truncate', ['-s', `${megabytes}M`, image]);
  execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
  execFileSync('mount', ['-o', 'loop', image, mount]);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', mount]);
    rmSync(image);
  });
  return mount;
}

/** libfaketime, where Debian's package puts it. */
export function libfaketime(): string | null {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const path = `/usr/lib/${triplet}/faketime/libfaketime.so.1`;
  return existsSync(path) ? path : null;
}

/** A cgroup (version 1) that may take so much memory; removed when the test is over. Null where there is none to be had. */
export function memoryGroup(bytes: number): MemoryGroup | null {
  const parent = '/sys/fs/cgroup/memory';
  if (process.getuid?.() !== 0 || !existsSync(join(parent, 'memory.limit_in_bytes'))) return null;
  const folder = join(parent, `varde-test-${process.pid}`);
  mkdirSync(folder);
  // A group can only be removed when no process is in it any more.
  onTestFinished(() => rmdirSync(folder));
  writeFileSync(join(folder, 'memory.limit_in_bytes'), String(bytes));
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return {
    prefix: ['/bin/sh', '-c', `echo $$ > ${folder}/cgroup.procs && exec "$@"`, 'sh'],
    oomKills: () => Number(/^oom_kill (\d+)$/m.exec(read('memory.oom_control'))?.[1] ?? 0),
    peak: () => Number(read('memory.max_usage_in_bytes')),
  };
}

export interface MemoryGroup {
  /** Words before a command that runs it in the group. */
  prefix: string[];
  oomKills(): number;
  /** Bytes, with the page cache that is charged to the group. */
  peak(): number;
}
