/** Bytes within a buffer that is shared with others. */
export interface Block {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
}

const SHARED_BYTES = 256 * 1024;
/** Every element type may begin there. */
const ALIGNMENT = 8;

let open: { buffer: ArrayBuffer; used: number } | null = null;

/**
 * Zeroed memory for a chain, out of a larger piece: a thousand small buffers cost malloc and V8 half as much again. A piece is given back when none of
 * its blocks is in use any more, so what lives equally long (the chains of one config) should be made together.
 */
export function newBlock(length: number): Block {
  const needed = Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  if (open === null || open.used + needed > open.buffer.byteLength)
    open = { buffer: new ArrayBuffer(Math.max(SHARED_BYTES, needed)), used: 0 };
  const block = { buffer: open.buffer, offset: open.used, length };
  open.used += needed;
  return block;
}

/** The block's bytes, to be read or overwritten. */
export function bytesOf({ buffer, offset, length }: Block): Uint8Array {
  return new Uint8Array(buffer, offset, length);
}
