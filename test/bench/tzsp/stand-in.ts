import { writeSync } from 'node:fs';
import { listen, parseListen } from '../../../src/packet/inject/listen.ts';
import { Inbox } from '../../../src/packet/inject/inbox.ts';
import { loadSystem } from '../../../src/packet/inject/system.ts';
import { globalHeader, RECORD_HEADER_BYTES, recordHeader } from '../../../src/packet/pcap/write.ts';
import { Outcome, readTzsp, TzspView } from '../../../src/packet/tzsp/decode.ts';

/**
 * Stands in for `tzsp2pcap -f` where that is not on PATH: for each frame one wait for the socket, one datagram received, one write of a pcap record.
 */
export async function standIn(): Promise<void> {
  const system = await loadSystem();
  // 0: the system's default, as that program leaves it.
  const socket = listen(system, parseListen('0.0.0.0:37008'), {
    receiveBufferBytes: 0,
    wantsTime: false,
    v6only: false,
  });
  const inbox = new Inbox(system);
  const view = new TzspView();
  const record = Buffer.alloc(RECORD_HEADER_BYTES + 65_536);
  const polled = Buffer.alloc(8);
  polled.writeInt32LE(socket.fd, 0);
  polled.writeInt16LE(1, 4);
  writeSync(1, globalHeader(1, false));
  for (;;) {
    if (system.poll(polled, 1, 1000) <= 0) continue;
    if (inbox.receive(socket.fd, 0, 1) !== 1) continue;
    const start = inbox.start(0);
    if (readTzsp(view, inbox.bytes, start, start + inbox.length(0)) !== Outcome.FRAME) continue;
    const length = view.frameEnd - view.frameStart;
    const now = Date.now();
    recordHeader(record, 0, Math.floor(now / 1000), (now % 1000) * 1000, length, length);
    inbox.bytes.copy(record, RECORD_HEADER_BYTES, view.frameStart, view.frameEnd);
    writeSync(1, record, 0, RECORD_HEADER_BYTES + length);
  }
}
