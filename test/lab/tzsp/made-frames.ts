/**
 * Frames of every make that the decoders know, by a fixed random walk: Ethernet plain, in a VLAN and in QinQ; IPv4 with and without options; IPv6 with
 * and without extension headers; TCP with options, UDP, ICMP, ICMPv6; ARP; LLC with and without SNAP.
 */
export function madeFrames(count: number): Buffer[] {
  const dice = new Dice(20_261_125);
  return Array.from({ length: count }, () => frame(dice));
}

/** A linear congruential generator (Numerical Recipes). */
class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** 0 to `below` - 1. */
  roll(below: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * below);
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.roll(256)));
  }
}

function u16(...values: number[]): Buffer {
  const out = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) out.writeUInt16BE(value, 2 * i);
  return out;
}

function frame(dice: Dice): Buffer {
  // Neither multicast nor an address that stands for a protocol.
  const macs = Buffer.concat([Buffer.of(2), dice.bytes(5), Buffer.of(2), dice.bytes(5)]);
  const kind = dice.roll(10);
  if (kind === 0) return Buffer.concat([macs, ...llc(dice)]);
  const [etherType, payload] =
    kind === 1 ? [0x0806, arp(dice)] : kind < 6 ? [0x0800, ipv4(dice)] : [0x86dd, ipv6(dice)];
  const tag = (type: number): Buffer => u16(type, dice.roll(65_536));
  const tags = [() => [], () => [tag(0x8100)], () => [tag(0x88a8), tag(0x8100)]][dice.roll(3)]!();
  return Buffer.concat([macs, ...tags, u16(etherType), payload]);
}

/** IEEE 802.3 with LLC: an unnumbered information frame between access points that nobody has defined. */
function llc(dice: Dice): Buffer[] {
  const payload = dice.bytes(20);
  return [u16(3 + payload.length), Buffer.of(0x10, 0x10, 0x03), payload];
}

/** RFC 826. */
function arp(dice: Dice): Buffer {
  return Buffer.concat([u16(1, 0x0800), Buffer.of(6, 4), u16(1 + dice.roll(2)), dice.bytes(20)]);
}

/** RFC 791: often not to be fragmented, else whole, or a fragment: the first, one of the midst, the last. */
const FRAGMENTATION = [0x4000, 0x4000, 0x4000, 0, 0x2000, 0x2001, 0x3fff, 0x0005];

function ipv4(dice: Dice): Buffer {
  const [protocol, payload] = transport(dice, 1);
  // No operation, as often as it takes.
  const options = Buffer.alloc(4 * dice.roll(4), 1);
  const head = Buffer.alloc(20);
  head[0] = 0x45 + options.length / 4;
  head.writeUInt16BE(20 + options.length + payload.length, 2);
  head.writeUInt16BE(dice.roll(65_536), 4);
  head.writeUInt16BE(FRAGMENTATION[dice.roll(FRAGMENTATION.length)]!, 6);
  head[1] = dice.roll(256);
  head[8] = 1 + dice.roll(255);
  head[9] = protocol;
  dice.bytes(8).copy(head, 12);
  return Buffer.concat([head, options, payload]);
}

/** RFC 8200. */
function ipv6(dice: Dice): Buffer {
  const [protocol, payload] = transport(dice, 58);
  // Hop-by-hop options, then destination options, each of padding alone (PadN).
  const chain = [[], [0], [60], [0, 60]][dice.roll(4)]!;
  const headers = chain.map((_, i) => Buffer.from([chain[i + 1] ?? protocol, 0, 1, 4, 0, 0, 0, 0]));
  const head = Buffer.alloc(40);
  head.writeUInt32BE(0x6000_0000 + dice.roll(2 ** 28), 0);
  head.writeUInt16BE(8 * headers.length + payload.length, 4);
  head[6] = chain[0] ?? protocol;
  head[7] = 1 + dice.roll(255);
  Buffer.concat([Buffer.of(0x20), dice.bytes(15), Buffer.of(0x20), dice.bytes(15)]).copy(head, 8);
  return Buffer.concat([head, ...headers, payload]);
}

/** TCP (RFC 9293), UDP (RFC 768), or an echo request or answer (RFC 792, RFC 4443). */
function transport(dice: Dice, icmp: number): [protocol: number, bytes: Buffer] {
  const payload = Buffer.alloc(dice.roll(40));
  // Far from ports that stand for a protocol.
  const ports = u16(60_000 + dice.roll(50), 60_100 + dice.roll(50));
  const kind = dice.roll(3);
  if (kind === 0) {
    const type = icmp === 1 ? [8, 0] : [128, 129];
    return [icmp, Buffer.concat([Buffer.of(type[dice.roll(2)]!, dice.roll(4)), dice.bytes(6), Buffer.alloc(8)])];
  }
  if (kind === 1) return [17, Buffer.concat([ports, u16(8 + payload.length, dice.roll(65_536)), payload])];
  // Maximum segment size; and no operations to fill up.
  const options = dice.roll(2) === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.of(2, 4), u16(dice.roll(65_536))]);
  const head = Buffer.alloc(20);
  ports.copy(head);
  dice.bytes(8).copy(head, 4);
  head[12] = ((20 + options.length) / 4) << 4;
  // A maximum segment size counts where a connection begins only.
  head[13] = options.length > 0 ? 2 : [16, 24, 17, 4, 1, 0xc0 | 16, 8][dice.roll(7)]!;
  head.writeUInt16BE(dice.roll(65_536), 14);
  return [6, Buffer.concat([head, options, payload])];
}
