import { ByteQueue } from './byte-queue.ts';
import { captureError, type CapturedPacket } from './captured.ts';
import { isPatchedPcap, pcapForm, readPcap } from './pcap/read.ts';
import { BLOCK } from './pcapng/blocks.ts';
import { readPcapng } from './pcapng/read.ts';

/**
 * Packets of a capture file of either kind, told apart by its first four bytes. Reads on as packets are asked for and holds one at a time: its
 * data is good until the next is asked for. The source is closed at the end, also where the reader stops early.
 *
 * @throws VardeError capture_damaged, with the offset
 */
export async function* readCapture(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<CapturedPacket, void> {
  const queue = new ByteQueue(chunks);
  try {
    if (!(await queue.fill(4))) throw captureError('the file is too short for a capture', queue.available);
    const magic = queue.peek(4).readUInt32BE(0);
    if (magic === BLOCK.SECTION_HEADER) yield* readPcapng(queue);
    else if (pcapForm(magic) !== null) yield* readPcap(queue);
    else if (isPatchedPcap(magic)) throw captureError('the pcap dialect of an old patched libpcap is not read', 0);
    else throw captureError('this is neither pcap nor pcapng', 0);
  } finally {
    await queue.close();
  }
}
