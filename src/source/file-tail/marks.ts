import { createHash } from 'node:crypto';
import type { FileRecord } from '../../event/position.ts';

/** Bytes at the head of a file, and before its position, that prove who it is. */
export const MARK_BYTES = 1024;

/** A hash over a known number of bytes: 16 hexadecimal digits of SHA-256. */
export type Mark = FileRecord['tail'];

const EMPTY: Buffer = Buffer.alloc(0);

export function markOf(bytes: Buffer): Mark {
  return { length: bytes.length, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16) };
}

/** True where `bytes` are exactly the marked ones. */
export function isMarked(mark: Mark, bytes: Buffer): boolean {
  return bytes.length === mark.length && (bytes.length === 0 || markOf(bytes).hash === mark.hash);
}

/** The parts, joined in memory of their own: Node's small buffers lie in shared ones of 8 kB, and whoever keeps one keeps all of that. */
export function ownCopy(...parts: readonly Buffer[]): Buffer {
  const copy = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(copy, at);
  return copy;
}

/**
 * How far a content was read, with the bytes that prove it: the first and the last {@link MARK_BYTES} before the position.
 *
 * The fingerprint covers only what was read, so that a copy that holds everything read can always be compared.
 */
export class Trail {
  position: number;
  head: Buffer;
  tail: Buffer;
  /** Of the head, which changes no more once it is whole: a mark is a hash over a kilobyte. */
  private headMark: Mark | null = null;

  constructor(position = 0, head: Buffer = EMPTY, tail: Buffer = EMPTY) {
    this.position = position;
    this.head = head;
    this.tail = tail;
  }

  fork(): Trail {
    const fork = new Trail(this.position, this.head, this.tail);
    fork.headMark = this.headMark;
    return fork;
  }

  /** Goes on behind `bytes`, which follow the position. Small copies are kept, never the caller's buffer. */
  add(bytes: Buffer): this {
    if (this.position < MARK_BYTES) {
      this.head = ownCopy(this.head, bytes.subarray(0, MARK_BYTES - this.position));
      this.headMark = null;
    }
    this.tail =
      bytes.length >= MARK_BYTES
        ? ownCopy(bytes.subarray(bytes.length - MARK_BYTES))
        : ownCopy(this.tail.subarray(Math.max(0, this.tail.length + bytes.length - MARK_BYTES)), bytes);
    this.position += bytes.length;
    return this;
  }

  marks(): { position: number; fingerprint: Mark; tail: Mark } {
    this.headMark ??= markOf(this.head);
    return { position: this.position, fingerprint: this.headMark, tail: markOf(this.tail) };
  }
}
