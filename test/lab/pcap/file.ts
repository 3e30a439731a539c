import { cat, u16le, u32le } from './bytes.ts';
import type { Packet } from './frame.ts';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const LINKTYPE_ETHERNET = 1;
const SNAP_LENGTH = 262144;

/** The header of a classic little-endian pcap file with microseconds and Ethernet frames. */
export function pcapHeader(): Buffer {
  return cat(
    u32le(MAGIC_MICROSECONDS),
    u16le(2),
    u16le(4),
    u32le(0),
    u32le(0),
    u32le(SNAP_LENGTH),
    u32le(LINKTYPE_ETHERNET),
  );
}

export function pcapRecord(packet: Packet): Buffer {
  const seconds = Math.floor(packet.time / 1e6);
  const size = u32le(packet.frame.length);
  return cat(u32le(seconds), u32le(packet.time - seconds * 1e6), size, size, packet.frame);
}

/** A whole pcap file; the packets are written in the order given. */
export function writePcap(packets: readonly Packet[]): Buffer {
  return Buffer.concat([pcapHeader(), ...packets.map(pcapRecord)]);
}

/** Reads a classic pcap file of either byte order and either resolution; a cut last record is left out. */
export function readPcap(file: Buffer): Packet[] {
  const magic = file.readUInt32LE(0);
  const swapped = magic !== MAGIC_MICROSECONDS && magic !== MAGIC_NANOSECONDS;
  const read = (at: number): number => (swapped ? file.readUInt32BE(at) : file.readUInt32LE(at));
  const unit = read(0) === MAGIC_NANOSECONDS ? 1000 : 1;
  if (read(0) !== MAGIC_MICROSECONDS && read(0) !== MAGIC_NANOSECONDS) throw new Error('not a pcap file');
  if ((read(20) & 0xffff) !== LINKTYPE_ETHERNET) throw new Error(`link type ${read(20)} is not Ethernet`);
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= file.length;) {
    const captured = read(at + 8);
    if (at + 16 + captured > file.length) break;
    const time = read(at) * 1e6 + Math.floor(read(at + 4) / unit);
    packets.push({ time, frame: file.subarray(at + 16, at + 16 + captured) });
    at += 16 + captured;
  }
  return packets;
}

/** Orders packets by time; packets of the same microsecond keep their order. */
export function byTime(packets: Packet[]): Packet[] {
  return packets.sort((a, b) => a.time - b.time);
}
