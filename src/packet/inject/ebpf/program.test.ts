import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSystem } from '../system.ts';
import { Bpf, MapType } from './bpf.ts';
import { ADDRESS_BYTES, decapsulation, KEY_BYTES, SETTINGS_BYTES, State } from './program.ts';

/** The program as the kernel itself runs it (BPF_PROG_TEST_RUN). */

const TCX_NEXT = -1;
const TCX_REDIRECT = 7;
const PORT = 37008;
const ROUTER = [10, 0, 0, 1];
const MAPPED = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...ROUTER]);
const ROUTER6 = Buffer.from('fd000000000000000000000000000001', 'hex');

const root = process.getuid?.() === 0 && process.platform === 'linux';
const system = root ? await loadSystem().catch(() => null) : null;

class Bench {
  readonly bpf = new Bpf(system!);
  readonly flows = this.bpf.createMap(MapType.HASH, KEY_BYTES, State.SIZE, 16);
  readonly acknowledged = this.bpf.createMap(MapType.HASH, ADDRESS_BYTES, 8, 16);
  readonly settings = this.bpf.createMap(MapType.ARRAY, 4, SETTINGS_BYTES, 1);
  readonly program = this.bpf.load(decapsulation(this, [PORT]));
  private time = 1_700_000_000_000_000_000n;

  /** When the last datagram came. */
  get now(): bigint {
    return this.time;
  }

  close(): void {
    for (const fd of [this.flows, this.acknowledged, this.settings, this.program]) system!.close(fd);
  }

  constructor() {
    const value = Buffer.alloc(SETTINGS_BYTES);
    value.writeUInt32LE(1, 0);
    value.writeUInt32LE(1514, 4);
    this.bpf.update(this.settings, Buffer.alloc(4), value);
  }

  run(packet: Buffer, step = 1000n): { result: number; packet: Buffer } {
    this.time += step;
    return this.bpf.testRun(this.program, packet, this.time);
  }

  acknowledge(address = MAPPED, stamp = this.time): void {
    const value = Buffer.alloc(8);
    value.writeBigUInt64LE(stamp);
    this.bpf.update(this.acknowledged, address, value);
  }

  /** Lets a router be known and up to date. */
  ready(packet: Buffer, address = MAPPED): void {
    this.acknowledge(address, 0n);
    expect(this.run(packet).result).toBe(TCX_NEXT);
    this.acknowledge(address);
  }
}

// To the loopback interface, by which a test run comes in.
const MACS = Buffer.from('00000000000002000000000a', 'hex');

