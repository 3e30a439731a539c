import { parseIp } from '../../event/ip.ts';

/** Addresses and networks in CIDR form (RFC 4632, RFC 4291 section 2.3), asked by number: nothing is allocated per question. */
export class Networks {
  private readonly v4: { network: number; mask: number }[] = [];
  private readonly v6: { words: readonly number[]; bits: number }[] = [];

  /** @throws RangeError on a text that is neither address nor network */
  constructor(list: readonly string[]) {
    for (const text of list) {
      const [address = '', length, ...more] = text.split('/');
      const ip = parseIp(address);
      const most = ip?.family === 4 ? 32 : 128;
      const bits = length === undefined ? most : Number(length);
      // Nothing behind the stroke must not mean everybody.
      const plain = more.length === 0 && (length === undefined || /^\d{1,3}$/.test(length));
      if (ip === null || !plain || bits > most) throw new RangeError(`no address and no network: ${text}`);
      if (ip.family === 4) {
        const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
        this.v4.push({ network: (ip.v4 & mask) >>> 0, mask });
      } else this.v6.push({ words: ip.words, bits });
    }
  }

  hasV4(address: number): boolean {
    return this.v4.some((it) => (address & it.mask) >>> 0 === it.network);
  }

  /** @param words the address as four unsigned 32-bit numbers */
  hasV6(words: readonly number[]): boolean {
    return this.v6.some((it) => {
      for (let i = 0, bits = it.bits; bits > 0; i++, bits -= 32) {
        const mask = bits >= 32 ? 0xffffffff : (-1 << (32 - bits)) >>> 0;
        if (((words[i]! ^ it.words[i]!) & mask) !== 0) return false;
      }
      return true;
    });
  }
}
