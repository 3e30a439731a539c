/** What `cat` puts together: a number is one byte, a string its UTF-8 bytes, an array its parts in order. */
export type Part = number | string | Uint8Array | readonly Part[];

/** Joins parts into one buffer: the lab's packets are written as lists of their fields. */
export function cat(...parts: readonly Part[]): Buffer {
  const buffers: Buffer[] = [];
  for (const part of parts) {
    if (typeof part === 'number') buffers.push(Buffer.of(part & 0xff));
    else if (typeof part === 'string') buffers.push(Buffer.from(part, 'utf8'));
    else if (part instanceof Uint8Array) buffers.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    else buffers.push(cat(...part));
  }
  return Buffer.concat(buffers);
}

/** Big-endian (network order) integers of 16, 24 and 32 bits. */
export function u16(value: number): Buffer {
  return Buffer.of((value >>> 8) & 0xff, value & 0xff);
}

export function u24(value: number): Buffer {
  return Buffer.of((value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

export function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value >>> 0);
  return out;
}

/** Little-endian integers: SMB, RDP, BitTorrent-like formats and EtherNet/IP use them. */
export function u16le(value: number): Buffer {
  return Buffer.of(value & 0xff, (value >>> 8) & 0xff);
}

export function u32le(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
}

export function u64le(value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt.asUintN(64, value));
  return out;
}

/** A field that carries its own length in front: one, two or three bytes wide. */
export function sized8(...parts: readonly Part[]): Buffer {
  const body = cat(...parts);
  return cat(body.length, body);
}

export function sized16(...parts: readonly Part[]): Buffer {
  const body = cat(...parts);
  return cat(u16(body.length), body);
}

export function sized24(...parts: readonly Part[]): Buffer {
  const body = cat(...parts);
  return cat(u24(body.length), body);
}

export function sized32(...parts: readonly Part[]): Buffer {
  const body = cat(...parts);
  return cat(u32(body.length), body);
}

/** Hexadecimal text, blanks allowed, as bytes. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s+/g, ''), 'hex');
}

/** Text in UTF-16LE, as Windows protocols send it. */
export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

/** `bytes` filled up with zeros to a multiple of `unit`. */
export function padTo(bytes: Buffer, unit: number): Buffer {
  const missing = (unit - (bytes.length % unit)) % unit;
  return missing === 0 ? bytes : cat(bytes, Buffer.alloc(missing));
}
