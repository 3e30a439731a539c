import { Tag } from './tags.ts';
import { ETHERNET, TZSP_VERSION, TzspType } from './types.ts';

export interface TzspTag {
  type: number;
  /** At most 255 bytes; PADDING and END have none. */
  value?: Uint8Array;
}

export interface TzspDatagram {
  type?: number;
  encapsulation?: number;
  /** END is added behind them. */
  tags?: readonly TzspTag[];
  /** Absent: a datagram of types 4 and 5, which have neither tags nor frame. */
  frame?: Uint8Array;
}

/** One datagram. @throws RangeError on a tag's value of more than 255 bytes */
export function encodeTzsp(datagram: TzspDatagram): Buffer {
  const { type = TzspType.RECEIVED, encapsulation = ETHERNET, tags = [], frame } = datagram;
  const head = [TZSP_VERSION, type, encapsulation >> 8, encapsulation & 255];
  if (frame === undefined) return Buffer.from(head);
  const parts: Uint8Array[] = [Uint8Array.from(head)];
  for (const { type: tag, value } of tags) {
    if (tag === Tag.PADDING || tag === Tag.END) parts.push(Uint8Array.of(tag));
    else {
      const bytes = value ?? new Uint8Array();
      if (bytes.length > 255) throw new RangeError(`a tag holds at most 255 bytes, not ${bytes.length}`);
      parts.push(Uint8Array.of(tag, bytes.length), bytes);
    }
  }
  parts.push(Uint8Array.of(Tag.END), frame);
  return Buffer.concat(parts);
}

/** Tag 41: the length of a frame before it was sliced; what 16 bits cannot hold is written as 65535. */
export function originalLengthTag(bytes: number): TzspTag {
  const value = Buffer.alloc(2);
  value.writeUInt16BE(Math.min(bytes, 0xffff));
  return { type: Tag.ORIGINAL_LENGTH, value };
}

/** Tag 82: the time of capture. */
export function timeStampTag(seconds: number, nanoseconds: number): TzspTag {
  const value = Buffer.alloc(8);
  value.writeUInt32BE(seconds >>> 0);
  value.writeUInt32BE(nanoseconds >>> 0, 4);
  return { type: Tag.TIME_STAMP, value };
}