/** Ethernet, IP and UDP around a payload. */
function around(
  payload: Buffer,
  family: 4 | 6 = 4,
  change: (ip: Buffer, udp: Buffer) => void = () => undefined,
): Buffer {
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(40_000, 0);
  udp.writeUInt16BE(PORT, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  const ip = Buffer.alloc(family === 4 ? 20 : 40);
  if (family === 4) {
    ip[0] = 0x45;
    ip.writeUInt16BE(28 + payload.length, 2);
    ip[8] = 64;
    ip[9] = 17;
    Buffer.from([...ROUTER, 10, 0, 0, 2]).copy(ip, 12);
  } else {
    ip[0] = 0x60;
    ip.writeUInt16BE(8 + payload.length, 4);
    ip[6] = 17;
    ip[7] = 64;
    ROUTER6.copy(ip, 8);
    Buffer.from('fd000000000000000000000000000002', 'hex').copy(ip, 24);
  }
  change(ip, udp);
  // The test run itself takes the type from here.
  return Buffer.concat([MACS, Buffer.from(family === 4 ? '0800' : '86dd', 'hex'), ip, udp, payload]);
}

const tzsp = (frame: Buffer, tags = '01'): Buffer => Buffer.concat([Buffer.from('01000001' + tags, 'hex'), frame]);

/** A frame with TCP, or UDP to a port. */
function frame(family: 4 | 6, size = 60, udpTo?: number): Buffer {
  const inner = Buffer.alloc(size, 0x5a);
  Buffer.from('0a0b0c0d0e0f1a1b1c1d1e1f', 'hex').copy(inner);
  inner.writeUInt16BE(family === 4 ? 0x0800 : 0x86dd, 12);
  inner[14] = family === 4 ? 0x45 : 0x60;
  inner.writeUInt16BE(0, 20);
  inner[family === 4 ? 23 : 20] = udpTo === undefined ? 6 : 17;
  if (udpTo !== undefined) inner.writeUInt16BE(udpTo, family === 4 ? 36 : 56);
  return inner;
}

describe.skipIf(system === null)('the program at the entrance', () => {
  it.each([
    [4, 4, 60],
    [4, 6, 60],
    [6, 4, 60],
    [6, 6, 60],
    [4, 4, 34],
    [4, 6, 54],
    [6, 4, 1514],
    [4, 4, 1514],
  ] as const)('takes a frame out: IPv%i around IPv%i, %i bytes', (outer, inner, size) => {
    const bench = new Bench();
    const datagram = around(tzsp(frame(inner, size)), outer);
    bench.ready(datagram, outer === 4 ? MAPPED : ROUTER6);
    const { result, packet } = bench.run(datagram);
    expect(result).toBe(TCX_REDIRECT);
    expect(packet.equals(frame(inner, size))).toBe(true);
  });

  it('walks over tags', () => {
    const bench = new Bench();
    const datagram = around(tzsp(frame(4), '0a01b0002804000000ff5004414243440c01020d040000000101'));
    bench.ready(datagram);
    expect(bench.run(datagram)).toEqual({ result: TCX_REDIRECT, packet: frame(4) });
  });

  it.each([
    ['a router that is not known', around(tzsp(frame(4)), 4, (ip) => ip.writeUInt8(9, 15))],
    ['IP options', around(Buffer.concat([Buffer.alloc(4), tzsp(frame(4))]), 4, (ip) => ip.writeUInt8(0x46, 0))],
    ['a fragment', around(tzsp(frame(4)), 4, (ip) => ip.writeUInt16BE(0x2000, 6))],
    ['a last fragment', around(tzsp(frame(4)), 4, (ip) => ip.writeUInt16BE(0x0010, 6))],
    ['a length that does not fit', around(tzsp(frame(4)), 4, (ip) => ip.writeUInt16BE(60, 2))],
    ['a UDP length that does not fit', around(tzsp(frame(4)), 4, (_, udp) => udp.writeUInt16BE(20, 4))],
    ['another port', around(tzsp(frame(4)), 4, (_, udp) => udp.writeUInt16BE(37009, 2))],
    ['another flow', around(tzsp(frame(4)), 4, (_, udp) => udp.writeUInt16BE(40_001, 0))],
    ['another destination', around(tzsp(frame(4)), 4, (ip) => ip.writeUInt8(3, 19))],
    ['a VLAN tag', around(tzsp(frame(4))).fill(Buffer.from('8100', 'hex'), 12, 14)],
    ['TCP', around(tzsp(frame(4)), 4, (ip) => ip.writeUInt8(6, 9))],
    ['a keep-alive', around(Buffer.from('01040001', 'hex'))],
    ['no tags', around(Buffer.from('01000001', 'hex'))],
    ['an empty frame', around(Buffer.from('0100000101', 'hex'))],
    ['a frame of 33 bytes', around(tzsp(frame(4, 38).subarray(0, 33)))],
    ['a frame beyond the MTU', around(tzsp(frame(4, 1515)))],
    ['version 2', around(Buffer.concat([Buffer.from('0200000101', 'hex'), frame(4)]))],
    ['IEEE 802.11', around(Buffer.concat([Buffer.from('0100001201', 'hex'), frame(4)]))],
    ['a tag beyond the end', around(tzsp(frame(4), '0aff'))],
    ['eleven tags', around(tzsp(frame(4), '00'.repeat(11) + '01'))],
    ['an original length', around(tzsp(frame(4), '290205ea01'))],
    ['our own stream', around(tzsp(frame(4, 60, PORT)))],
    ['our own stream in IPv6', around(tzsp(frame(6, 70, PORT)))],
    [
      'a VLAN tag in the frame',
      around(tzsp(Buffer.concat([frame(4).subarray(0, 12), Buffer.from('8100002a', 'hex'), frame(4).subarray(12)]))),
    ],
    [
      'a sum left to hardware',
      around(tzsp(frame(4)), 4, (_, udp) => udp.writeUInt16BE(pseudoSum(udp.readUInt16BE(4)), 6)),
    ],
  ])('leaves to user space, unchanged: %s', (_, datagram) => {
    const bench = new Bench();
    const good = around(tzsp(frame(4)));
    bench.ready(good);
    expect(bench.run(good).result).toBe(TCX_REDIRECT);
    const { result, packet } = bench.run(datagram);
    expect(result).toBe(TCX_NEXT);
    expect(packet.equals(datagram)).toBe(true);
  });

  it('waits for the very datagram that it passed, and no longer', () => {
    const bench = new Bench();
    const good = around(tzsp(frame(4)));
    const odd = around(tzsp(frame(4), '290205ea01'));
    bench.ready(good);
    const results = [bench.run(good), bench.run(odd), bench.run(good), bench.run(good)].map((it) => it.result);
    expect(results).toEqual([TCX_REDIRECT, TCX_NEXT, TCX_NEXT, TCX_NEXT]);
    bench.acknowledge();
    expect(bench.run(good).result).toBe(TCX_REDIRECT);
    expect(bench.run(around(Buffer.from('01040001', 'hex'))).result).toBe(TCX_NEXT);
    expect(bench.run(good).result).toBe(TCX_REDIRECT);
  });

  it('waits where two datagrams came at the same time', () => {
    const bench = new Bench();
    const good = around(tzsp(frame(4)));
    bench.acknowledge(MAPPED, 0n);
    bench.run(good);
    bench.run(good, 0n);
    bench.acknowledge();
    expect(bench.run(good).result).toBe(TCX_NEXT);
    bench.acknowledge();
    expect(bench.run(good).result).toBe(TCX_REDIRECT);
  });

  it('leaves a router with fragments to user space for minutes', () => {
    const bench = new Bench();
    const good = around(tzsp(frame(4)));
    bench.ready(good);
    bench.run(around(tzsp(frame(4)), 4, (ip) => ip.writeUInt16BE(0x2000, 6)));
    expect(bench.run(good).result).toBe(TCX_NEXT);
    bench.acknowledge();
    expect(bench.run(good).result).toBe(TCX_NEXT);
    bench.acknowledge();
    expect(bench.run(good, 300_000_000_000n).result).toBe(TCX_REDIRECT);
  });

  it('keeps order and loses nothing, whatever comes between', () => {
    const event = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('plain', 'odd', 'other flow', 'keep-alive') },
      { weight: 16, arbitrary: fc.constant('plain') },
      { weight: 1, arbitrary: fc.constantFrom('lost', 'same time') },
      { weight: 6, arbitrary: fc.constantFrom('take one', 'take all', 'write') },
      { weight: 4, arbitrary: fc.constantFrom('acknowledge', 'settle') },
    );
    let redirected = 0;
    fc.assert(
      fc.property(fc.array(event, { minLength: 20, maxLength: 120 }), (events) => {
        const stream = new Stream();
        for (const each of events) stream.happens(each);
        stream.settle();
        stream.check();
        redirected += stream.redirected;
        // A lost one at the end holds it up only until the next.
        stream.happens('plain');
        stream.settle();
        expect(stream.happens('plain')).toBe(TCX_REDIRECT);
        stream.bench.close();
      }),
      { numRuns: 150 },
    );
    expect(redirected).toBeGreaterThan(500);
  });
});

