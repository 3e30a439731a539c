import { parseIp } from '../../event/ip.ts';

/** Addresses that a frame's destination is compared with, without an allocation per frame as long as ports differ. */
export class OwnAddresses {
  readonly #v4 = new Set<number>();
  /** As hexadecimal digits. */
  readonly #v6 = new Set<string>();

  /** Texts that are no address are left out; an IPv4-mapped address counts as the IPv4 address too. */
  constructor(addresses: Iterable<string>) {
    for (const text of addresses) {
      const ip = parseIp(text.replace(/%.*$/, ''));
      if (ip === null) continue;
      if (ip.family === 4) this.#v4.add(ip.v4);
      else this.#v6.add(ip.hex);
      if (ip.family === 6 && ip.hex.startsWith('00000000000000000000ffff')) this.#v4.add(ip.words[3]!);
    }
  }

  hasV4(address: number): boolean {
    return this.#v4.has(address);
  }

  /** The 16 bytes from `at` on. */
  hasV6(bytes: Uint8Array, at: number): boolean {
    if (this.#v6.size === 0) return false;
    return this.#v6.has(Buffer.from(bytes.buffer, bytes.byteOffset + at, 16).toString('hex'));
  }
}
