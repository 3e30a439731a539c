import { parseIp, parseIpv6 } from '../../event/ip.ts';
import { AF_INET, AF_INET6 } from './system.ts';

/** Who sent a datagram, read from a struct sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)). IPv4-mapped addresses are IPv4. */
export class SenderView {
  family: 4 | 6 | 0 = 0;
  /** IPv4 as unsigned number. */
  v4 = 0;
  readonly words: [number, number, number, number] = [0, 0, 0, 0];

  read(names: Buffer, at: number): void {
    const family = names.readUInt16LE(at);
    if (family === AF_INET) {
      this.family = 4;
      this.v4 = names.readUInt32BE(at + 4);
      return;
    }
    if (family !== AF_INET6) {
      this.family = 0;
      return;
    }
    const { words } = this;
    for (let i = 0; i < 4; i++) words[i] = names.readUInt32BE(at + 8 + 4 * i);
    this.useWords();
  }

  private useWords(): void {
    const { words } = this;
    const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
    this.family = mapped ? 4 : 6;
    this.v4 = words[3];
  }

  /** From a text, as Node gives it: a zone may follow. */
  readText(text: string): void {
    const ip = parseIp(text.replace(/%.*$/, ''));
    if (ip === null) {
      this.family = 0;
      return;
    }
    if (ip.family === 4) {
      this.family = 4;
      this.v4 = ip.v4;
      return;
    }
    for (let i = 0; i < 4; i++) this.words[i] = ip.words[i]!;
    this.useWords();
  }

  /** Canonical text (RFC 5952). */
  text(): string {
    if (this.family === 4)
      return `${this.v4 >>> 24}.${(this.v4 >>> 16) & 255}.${(this.v4 >>> 8) & 255}.${this.v4 & 255}`;
    return this.family === 6 ? ipv6Text(this.words) : 'unknown';
  }
}

function ipv6Text(words: readonly number[]): string {
  const text = words.flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]).join(':');
  return parseIpv6(text)?.text ?? text;
}
