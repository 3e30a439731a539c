import { setTimeout as pause } from 'node:timers/promises';
import { Outbox } from '../../../src/packet/inject/outbox.ts';
import {
  AF_PACKET,
  failure,
  failureName,
  loadSystem,
  SOCK_RAW,
  SOL_SOCKET,
} from '../../../src/packet/inject/system.ts';
import { encodeTzsp } from '../../../src/packet/tzsp/encode.ts';

/** How a run sends. */
export interface Sending {
  interface: string;
  /** Hardware addresses: router, receiver. */
  from: string;
  to: string;
  /** Frames per second; 0: as fast as it goes. */
  rate: number;
  secs: number;
  /** Frames that come at once, the average rate kept; 0: evenly. */
  burst: number;
  /** Frames sent slowly before, not counted in the time: a stream changes over to the kernel path in a pause. */
  warm: number;
}

export interface Sent {
  frames: number;
  secs: number;
}

/** Bytes of a frame inside a datagram: what a network carries on average. */
export const FRAME_BYTES = 700;
const RING = 4096;
const BATCH = 64;
const WARM_MS = 2;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
const SO_SNDBUFFORCE = 32;

/**
 * Sends whole Ethernet frames with TZSP in them into the router's end of the cable: several times faster than a UDP socket, so that the receiver and not
 * the sender is measured. The process does nothing else; it waits by looking at the clock. Prints what it sent as JSON.
 */
export async function rawSender(json: string): Promise<void> {
  const sending = JSON.parse(json) as Sending;
  const system = await loadSystem();
  const fd = system.socket(AF_PACKET, SOCK_RAW, 0);
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeInt32LE(system.interfaceIndex(sending.interface), 4);
  const bound = fd < 0 ? fd : system.bind(fd, address);
  if (bound < 0) throw new Error(`no packet socket on ${sending.interface}: ${failureName(bound)}`);
  const int = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer);
  system.setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, int(8 * 1024 * 1024));
  // Towards a cable this only saves time; no tap is meant to see this end.
  system.setOption(fd, SOL_PACKET, PACKET_QDISC_BYPASS, int(1));
  const packets = Array.from({ length: RING }, (_, i) => packet(sending, i));
  const size = packets[0]!.length;
  const room = system.allocate(size * RING);
  for (const [i, it] of packets.entries()) it.copy(room.bytes, i * size);
  const outbox = new Outbox(system, room.address);
  let frames = 0;
  const send = (count: number): void => {
    outbox.count = 0;
    for (let i = 0; i < count; i++) {
      // The number of the frame stands in its last four bytes, for matching both sides of a receiver.
      const at = ((frames + i) % RING) * size;
      room.bytes.writeUInt32BE((frames + i) >>> 0, at + size - 4);
      outbox.add(at, size);
    }
    for (let at = 0; at < count;) {
      const sent = outbox.send(fd, at);
      if (sent > 0) at += sent;
      else if (sent !== failure('ENOBUFS') && sent !== failure('EAGAIN') && sent !== failure('EINTR'))
        throw new Error(`sending failed: ${failureName(sent)}`);
    }
    frames += count;
  };
  const { rate, secs, burst, warm } = sending;
  for (let i = 0; i < warm; i++) {
    send(1);
    await pause(WARM_MS);
  }
  const began = performance.now();
  const end = began + secs * 1000;
  const group = burst > 0 ? burst : rate === 0 ? BATCH : Math.min(BATCH, Math.max(1, Math.floor(rate / 20_000)));
  const between = rate === 0 ? 0 : (group * 1000) / rate;
  for (let due = began, now = began; now < end; now = performance.now()) {
    if (now < due) continue;
    for (let left = group; left > 0; left -= BATCH) send(Math.min(BATCH, left));
    // What was missed is made up for, but a stall of the machine makes no burst.
    due = Math.max(due + between, now - 5);
  }
  const sent: Sent = { frames, secs: (performance.now() - began) / 1000 };
  process.stdout.write(JSON.stringify(sent));
}

/** Ethernet, IPv4 (RFC 791), UDP (RFC 768, without a checksum), TZSP, and a frame of {@link FRAME_BYTES}. */
function packet(sending: Sending, i: number): Buffer {
  const hex = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');
  const frame = Buffer.alloc(FRAME_BYTES, i & 255);
  Buffer.from('0200000000010200000000020800', 'hex').copy(frame);
  // TCP in IPv4, from one documentation address to another.
  ipv4(FRAME_BYTES - 14, 6, [192, 0, 2, 1], [198, 51, 100, 1]).copy(frame, 14);
  const datagram = encodeTzsp({ frame });
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(40_000, 0);
  udp.writeUInt16BE(37_008, 2);
  udp.writeUInt16BE(8 + datagram.length, 4);
  const ip = ipv4(28 + datagram.length, 17, [192, 168, 40, 1], [192, 168, 40, 11]);
  return Buffer.concat([hex(sending.to), hex(sending.from), Buffer.from('0800', 'hex'), ip, udp, datagram]);
}

/** A header of RFC 791 without options; not to be fragmented. */
function ipv4(length: number, protocol: number, from: readonly number[], to: readonly number[]): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(length, 2);
  header.writeUInt16BE(0x4000, 6);
  header[8] = 64;
  header[9] = protocol;
  header.set(from, 12);
  header.set(to, 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

/** RFC 1071. */
function checksum(header: Buffer): number {
  let sum = 0;
  for (let i = 0; i < header.length; i += 2) sum += header.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
