/** Internet addresses and networks as numbers; text by RFC 4291 section 2.2 (v6) and dotted quads without leading zeros (v4). */
export interface Address {
  family: 4 | 6;
  value: bigint;
}

/** All addresses of one family from `low` to `high`, both inside. */
export interface AddressRange {
  family: 4 | 6;
  low: bigint;
  high: bigint;
}

export const HIGHEST = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;

export function parseAddress(text: string): Address | null {
  // The longest text of an address is 45 characters; longer input is not looked at.
  if (text.length > 45) return null;
  if (!text.includes(':')) {
    const value = parseQuad(text);
    return value === null ? null : { family: 4, value: BigInt(value) };
  }
  return parseV6(text);
}

function parseQuad(text: string): number | null {
  const fields = text.split('.');
  if (fields.length !== 4) return null;
  let value = 0;
  for (const field of fields) {
    if (!/^(0|[1-9]\d{0,2})$/.test(field) || Number(field) > 255) return null;
    value = value * 256 + Number(field);
  }
  return value;
}

function parseV6(text: string): Address | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  let value = 0n;
  for (const group of [...head, ...Array.from({ length: missing }, () => 0), ...tail])
    value = (value << 16n) | BigInt(group);
  return { family: 6, value };
}

/** The 16-bit groups of one side of `::`; a dotted quad may stand at the end of the address. */
function groups(text: string, atEnd: boolean): number[] | null {
  if (text === '') return [];
  const result: number[] = [];
  const fields = text.split(':');
  for (const [i, field] of fields.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(field)) result.push(parseInt(field, 16));
    else {
      const quad = atEnd && i === fields.length - 1 ? parseQuad(field) : null;
      if (quad === null) return null;
      result.push(quad >>> 16, quad & 0xffff);
    }
  }
  return result;
}

/** A network such as `10.0.0.0/8` or `2001:db8::/32`; bits behind the prefix are ignored. Null where the text is none. */
export function parseNetwork(text: string): AddressRange | null {
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  const address = parseAddress(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  if (address === null || !/^\d{1,3}$/.test(bits)) return null;
  const width = address.family === 4 ? 32 : 128;
  if (Number(bits) > width) return null;
  const host = (1n << BigInt(width - Number(bits))) - 1n;
  const low = address.value & ~host & HIGHEST[address.family];
  return { family: address.family, low, high: low | host };
}

/** Canonical text (RFC 5952): lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => String((address.value >> shift) & 255n)).join('.');
  }
  const all = Array.from({ length: 8 }, (_, i) => Number((address.value >> BigInt(16 * (7 - i))) & 0xffffn));
  // RFC 5952 section 5: addresses known to embed an IPv4 address show it as a dotted quad.
  if (address.value >> 32n === 0xffffn)
    return `::ffff:${formatAddress({ family: 4, value: address.value & HIGHEST[4] })}`;
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && all[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
    i += run;
  }
  const text = (from: number, to: number): string =>
    all
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return start < 0 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}
