import { isV6 } from './address.ts';
import { cat, u16, u32 } from './bytes.ts';
import { type Endpoint, ethernet, ipFrame, ipv6 } from './frame.ts';

/** Cuts the payload of one IP packet into fragments of `size` bytes (a multiple of 8), each in its own frame, in order. */
export function fragments(
  from: Endpoint,
  to: Endpoint,
  protocol: number,
  payload: Buffer,
  size: number,
  id: number,
): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const more = at + size < payload.length;
    const piece = payload.subarray(at, at + size);
    if (isV6(from.ip)) {
      const header = cat(protocol, 0, u16(at | (more ? 1 : 0)), u32(id)); // fragment header, RFC 8200 section 4.5
      frames.push(ethernet(from.mac, to.mac, 0x86dd, ipv6(from.ip, to.ip, 44, cat(header, piece))));
    } else {
      frames.push(ipFrame(from, to, protocol, piece, { id, fragment: (more ? 0x2000 : 0) | (at / 8) }));
    }
  }
  return frames;
}
