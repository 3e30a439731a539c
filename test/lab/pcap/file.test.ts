import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { byTime, readPcap, writePcap } from './file.ts';

const packet = fc.record({
  time: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
  frame: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

test('what is written is read again', () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 20 }), (packets) => {
      expect(readPcap(writePcap(packets))).toEqual(packets);
    }),
  );
});

test('the other byte order and nanoseconds are understood', () => {
  const file = writePcap([{ time: 1_768_435_200_123_456, frame: Buffer.from('frame') }]);
  const swapped = Buffer.from(file);
  for (const at of [0, 16, 20, 24, 28, 32, 36]) swapped.writeUInt32BE(file.readUInt32LE(at), at);
  expect(readPcap(swapped)).toEqual(readPcap(file));
  const nano = Buffer.from(file);
  nano.writeUInt32LE(0xa1b23c4d, 0);
  nano.writeUInt32LE(123_456_789, 28);
  expect(readPcap(nano)[0]!.time).toBe(1_768_435_200_123_456);
});

test('a cut last record is left out, another file refused', () => {
  const file = writePcap([
    { time: 1, frame: Buffer.alloc(60) },
    { time: 2, frame: Buffer.alloc(60) },
  ]);
  expect(readPcap(file.subarray(0, file.length - 1))).toHaveLength(1);
  expect(() => readPcap(Buffer.alloc(40))).toThrow('not a pcap file');
});

test('packets of the same microsecond keep their order', () => {
  const frames = ['c', 'a', 'b'].map((text, index) => ({ time: index === 0 ? 9 : 5, frame: Buffer.from(text) }));
  expect(byTime(frames).map((it) => it.frame.toString())).toEqual(['a', 'b', 'c']);
});
