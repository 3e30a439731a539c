import { addressBytes, addressText, macBytes } from './address.ts';
import { internetChecksum, transportChecksum } from './checksum.ts';
import { PROTOCOL } from './frame.ts';

/** New addresses for a recorded frame, by the old ones in Suricata's text form; what is not named stays. */
export interface Readdress {
  ip: ReadonlyMap<string, string>;
  /** Link addresses by the frame's new IP address. */
  mac: ReadonlyMap<string, string>;
}

/** Where the transport checksum lies in its header. */
const CHECKSUM_AT: ReadonlyMap<number, number> = new Map([
  [PROTOCOL.tcp, 16],
  [PROTOCOL.udp, 6],
  [PROTOCOL.icmp6, 2],
]);

/** A copy of a recorded Ethernet frame with other addresses and right checksums; frames that are not IP come back unchanged. */
export function readdress(frame: Buffer, to: Readdress): Buffer {
  const out = Buffer.from(frame);
  const type = out.length >= 14 ? out.readUInt16BE(12) : 0;
  const v4 = type === 0x0800 && out.length >= 34;
  if (!v4 && !(type === 0x86dd && out.length >= 54)) return out;
  const [sourceAt, size] = v4 ? [26, 4] : [22, 16];
  const mapped = (at: number): Buffer => {
    const old = out.subarray(at, at + size);
    const next = to.ip.get(addressText(old));
    return next === undefined ? Buffer.from(old) : addressBytes(next);
  };
  const source = mapped(sourceAt);
  const destination = mapped(sourceAt + size);
  source.copy(out, sourceAt);
  destination.copy(out, sourceAt + size);
  const sourceMac = to.mac.get(addressText(source));
  const destinationMac = to.mac.get(addressText(destination));
  if (destinationMac !== undefined) macBytes(destinationMac).copy(out, 0);
  if (sourceMac !== undefined) macBytes(sourceMac).copy(out, 6);
  if (v4) refreshV4(out, source, destination);
  else refreshTransport(out, 54, Math.min(out.length, 54 + out.readUInt16BE(18)), out[20]!, source, destination);
  return out;
}

function refreshV4(out: Buffer, source: Buffer, destination: Buffer): void {
  const header = (out[14]! & 0x0f) * 4;
  if (header < 20 || 14 + header > out.length) return;
  out.writeUInt16BE(0, 24);
  out.writeUInt16BE(internetChecksum(out.subarray(14, 14 + header)), 24);
  const fragment = out.readUInt16BE(20) & 0x3fff;
  // A fragment carries only a part of what its checksum covers: it cannot be made right from here.
  if (fragment === 0)
    refreshTransport(out, 14 + header, Math.min(out.length, 14 + out.readUInt16BE(16)), out[23]!, source, destination);
}

function refreshTransport(
  out: Buffer,
  start: number,
  end: number,
  protocol: number,
  source: Buffer,
  destination: Buffer,
): void {
  const at = CHECKSUM_AT.get(protocol);
  if (at === undefined || start + at + 2 > end) return;
  if (protocol === PROTOCOL.udp && out.readUInt16BE(start + at) === 0) return;
  out.writeUInt16BE(0, start + at);
  const sum = transportChecksum(source, destination, protocol, out.subarray(start, end));
  out.writeUInt16BE(protocol === PROTOCOL.udp && sum === 0 ? 0xffff : sum, start + at);
}
