/** Reads numbers in one of the two byte orders. */
export interface Numbers {
  u16(from: Buffer, at: number): number;
  u32(from: Buffer, at: number): number;
  i64(from: Buffer, at: number): bigint;
}

export const littleEndian: Numbers = {
  u16: (from, at) => from.readUInt16LE(at),
  u32: (from, at) => from.readUInt32LE(at),
  i64: (from, at) => from.readBigInt64LE(at),
};

export const bigEndian: Numbers = {
  u16: (from, at) => from.readUInt16BE(at),
  u32: (from, at) => from.readUInt32BE(at),
  i64: (from, at) => from.readBigInt64BE(at),
};
