export type Column = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array;

/**
 * A part of a column. Chains share columns: a typed array of its own for each value of each of a thousand chains costs as much again as
 * what stands in it. Columns are let go when none of their chains is in use, so chains that live equally long should be made together.
 */
export interface Stretch {
  column: Column;
  first: number;
  count: number;
}

const bytesOf = ({ column, first, count }: Stretch): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset + first * column.BYTES_PER_ELEMENT, count * column.BYTES_PER_ELEMENT);

/** The bytes of all stretches, one behind the other. */
export function gather(stretches: readonly Stretch[]): Uint8Array {
  return new Uint8Array(Buffer.concat(stretches.map(bytesOf)));
}

/** Overwrites the stretches with what {@link gather} gave. @throws RangeError where there are not as many bytes */
export function scatter(stretches: readonly Stretch[], bytes: Uint8Array): void {
  const parts = stretches.map(bytesOf);
  if (parts.reduce((sum, { length }) => sum + length, 0) !== bytes.length) throw new RangeError('of another length');
  let at = 0;
  for (const part of parts) {
    part.set(bytes.subarray(at, at + part.length));
    at += part.length;
  }
}
