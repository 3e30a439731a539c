import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { readCapture } from '../../../src/packet/capture.ts';
import type { Workplace } from '../workplace.ts';
import { FRAME_BYTES } from './raw-sender.ts';
import { type BenchStage, TARGET } from './stage.ts';

/** Kernel times of frames on the wire and in the interface, by the number that the sender put into their last bytes; microseconds between them. */
export async function latencies(
  stage: BenchStage,
  place: Workplace,
  name: string,
  work: () => Promise<void>,
): Promise<number[]> {
  const files = { wire: place.path(`${name}-wire.pcap`), inside: place.path(`${name}-inside.pcap`) };
  const before = packetSockets(stage);
  const taps = [
    tap(stage, stage.wire.interface, files.wire, ['udp', 'port', '37008']),
    tap(stage, TARGET, files.inside, []),
  ];
  for (let i = 0; packetSockets(stage) < before + taps.length; i++) {
    if (i === 200) throw new Error('tcpdump does not listen');
    await pause(50);
  }
  await work();
  await pause(300);
  for (const child of taps) {
    const gone = once(child, 'close');
    child.kill('SIGINT');
    await gone;
  }
  const wire = await times(files.wire);
  const inside = await times(files.inside);
  const took: number[] = [];
  for (const [number, arrived] of inside) {
    const left = wire.get(number);
    if (left !== undefined) took.push(arrived - left);
  }
  return took;
}

/** How many packet sockets there are where it is received: a tap adds one when it listens. */
function packetSockets(stage: BenchStage): number {
  return stage.wire.run('home', ['cat', '/proc/net/packet']).trim().split('\n').length;
}

function tap(stage: BenchStage, device: string, file: string, filter: string[]): ChildProcess {
  const options = ['-i', device, '-w', file, '-B', '65536', '--time-stamp-precision=nano'];
  return stage.wire.start('home', ['tcpdump', ...options, ...filter]);
}

/** Microseconds since 1970 by the frame's number. */
async function times(file: string): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for await (const packet of readCapture(createReadStream(file, { highWaterMark: 1024 * 1024 }))) {
    if (packet.data.length < FRAME_BYTES) continue;
    found.set(packet.data.readUInt32BE(packet.data.length - 4), packet.seconds * 1e6 + packet.nanoseconds / 1000);
  }
  return found;
}
