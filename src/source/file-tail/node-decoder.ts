import type { Transform } from 'node:stream';

/** Something that unpacks one member after the other, piece by piece. */
export interface Decoder {
  /** What the piece gave; where it fails, what came out before is still handed over, with the failure. */
  push(piece: Buffer, final: boolean): Promise<{ pieces: Buffer[]; failure: Error | null; ended: boolean }>;
  close(): void;
}

/**
 * Drives one of Node's decompressors piece by piece. It is not piped: a stream that fails throws away what it had already unpacked, and how
 * much that is depends on timing.
 */
export class NodeDecoder implements Decoder {
  private readonly stream: Transform;
  private pieces: Buffer[] = [];
  private failure: Error | null = null;
  private ended = false;
  private wake: () => void = () => undefined;

  constructor(stream: Transform) {
    this.stream = stream;
    stream.on('data', (piece: Buffer) => this.pieces.push(piece));
    stream.on('error', (error: Error) => {
      this.failure = error;
      this.wake();
    });
    stream.on('end', () => {
      this.ended = true;
      this.wake();
    });
  }

  async push(piece: Buffer, final: boolean): Promise<{ pieces: Buffer[]; failure: Error | null; ended: boolean }> {
    // Behind the end (bytes that belong to no member) the callback of a write is never called: the end itself must wake, too.
    if (piece.length > 0) await this.until((done) => this.stream.write(piece, done));
    if (final) await this.until(() => this.stream.end());
    const { pieces, failure, ended } = this;
    this.pieces = [];
    return { pieces, failure, ended };
  }

  close(): void {
    this.stream.destroy();
  }

  private until(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      if (this.failure !== null || this.ended) return resolve();
      this.wake = resolve;
      start(resolve);
    });
  }
}
