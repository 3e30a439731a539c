import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../program.ts';

/** A small file system of its own, in memory, that can be full. */
export class SmallDisk {
  readonly path: string;

  constructor(path: string, megabytes: number) {
    this.path = path;
    mkdirSync(path);
    runProgram(['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', path]);
  }

  /** Writes until nothing more fits. */
  fill(): void {
    const fd = openSync(this.filler, 'w');
    try {
      for (let size = 1024 * 1024; size >= 512;) {
        try {
          writeSync(fd, Buffer.alloc(size, 1));
        } catch {
          size /= 2;
        }
      }
    } finally {
      closeSync(fd);
    }
  }

  empty(): void {
    rmSync(this.filler, { force: true });
  }

  close(): void {
    runProgram(['umount', '--lazy', this.path]);
  }

  private get filler(): string {
    return join(this.path, 'filler');
  }
}
