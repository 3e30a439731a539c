import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianMirror, hasCommand } from './packages.ts';
import { runProgram } from './program.ts';
import type { SuricataProgram } from './suricata.ts';

/** Where Suricata 8 is unpacked once: outside the project, shared by all runs. */
export function suricata8Folder(): string {
  return process.env['VARDE_LAB_CACHE'] ?? join(tmpdir(), 'varde-lab');
}

function programIn(root: string): SuricataProgram {
  // Through its own loader and libraries: no chroot, so paths of the host stay usable.
  const command = [
    `${root}/usr/lib64/ld-linux-x86-64.so.2`,
    '--library-path',
    `${root}/usr/lib/x86_64-linux-gnu`,
    `${root}/usr/bin/suricata`,
  ];
  return { major: 8, command, etc: `${root}/etc/suricata` };
}

/** Suricata 8 of trixie-backports, unpacked beside the system when absent; null where that cannot be done. */
export function ensureSuricata8(): SuricataProgram | null {
  const cache = suricata8Folder();
  const root = join(cache, 'suricata8');
  if (!existsSync(join(root, 'usr/bin/suricata'))) {
    if (process.getuid?.() !== 0 || !hasCommand('mmdebstrap')) return null;
    mkdirSync(cache, { recursive: true });
    const list = join(cache, 'trixie.list');
    const fresh = join(cache, `suricata8.${process.pid}`);
    const mirror = debianMirror();
    writeFileSync(list, `deb ${mirror} trixie main\ndeb ${mirror} trixie-backports main\n`);
    runProgram([
      'mmdebstrap',
      '--mode=root',
      '--variant=extract',
      '--aptopt=Acquire::Check-Valid-Until "false"',
      '--aptopt=APT::Default-Release "trixie-backports"',
      '--include=suricata',
      'trixie',
      fresh,
      list,
    ]);
    // Renamed when complete, so that an interrupted run leaves no half of it behind.
    rmSync(root, { recursive: true, force: true });
    renameSync(fresh, root);
  }
  return programIn(root);
}

/** What `suricata -V` answers. */
export function versionOf(program: SuricataProgram): string {
  const [command = '', ...args] = program.command;
  const answer = spawnSync(command, [...args, '-V'], { encoding: 'utf8' });
  return /version (\S+)/.exec(answer.stdout)?.[1] ?? 'unknown';
}
