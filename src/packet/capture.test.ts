import * as fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { readCapture } from './capture.ts';
import type { CapturedPacket } from './captured.ts';
import { globalHeader, recordHeader } from './pcap/write.ts';
import { interfaceDescription, packetHeader, packetTrailer, sectionHeader } from './pcapng/write.ts';

interface Made {
  seconds: number;
  nanoseconds: number;
  more: number;
  data: Uint8Array;
}

const packets = fc.array(
  fc.record({
    seconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
    more: fc.integer({ min: 0, max: 3 }),
    data: fc.uint8Array({ maxLength: 70 }),
  }),
  { maxLength: 8 },
);

function pcap(made: Made[], nano: boolean): Buffer {
  const parts = made.map(({ seconds, nanoseconds, more, data }) => {
    const head = Buffer.alloc(16);
    recordHeader(
      head,
      0,
      seconds,
      nano ? nanoseconds : Math.floor(nanoseconds / 1000),
      data.length,
      data.length + more,
    );
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([globalHeader(1, nano), ...parts]);
}

function pcapng(made: Made[]): Buffer {
  const parts = made.map(({ seconds, nanoseconds, more, data }) => {
    const out = Buffer.alloc(28 + data.length + 7);
    packetHeader(out, 0, 0, seconds, nanoseconds, data.length, data.length + more);
    out.set(data, 28);
    return out.subarray(0, 28 + data.length + packetTrailer(out, 28 + data.length, data.length));
  });
  return Buffer.concat([sectionHeader('test'), interfaceDescription(1, '192.0.2.1'), ...parts]);
}

/** The same file as a machine of the other byte order writes it. */
function swapped(file: Buffer): Buffer {
  const out = Buffer.from(file);
  const swap32 = (at: number): void => void out.subarray(at, at + 4).reverse();
  for (const at of [0, 8, 12, 16, 20]) swap32(at);
  for (const at of [4, 6]) out.subarray(at, at + 2).reverse();
  for (let at = 24; at < file.length; at += 16 + file.readUInt32LE(at + 8)) {
    for (const field of [0, 4, 8, 12]) swap32(at + field);
  }
  return out;
}

async function read(file: Buffer, chunk = 65_536): Promise<CapturedPacket[]> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < file.length; at += chunk) chunks.push(file.subarray(at, at + chunk));
  const found: CapturedPacket[] = [];
  for await (const packet of readCapture(chunks)) found.push({ ...packet, data: Buffer.from(packet.data) });
  return found;
}

const plain = ({ seconds, nanoseconds, originalLength, data }: CapturedPacket) => [
  seconds,
  nanoseconds,
  originalLength,
  data.toString('hex'),
];
const expected = (made: Made[], unit: number) =>
  made.map(({ seconds, nanoseconds, more, data }) => [
    seconds,
    nanoseconds - (nanoseconds % unit),
    data.length + more,
    Buffer.from(data).toString('hex'),
  ]);

it('reads what was written: both formats, byte orders and units, in chunks of any size', async () => {
  await fc.assert(
    fc.asyncProperty(packets, fc.integer({ min: 1, max: 50 }), async (made, chunk) => {
      for (const nano of [false, true]) {
        const file = pcap(made, nano);
        const want = expected(made, nano ? 1 : 1000);
        expect((await read(file, chunk)).map(plain)).toEqual(want);
        expect((await read(swapped(file), chunk)).map(plain)).toEqual(want);
      }
      expect((await read(pcapng(made), chunk)).map(plain)).toEqual(expected(made, 1));
    }),
  );
});

const one = [{ seconds: 1, nanoseconds: 2000, more: 0, data: Uint8Array.of(1, 2, 3) }];
test.each([
  ['no capture', Buffer.from('hello, world'), 0],
  ['a cut file header', globalHeader(1, false).subarray(0, 20), 20],
  ['a cut record', pcap(one, false).subarray(0, 30), 24],
  ['a cut packet', pcap(one, false).subarray(0, 42), 24],
  ['a cut block', pcapng(one).subarray(0, -1), pcapng([]).length],
])('%s is told with its offset', async (_, file, offset) => {
  await expect(read(file)).rejects.toMatchObject({ code: 'capture_damaged', details: { offset } });
});
