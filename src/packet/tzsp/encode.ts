import { TAG } from './tags.ts';
import { TZSP_ENCAPSULATION, TZSP_HEADER_BYTES, TZSP_TYPE, TZSP_VERSION } from './types.ts';

/** A tag to write. PADDING is written as its one byte, whatever its value. */
export interface TagToWrite {
  number: number;
  /** At most 255 bytes. */
  value: Uint8Array;
}

export interface TzspDatagram {
  /** Default: RECEIVED. */
  type?: number;
  /** Default: ETHERNET. */
  encapsulation?: number;
  tags?: readonly TagToWrite[];
  frame?: Uint8Array;
}

/**
 * One datagram: header, tags, END, frame. Types 4 and 5 are the header alone.
 *
 * @throws RangeError for a number that does not fit its field; that is a mistake of the caller
 */
export function encodeTzsp({
  type = TZSP_TYPE.RECEIVED,
  encapsulation = TZSP_ENCAPSULATION.ETHERNET,
  tags = [],
  frame = new Uint8Array(0),
}: TzspDatagram): Buffer {
  const bare = type === TZSP_TYPE.KEEPALIVE || type === TZSP_TYPE.PORT_OPENER;
  const tagBytes = tags.reduce((sum, tag) => sum + (tag.number === TAG.PADDING ? 1 : 2 + tag.value.length), 0);
  const out = Buffer.alloc(TZSP_HEADER_BYTES + (bare ? 0 : tagBytes + 1 + frame.length));
  out.writeUInt8(TZSP_VERSION, 0);
  out.writeUInt8(type, 1);
  out.writeUInt16BE(encapsulation, 2);
  if (bare) return out;
  let at = TZSP_HEADER_BYTES;
  for (const { number, value } of tags) {
    at = out.writeUInt8(number, at);
    if (number === TAG.PADDING) continue;
    if (number === TAG.END) throw new RangeError('END is written by itself');
    at = out.writeUInt8(value.length, at);
    out.set(value, at);
    at += value.length;
  }
  at = out.writeUInt8(TAG.END, at);
  out.set(frame, at);
  return out;
}

/** Tag 41. @throws RangeError above 65535 */
export function originalLengthTag(bytes: number): TagToWrite {
  const value = Buffer.alloc(2);
  value.writeUInt16BE(bytes);
  return { number: TAG.ORIGINAL_LENGTH, value };
}

/** Tag 40. */
export function packetIdTag(id: number): TagToWrite {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(id);
  return { number: TAG.PACKET_ID, value };
}

/** Tag 82. */
export function timeStampTag(seconds: number, nanoseconds: number): TagToWrite {
  const value = Buffer.alloc(8);
  value.writeUInt32BE(seconds);
  value.writeUInt32BE(nanoseconds, 4);
  return { number: TAG.TIME_STAMP, value };
}
