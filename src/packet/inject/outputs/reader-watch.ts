import type { System } from '../system.ts';

/** inotify(7). */
const IN_NONBLOCK = 0o4000;
const IN_CLOSE = 0x18;
const EVENT_BYTES = 16;
const ROOM_BYTES = 4096;

/**
 * Sees that a reader of a FIFO has gone, also where the next one is there already: the pipe itself tells only of having no reader at all.
 */
export class ReaderWatch {
  private readonly system: Pick<System, 'inotify' | 'watch' | 'read' | 'close'>;
  private readonly path: string;
  private readonly fd: number;
  private readonly room = Buffer.alloc(ROOM_BYTES);

  constructor(system: Pick<System, 'inotify' | 'watch' | 'read' | 'close'>, path: string) {
    this.system = system;
    this.path = path;
    this.fd = system.inotify(IN_NONBLOCK);
  }

  /** Looks at what is there under the name now, and forgets what it has seen. */
  begin(): void {
    if (this.fd < 0) return;
    this.system.watch(this.fd, this.path, IN_CLOSE);
    this.hasLeft();
  }

  /** Whether somebody has closed it since this was last asked. */
  hasLeft(): boolean {
    let left = false;
    while (this.fd >= 0) {
      const bytes = this.system.read(this.fd, this.room, ROOM_BYTES);
      if (bytes <= 0) break;
      // struct inotify_event: a file that is watched itself has no name behind it.
      for (let at = 0; at + EVENT_BYTES <= bytes; at += EVENT_BYTES + this.room.readUInt32LE(at + 12))
        if ((this.room.readUInt32LE(at + 4) & IN_CLOSE) !== 0) left = true;
    }
    return left;
  }

  close(): void {
    if (this.fd >= 0) this.system.close(this.fd);
  }
}
