import { type FSWatcher, watch } from 'node:fs';

/**
 * Change notices from the kernel, as a hint to look sooner. Nothing depends on them: folders on network file systems give none, and the
 * number of watches is limited. Every error is ignored.
 */
export class Hints {
  /** `named`: a name appeared or vanished, rather than a file's content changed. */
  private readonly hint: (named: boolean) => void;
  private readonly watchers = new Map<string, FSWatcher>();

  constructor(hint: (named: boolean) => void) {
    this.hint = hint;
  }

  /** Watches exactly these folders from now on. */
  watch(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.watchers.delete(folder);
    }
    for (const folder of folders) if (!this.watchers.has(folder)) this.add(folder);
  }

  close(): void {
    this.watch(new Set());
  }

  private add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (event) => this.hint(event === 'rename'));
      watcher.on('error', () => {
        watcher.close();
        this.watchers.delete(folder);
      });
      this.watchers.set(folder, watcher);
    } catch {
      // Not there yet, or no watches left: polling does it.
    }
  }
}
