import type { ByteQueue } from '../byte-queue.ts';
import { captureError, type CapturedPacket, MAX_CAPTURED_BYTES } from '../captured.ts';
import { GLOBAL_HEADER_BYTES, PCAP_MAGIC, RECORD_HEADER_BYTES } from './write.ts';

/** Of Kuznetsov's patched libpcap (1999): its records have eight bytes more. */
const PATCHED_MAGIC = 0xa1b2cd34;
/** The upper bits say how long the check sequence is. */
const LINK_TYPE_MASK = 0xffff;

interface Form {
  littleEndian: boolean;
  nano: boolean;
}

/** By the first four bytes as a big-endian number; null: no pcap. */
export function pcapForm(magic: number): Form | null {
  for (const littleEndian of [true, false]) {
    const value = littleEndian ? swap(magic) : magic;
    if (value === PCAP_MAGIC.MICROSECONDS) return { littleEndian, nano: false };
    if (value === PCAP_MAGIC.NANOSECONDS) return { littleEndian, nano: true };
  }
  return null;
}

/** True for a dialect that is known and not read. */
export function isPatchedPcap(magic: number): boolean {
  return magic === PATCHED_MAGIC || swap(magic) === PATCHED_MAGIC;
}

/**
 * Packets of a pcap file in either byte order, with micro- or nanoseconds. The data is good until the next packet is asked for.
 *
 * @throws VardeError capture_damaged, with the offset: what came before it is whole
 */
export async function* readPcap(queue: ByteQueue): AsyncGenerator<CapturedPacket, void> {
  if (!(await queue.fill(GLOBAL_HEADER_BYTES))) throw captureError('the file header is cut', queue.available);
  const head = queue.take(GLOBAL_HEADER_BYTES);
  const form = pcapForm(head.readUInt32BE(0));
  if (form === null) throw captureError('this is no pcap file', 0);
  const u16 = (from: Buffer, at: number): number => (form.littleEndian ? from.readUInt16LE(at) : from.readUInt16BE(at));
  const u32 = (from: Buffer, at: number): number => (form.littleEndian ? from.readUInt32LE(at) : from.readUInt32BE(at));
  // Before 2.3 the two lengths stood the other way round.
  if (u16(head, 4) !== 2 || u16(head, 6) < 3)
    throw captureError(`pcap version ${u16(head, 4)}.${u16(head, 6)} is not known`, 4);
  const linkType = u32(head, 20) & LINK_TYPE_MASK;
  const scale = form.nano ? 1 : 1000;
  for (;;) {
    const offset = queue.offset;
    if (!(await queue.fill(RECORD_HEADER_BYTES))) {
      if (queue.available === 0) return;
      throw captureError('the last record is cut', offset);
    }
    const record = queue.take(RECORD_HEADER_BYTES);
    const [seconds, fraction, captured, originalLength] = [0, 4, 8, 12].map((at) => u32(record, at)) as Four;
    if (captured > MAX_CAPTURED_BYTES) throw captureError(`a record claims ${captured} bytes`, offset);
    // A fraction of a second or more is read as the writer meant it: libpcap leaves it alone, and nothing hangs on it.
    const nanoseconds = (fraction * scale) % 1_000_000_000;
    const more = Math.floor((fraction * scale) / 1_000_000_000);
    if (!(await queue.fill(captured))) throw captureError('the last packet is cut', offset);
    yield { offset, linkType, seconds: seconds + more, nanoseconds, originalLength, data: queue.take(captured) };
  }
}

type Four = [number, number, number, number];

function swap(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | ((value >>> 24) & 0xff)) >>> 0;
}
