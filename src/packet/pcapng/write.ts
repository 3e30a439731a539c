import { MAX_SNAP_LENGTH } from '../pcap/write.ts';
import { BLOCK, BLOCK_FRAME_BYTES, BYTE_ORDER_MAGIC, OPTION, padded } from './blocks.ts';

/** Writing pcapng, little endian, with nanoseconds. */

/** Before the data of an enhanced packet block. */
export const PACKET_HEADER_BYTES = 28;
/** Behind the data: up to three bytes of padding and the length once more. */
export const MAX_PACKET_TRAILER_BYTES = 7;

const NANOSECONDS = 9;

/** The first block of a file. `application` is text of ours, as in `varde 0.1.0`. */
export function sectionHeader(application: string): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  body.writeUInt16LE(1, 4);
  body.writeUInt16LE(0, 6);
  body.writeBigInt64LE(-1n, 8);
  return block(BLOCK.SECTION_HEADER, body, [[OPTION.SHB_USERAPPL, Buffer.from(application)]]);
}

/** Describes the next interface, numbered from 0 in the order of these blocks. `name`: such as the router whose stream it is. */
export function interfaceDescription(linkType: number, name: string): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(linkType, 0);
  body.writeUInt32LE(MAX_SNAP_LENGTH, 4);
  return block(BLOCK.INTERFACE_DESCRIPTION, body, [
    [OPTION.IF_NAME, Buffer.from(name)],
    [OPTION.IF_TSRESOL, Buffer.of(NANOSECONDS)],
  ]);
}

/**
 * Writes the 28 bytes before a packet's data into `into` from `at` on, without an allocation; the data and {@link packetTrailer} follow.
 * Never throws.
 */
export function packetHeader(
  into: Uint8Array,
  at: number,
  interfaceId: number,
  seconds: number,
  nanoseconds: number,
  capturedLength: number,
  originalLength: number,
): void {
  // seconds × 10^9 needs 62 bits: in two halves of the seconds each product stays exact.
  const upper = Math.floor(seconds / 65_536) * 1_000_000_000;
  const lower = (seconds % 65_536) * 1_000_000_000 + nanoseconds + (upper % 65_536) * 65_536;
  writeU32(into, at, BLOCK.ENHANCED_PACKET);
  writeU32(into, at + 4, packetBlockBytes(capturedLength));
  writeU32(into, at + 8, interfaceId);
  writeU32(into, at + 12, Math.floor(upper / 65_536) + Math.floor(lower / 2 ** 32));
  writeU32(into, at + 16, lower % 2 ** 32);
  writeU32(into, at + 20, capturedLength);
  writeU32(into, at + 24, originalLength);
}

/** Writes padding and length behind the data; gives how many bytes that were (4 to 7). */
export function packetTrailer(into: Uint8Array, at: number, capturedLength: number): number {
  const padding = padded(capturedLength) - capturedLength;
  for (let i = 0; i < padding; i++) into[at + i] = 0;
  writeU32(into, at + padding, packetBlockBytes(capturedLength));
  return padding + 4;
}

/** Of the whole block. */
export function packetBlockBytes(capturedLength: number): number {
  return PACKET_HEADER_BYTES + padded(capturedLength) + 4;
}

function block(type: number, body: Buffer, options: readonly (readonly [code: number, value: Buffer])[]): Buffer {
  const parts = options.map(([code, value]) => {
    const out = Buffer.alloc(4 + padded(value.length));
    out.writeUInt16LE(code, 0);
    out.writeUInt16LE(value.length, 2);
    value.copy(out, 4);
    return out;
  });
  const inner = Buffer.concat([body, ...parts, Buffer.alloc(4)]);
  const out = Buffer.alloc(BLOCK_FRAME_BYTES + inner.length);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(out.length, 4);
  inner.copy(out, 8);
  out.writeUInt32LE(out.length, out.length - 4);
  return out;
}

function writeU32(into: Uint8Array, at: number, value: number): void {
  into[at] = value;
  into[at + 1] = value >>> 8;
  into[at + 2] = value >>> 16;
  into[at + 3] = value >>> 24;
}
