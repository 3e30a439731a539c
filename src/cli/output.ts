import { once } from 'node:events';

/** Standard output with back-pressure, that notices when its reader has gone (EPIPE). */
export class Output {
  private readonly stream: NodeJS.WriteStream;
  /** True once the reader closed the pipe: nothing more needs to be written. */
  closed = false;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
    stream.on('error', () => (this.closed = true));
  }

  /** Resolves when the text has been taken; throws once the reader is gone, which ends the scan behind it. */
  async write(text: string | Buffer): Promise<void> {
    if (this.closed) throw new Error('the output was closed');
    if (text.length === 0 || this.stream.write(text)) return;
    await Promise.race([once(this.stream, 'drain'), once(this.stream, 'close'), once(this.stream, 'error')]).catch(
      () => (this.closed = true),
    );
  }
}
