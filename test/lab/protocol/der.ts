import { cat, type Part, u16 } from '../pcap/bytes.ts';

/** One DER element: SNMP, LDAP and Kerberos are made of these (X.690). */
export function der(tag: number, ...content: readonly Part[]): Buffer {
  const body = cat(...content);
  if (body.length < 0x80) return cat(tag, body.length, body);
  if (body.length < 0x100) return cat(tag, 0x81, body.length, body);
  return cat(tag, 0x82, u16(body.length), body);
}

export function integer(value: number, tag = 0x02): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(rest & 0xff);
    rest = Math.floor(rest / 256);
  } while (rest > 0);
  if (bytes[0]! > 0x7f) bytes.unshift(0); // a leading one bit would read as negative
  return der(tag, bytes);
}

export const sequence = (...content: readonly Part[]): Buffer => der(0x30, ...content);
export const octets = (...content: readonly Part[]): Buffer => der(0x04, ...content);
export const enumerated = (value: number): Buffer => integer(value, 0x0a);
export const nothing = (): Buffer => der(0x05);
/** Explicit context tag, as Kerberos numbers its fields. */
export const field = (number: number, ...content: readonly Part[]): Buffer => der(0xa0 + number, ...content);
export const generalString = (text: string): Buffer => der(0x1b, text);
export const generalizedTime = (text: string): Buffer => der(0x18, text);

/** An object identifier in dotted text. */
export function oid(dotted: string): Buffer {
  const numbers = dotted.split('.').map(Number);
  const body: number[] = [numbers[0]! * 40 + numbers[1]!];
  for (const number of numbers.slice(2)) {
    const groups = [number & 0x7f];
    for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128))
      groups.unshift((rest & 0x7f) | 0x80);
    body.push(...groups);
  }
  return der(0x06, body);
}
