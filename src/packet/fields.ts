import { formatIpv4, parseIpv6 } from '../event/ip.ts';

/**
 * Headers as the standards draw them: a table of names and widths in bits, from the first bit on, most significant first. `mac`, `ipv4` and
 * `ipv6` are read as text.
 */
type Width = number | 'mac' | 'ipv4' | 'ipv6';
type Row = readonly [name: string, width: Width];
type Values<T extends readonly Row[]> = { [R in T[number] as R[0]]: R[1] extends number ? number : string };

export interface Header<T extends readonly Row[]> {
  /** Length of the fixed part. */
  bytes: number;
  /** The caller has checked that `bytes` bytes are there from `at` on. */
  read(bytes: Uint8Array, at: number): Values<T>;
}

const BITS = { mac: 48, ipv4: 32, ipv6: 128 } as const;

/** Compiles a table. Numbers have at most 32 bits; texts begin at a whole byte. */
export function header<const T extends readonly Row[]>(...rows: T): Header<T> {
  let bit = 0;
  const places = rows.map(([name, width]) => {
    const place = { name, width, bit };
    bit += typeof width === 'number' ? width : BITS[width];
    return place;
  });
  return {
    bytes: bit / 8,
    read: (bytes, at) =>
      Object.fromEntries(
        places.map(({ name, width, bit }) => [
          name,
          typeof width === 'number' ? readBits(bytes, at, bit, width) : readText(bytes, at + bit / 8, width),
        ]),
      ) as Values<T>,
  };
}

/** `width` bits (at most 32) from bit `bit` after byte `at`. */
function readBits(bytes: Uint8Array, at: number, bit: number, width: number): number {
  const first = at + (bit >>> 3);
  const last = at + ((bit + width - 1) >>> 3);
  let value = 0;
  for (let i = first; i <= last; i++) value = value * 256 + bytes[i]!;
  const behind = 7 - ((bit + width - 1) & 7);
  return Math.floor(value / 2 ** behind) % 2 ** width;
}

function readText(bytes: Uint8Array, at: number, form: 'mac' | 'ipv4' | 'ipv6'): string {
  switch (form) {
    case 'mac':
      return macText(bytes, at);
    case 'ipv4':
      return formatIpv4(readBits(bytes, at, 0, 32));
    case 'ipv6':
      return ipv6Text(bytes, at);
  }
}

export function macText(bytes: Uint8Array, at: number): string {
  return Array.from(bytes.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Canonical text (RFC 5952). */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => readBits(bytes, at + 2 * i, 0, 16).toString(16));
  return parseIpv6(groups.join(':'))!.text;
}

export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
