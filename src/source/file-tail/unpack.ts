import { Decompress } from 'fzstd';
import zlib from 'node:zlib';
import type { Transform } from 'node:stream';
import { messageOf, systemCode } from '../../base/errors.ts';
import { type Decoder, NodeDecoder } from './node-decoder.ts';
import type { Packing } from './packing.ts';
import { ZstdFrames } from './zstd-frames.ts';

/** A compressed content that ends too early or is damaged. Everything before `offset` (of the content) was handed over. */
export class Damage extends Error {
  /** Bytes of content that could be read. */
  readonly offset: number;
  /** True where the content merely ends too early: it may still be being written. */
  readonly cut: boolean;

  constructor(message: string, offset: number, cut: boolean) {
    super(message);
    this.name = 'Damage';
    this.offset = offset;
    this.cut = cut;
  }
}

/** Input is fed in small pieces: hostile content swells at most 1,032-fold in gzip, and to 128 kB per 4 bytes in zstd (RLE blocks). */
const GZIP_PIECE = 16 * 1024;
const ZSTD_PIECE = 1024;
/** zstd on the main thread: content bytes between two turns of the event loop. */
const YIELD_BYTES = 512 * 1024;

/**
 * The content of a packed input, in order and complete: whatever could be unpacked before a damage comes out before {@link Damage} is
 * thrown. Concatenated members and frames are one content.
 */
export async function* unpack(packing: Packing, input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (packing === 'plain') {
    yield* input;
    return;
  }
  let offset = 0;
  for await (const result of packing === 'gzip' ? gunzip(input) : unzstd(input)) {
    if (result instanceof Error) throw new Damage(result.message, offset, cutShort(result));
    offset += result.length;
    yield result;
  }
}

const ENDS_EARLY = 'the compressed data ends in the middle';

function cutShort(error: Error): boolean {
  return systemCode(error) === 'Z_BUF_ERROR' || error.message === ENDS_EARLY;
}

async function* gunzip(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer | Error> {
  const decoder = new NodeDecoder(zlib.createGunzip({ chunkSize: 64 * 1024 }));
  try {
    for await (const chunk of input) {
      for (let at = 0; at < chunk.length; at += GZIP_PIECE) {
        const { pieces, failure, ended } = await decoder.push(chunk.subarray(at, at + GZIP_PIECE), false);
        yield* pieces;
        if (failure !== null) yield failure;
        // gzip(1), too, ignores what stands behind the last member.
        if (failure !== null || ended) return;
      }
    }
    const { pieces, failure } = await decoder.push(Buffer.alloc(0), true);
    yield* pieces;
    if (failure !== null) yield systemCode(failure) === 'Z_BUF_ERROR' ? new Error(ENDS_EARLY) : failure;
  } finally {
    decoder.close();
  }
}

async function* unzstd(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer | Error> {
  const frames = new ZstdFrames();
  let decoder: Decoder | null = null;
  try {
    for await (const chunk of input) {
      for (let at = 0; at < chunk.length; at += ZSTD_PIECE) {
        // A copy: the decoder keeps pieces until a block is whole.
        for (const part of frames.split(Buffer.from(chunk.subarray(at, at + ZSTD_PIECE)))) {
          decoder ??= zstdDecoder();
          const { pieces, failure } = await decoder.push(part.bytes, part.ends);
          yield* pieces;
          if (failure !== null) {
            yield failure;
            return;
          }
          if (!part.ends) continue;
          decoder.close();
          decoder = null;
        }
      }
    }
    if (!frames.complete) yield new Error(ENDS_EARLY);
  } catch (error) {
    yield new Error(messageOf(error), { cause: error });
  } finally {
    decoder?.close();
  }
}

/** Node's own zstd came with 22.15 and 23.8; the types here are those of Node 20. */
const nodeZstd = (zlib as unknown as { createZstdDecompress?: (options: { chunkSize: number }) => Transform })
  .createZstdDecompress;

function zstdDecoder(): Decoder {
  return nodeZstd === undefined ? new FzstdDecoder() : new NodeDecoder(nodeZstd({ chunkSize: 64 * 1024 }));
}

/** zstd in JavaScript, for Node 20; one decoder per frame. */
class FzstdDecoder implements Decoder {
  private pieces: Buffer[] = [];
  private sinceYield = 0;
  private readonly decoder = new Decompress((data) => {
    if (data.length > 0) this.pieces.push(Buffer.from(data.buffer, data.byteOffset, data.length));
  });

  async push(piece: Buffer, final: boolean): Promise<{ pieces: Buffer[]; failure: Error | null; ended: boolean }> {
    let failure: Error | null = null;
    try {
      this.decoder.push(piece, final);
    } catch (error) {
      // fzstd throws its own errors and, on hostile input, plain range and type errors: all mean damage.
      failure = new Error(`damaged zstd data: ${messageOf(error)}`, { cause: error });
    }
    const { pieces } = this;
    this.pieces = [];
    for (const { length } of pieces) this.sinceYield += length;
    if (this.sinceYield > YIELD_BYTES) {
      this.sinceYield = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { pieces, failure, ended: false };
  }

  close(): void {
    this.pieces = [];
  }
}
