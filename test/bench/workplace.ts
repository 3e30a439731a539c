import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** statfs(2): what lies there is in memory, and writes to it are not counted. */
const TMPFS_MAGIC = 0x0102_1994;

/**
 * A folder of its own for one run, below VARDE_BENCH_DIR or the system's temporary folder, and one in memory for fresh segments. Both are
 * removed at the end, also after Ctrl-C.
 */
export class Workplace {
  readonly root: string;
  readonly memory: string;
  private readonly children = new Set<{ pid?: number; kill(signal: NodeJS.Signals): boolean }>();

  constructor() {
    this.root = mkdtempSync(join(process.env['VARDE_BENCH_DIR'] ?? tmpdir(), 'varde-bench-'));
    this.memory = mkdtempSync('/dev/shm/varde-bench-');
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        this.remove();
        process.exit(130);
      });
    }
  }

  get inMemory(): boolean {
    return statfsSync(this.root).type === TMPFS_MAGIC;
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** A new empty folder. */
  folder(name: string): string {
    const path = this.path(name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** A new empty folder for the fresh segments of one store. */
  fresh(name: string): string {
    const path = join(this.memory, name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** Ends with the workplace if it has not ended by itself. */
  owns(child: {
    pid?: number;
    kill(signal: NodeJS.Signals): boolean;
    once(event: 'exit', listener: () => void): unknown;
  }): void {
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
  }

  remove(): void {
    for (const child of this.children) child.kill('SIGKILL');
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
    rmSync(this.memory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Bytes of all files below a folder, or of one file. */
export function bytesBelow(path: string): number {
  const info = lstatSync(path);
  if (!info.isDirectory()) return info.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}
