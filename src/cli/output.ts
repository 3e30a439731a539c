import { once } from 'node:events';

/** Standard output with back-pressure, that notices when its reader has gone (EPIPE). */
export class Output {
  private readonly stream: NodeJS.WriteStream;
  private readonly gone = new AbortController();
  private readonly ended: AbortSignal;

  /** @param cancelled ends a write that waits for its reader (a pager, say) */
  constructor(stream: NodeJS.WriteStream, cancelled?: AbortSignal) {
    this.stream = stream;
    this.ended = cancelled === undefined ? this.gone.signal : AbortSignal.any([this.gone.signal, cancelled]);
    stream.on('error', () => this.gone.abort());
    stream.on('close', () => this.gone.abort());
  }

  /** True once the reader closed the pipe: nothing more needs to be written. */
  get closed(): boolean {
    return this.gone.signal.aborted;
  }

  /** Resolves when the text has been taken; throws once the reader is gone or all was cancelled, which ends the scan behind it. */
  async write(text: string | Buffer): Promise<void> {
    this.ended.throwIfAborted();
    if (text.length === 0 || this.stream.write(text)) return;
    await once(this.stream, 'drain', { signal: this.ended });
  }
}
