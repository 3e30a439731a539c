import type { ByteQueue } from '../byte-queue.ts';
import { captureError, type CapturedPacket, MAX_CAPTURED_BYTES } from '../captured.ts';
import { BLOCK, BLOCK_FRAME_BYTES, BYTE_ORDER_MAGIC } from './blocks.ts';
import { type Interface, interfaceOf, timeOf } from './interface.ts';
import type { Numbers } from './numbers.ts';
import { bigEndian, littleEndian } from './numbers.ts';

/** A name resolution block may be long, but a block beyond this is a damaged length. */
const MAX_BLOCK_BYTES = MAX_CAPTURED_BYTES + 65_536;
/** Each description takes memory; no capture has that many. */
const MAX_INTERFACES = 65_536;

/**
 * Packets of a pcapng file: sections in either byte order, any number of interfaces, enhanced, simple and the old packet blocks; other blocks
 * are passed over. The data is good until the next packet is asked for.
 *
 * @throws VardeError capture_damaged, with the offset: what came before it is whole
 */
export async function* readPcapng(queue: ByteQueue): AsyncGenerator<CapturedPacket, void> {
  let numbers: Numbers | null = null;
  let interfaces: Interface[] = [];
  for (;;) {
    const offset = queue.offset;
    if (!(await queue.fill(BLOCK_FRAME_BYTES))) {
      if (queue.available === 0) return;
      throw captureError('the last block is cut', offset);
    }
    const head = queue.peek(BLOCK_FRAME_BYTES);
    if (head.readUInt32BE(0) === BLOCK.SECTION_HEADER) {
      numbers = byteOrder(head, offset);
      interfaces = [];
    }
    if (numbers === null) throw captureError('this is no pcapng file', offset);
    const type = numbers.u32(head, 0);
    const total = numbers.u32(head, 4);
    if (total < BLOCK_FRAME_BYTES || total % 4 !== 0 || total > MAX_BLOCK_BYTES)
      throw captureError(`a block claims ${total} bytes`, offset);
    if (!(await queue.fill(total))) throw captureError('the last block is cut', offset);
    const block = queue.take(total);
    if (numbers.u32(block, total - 4) !== total) throw captureError('the lengths of a block differ', offset);
    const body = block.subarray(8, total - 4);
    if (type === BLOCK.INTERFACE_DESCRIPTION) {
      if (interfaces.length === MAX_INTERFACES) throw captureError('too many interfaces', offset);
      interfaces.push(interfaceOf(body, numbers, offset));
    }
    const packet = packetOf(type, body, interfaces, numbers, offset);
    if (packet !== null) yield packet;
  }
}

function byteOrder(head: Buffer, offset: number): Numbers {
  if (head.readUInt32LE(8) === BYTE_ORDER_MAGIC) return littleEndian;
  if (head.readUInt32BE(8) === BYTE_ORDER_MAGIC) return bigEndian;
  throw captureError('a section without byte order magic', offset + 8);
}

function packetOf(
  type: number,
  body: Buffer,
  interfaces: readonly Interface[],
  { u16, u32 }: Numbers,
  offset: number,
): CapturedPacket | null {
  const isEnhanced = type === BLOCK.ENHANCED_PACKET;
  if (!isEnhanced && type !== BLOCK.PACKET && type !== BLOCK.SIMPLE_PACKET) return null;
  const isSimple = type === BLOCK.SIMPLE_PACKET;
  const dataAt = isSimple ? 4 : 20;
  if (body.length < dataAt) throw captureError('a packet block is too short', offset);
  // The old block has a count of drops in the upper half; a simple packet is always of the first interface.
  const id = isSimple ? 0 : isEnhanced ? u32(body, 0) : u16(body, 0);
  const from = interfaces[id];
  if (from === undefined) throw captureError(`a packet of interface ${id}, which was not described`, offset);
  const originalLength = u32(body, isSimple ? 0 : 16);
  const simpleLength = Math.min(originalLength, from.snapLength === 0 ? originalLength : from.snapLength);
  const length = isSimple ? simpleLength : u32(body, 12);
  if (length > body.length - dataAt) throw captureError(`a packet claims ${length} bytes`, offset);
  const time = isSimple ? { seconds: -1, nanoseconds: -1 } : timeOf(u32(body, 4), u32(body, 8), from);
  return { offset, linkType: from.linkType, ...time, originalLength, data: body.subarray(dataAt, dataAt + length) };
}