/** Datagrams of one router, the socket's queue, and user space in steps as small as they can be told apart. */
class Stream {
  readonly bench = new Bench();
  redirected = 0;
  private number = 0;
  private readonly queue: Arrived[] = [];
  private readonly taken: Arrived[] = [];
  private finished: bigint | null = null;
  /** Numbers by flow, as they came and as they left. */
  private readonly came: number[][] = [[], []];
  private readonly left: number[][] = [[], []];

  constructor() {
    this.bench.acknowledge(MAPPED, 0n);
  }

  /** @returns what the program said, of datagrams */
  happens(event: string): number | null {
    if (event === 'take one') this.taken.push(...this.queue.splice(0, 1));
    else if (event === 'take all') this.taken.push(...this.queue.splice(0));
    else if (event === 'write') this.write();
    else if (event === 'acknowledge') {
      if (this.finished !== null) this.bench.acknowledge(MAPPED, this.finished);
    } else if (event === 'settle') this.settle();
    else return this.arrives(event);
    return null;
  }

  settle(): void {
    for (const each of ['take all', 'write', 'acknowledge']) this.happens(each);
  }

  check(): void {
    expect(this.left).toEqual(this.came);
  }

  private arrives(event: string): number {
    if (event === 'keep-alive') return this.bench.run(around(Buffer.from('01040001', 'hex'))).result;
    const number = ++this.number;
    const own = frame(4);
    own.writeUInt32BE(number, 50);
    const flow = event === 'other flow' ? 1 : 0;
    const datagram = around(tzsp(own, event === 'odd' ? '290205ea01' : '01'), 4, (_, udp) =>
      udp.writeUInt16BE(40_000 + flow, 0),
    );
    const { result, packet } = this.bench.run(datagram, event === 'same time' ? 0n : 1n);
    if (result === TCX_REDIRECT) {
      this.redirected++;
      this.came[flow]!.push(number);
      this.left[flow]!.push(packet.readUInt32BE(50));
    } else if (event !== 'lost') {
      this.came[flow]!.push(number);
      this.queue.push({ number, flow, stamp: this.bench.now });
    }
    return result;
  }

  private write(): void {
    for (const { number, flow, stamp } of this.taken.splice(0)) {
      this.left[flow]!.push(number);
      this.finished = stamp;
    }
  }
}

interface Arrived {
  number: number;
  flow: number;
  stamp: bigint;
}

function pseudoSum(length: number): number {
  const sum = 17 + length + 0x0a00 + 0x0001 + 0x0a00 + 0x0002;
  return (sum & 0xffff) + (sum >>> 16);
}
