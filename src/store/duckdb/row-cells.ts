import type { ColumnType } from '../../event/columns.ts';
import { FIELD_END, QUOTE } from './schema.ts';

/** Range of each integer type; a JavaScript number beyond 2^53 is never exact and does not fit the 64-bit ones. */
const LIMITS: Record<
  Exclude<ColumnType, 'VARCHAR' | 'DOUBLE'>,
  { min: number; max: number; bigMin: bigint; bigMax: bigint }
> = {
  UTINYINT: { min: 0, max: 0xff, bigMin: 0n, bigMax: 0xffn },
  USMALLINT: { min: 0, max: 0xffff, bigMin: 0n, bigMax: 0xffffn },
  UINTEGER: { min: 0, max: 0xffff_ffff, bigMin: 0n, bigMax: 0xffff_ffffn },
  UBIGINT: { min: 0, max: Number.MAX_SAFE_INTEGER, bigMin: 0n, bigMax: 2n ** 64n - 1n },
  BIGINT: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, bigMin: -(2n ** 63n), bigMax: 2n ** 63n - 1n },
};

/** Whether the engine will take the value for the column. */
export function fitsColumn(value: string | number | bigint, type: ColumnType): boolean {
  if (type === 'VARCHAR') return typeof value === 'string';
  if (type === 'DOUBLE') return typeof value === 'number' && Number.isFinite(value);
  const limits = LIMITS[type];
  if (typeof value === 'number') return Number.isInteger(value) && value >= limits.min && value <= limits.max;
  return typeof value === 'bigint' && value >= limits.bigMin && value <= limits.bigMax;
}

/** Bytes that force a text into quotes. */
export function structural(c: number): boolean {
  return c === FIELD_END || c === QUOTE || c === 0x0a || c === 0x0d;
}

/** Writes a safe integer in decimal, digit by digit; returns where it ends. There must be room. */
export function writeInteger(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  if (rest < 0) {
    buffer[at++] = 0x2d;
    rest = -rest;
  }
  if (rest > 0x7fff_ffff) {
    // Division beyond 32 bits is slow: the low eight digits apart.
    const high = Math.floor(rest / 1e8);
    at = writeInteger(buffer, at, high);
    let low = rest - high * 1e8;
    for (let i = 7; i >= 0; i--) {
      const tenth = (low / 10) | 0;
      buffer[at + i] = 0x30 + low - tenth * 10;
      low = tenth;
    }
    return at + 8;
  }
  let digits = 1;
  for (let n = 10; n <= rest; n *= 10) digits++;
  for (let i = digits - 1; i >= 0; i--) {
    const tenth = (rest / 10) | 0;
    buffer[at + i] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

/**
 * Reads a staged row back: its fields as bytes, null where nothing stood. `end` is behind its last byte, without the newline. For the rows
 * that the engine refuses, and for tests.
 */
export function decodeRow(buffer: Buffer, start: number, end: number): (Buffer | null)[] {
  const fields: (Buffer | null)[] = [];
  let at = start;
  while (at <= end) {
    if (at < end && buffer[at] === QUOTE) {
      const parts: Buffer[] = [];
      let from = at + 1;
      let quote = buffer.indexOf(QUOTE, from);
      while (quote + 1 < end && buffer[quote + 1] === QUOTE) {
        parts.push(buffer.subarray(from, quote + 1));
        from = quote + 2;
        quote = buffer.indexOf(QUOTE, from);
      }
      parts.push(buffer.subarray(from, quote));
      fields.push(Buffer.concat(parts));
      at = quote + 2;
    } else {
      const found = buffer.indexOf(FIELD_END, at);
      const stop = found === -1 || found > end ? end : found;
      fields.push(stop === at ? null : Buffer.from(buffer.subarray(at, stop)));
      at = stop + 1;
    }
  }
  return fields;
}
