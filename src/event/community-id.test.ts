import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { communityId, communityKeyOf, communityKeyV4, communityKeyV6, hasPorts } from './community-id.ts';
import { formatIpv4, parseIp, type Ip } from './ip.ts';
import { protocolNumber } from './protocols.ts';

const LIMIT = { interruptAfterTimeLimit: 3000, numRuns: 1000 };
const id = (proto: number, source: string, destination: string, p1 = 0, p2 = 0): string =>
  communityId(parseIp(source)!, parseIp(destination)!, proto, p1, p2);

// The baseline of the specification (baseline/baseline_deflt.json), seed 0.
test.each([
  [6, '128.232.110.120', '66.35.250.204', 34855, 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  [6, '66.35.250.204', '128.232.110.120', 80, 34855, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  [17, '192.168.1.52', '8.8.8.8', 54585, 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  [17, '8.8.8.8', '192.168.1.52', 53, 54585, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  [132, '192.168.170.8', '192.168.170.56', 7, 80, '1:jQgCxbku+pNGw8WPbEc/TS/uTpQ='],
  [132, '192.168.170.56', '192.168.170.8', 80, 7, '1:jQgCxbku+pNGw8WPbEc/TS/uTpQ='],
  [1, '192.168.0.89', '192.168.0.1', 8, 0, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  [1, '192.168.0.1', '192.168.0.89', 0, 8, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
] as const)('protocol %d %s -> %s %d %d is %s', (proto, source, destination, p1, p2, expected) => {
  expect(id(proto, source, destination, p1, p2)).toBe(expected);
});

const PAIRS: Record<number, number[][]> = {
  1: [
    [8, 0],
    [13, 14],
    [15, 16],
    [10, 9],
    [17, 18],
  ],
  58: [
    [128, 129],
    [133, 134],
    [135, 136],
    [130, 131],
    [139, 140],
    [144, 145],
  ],
};
const bytesOf = (ip: Ip): Buffer =>
  ip.family === 4 ? Buffer.from(ip.text.split('.').map(Number)) : Buffer.from(ip.hex, 'hex');
const portOf = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);

/** The specification once more, in the plainest way, as an oracle. */
function oracle(proto: number, source: Ip, destination: Ip, p1: number, p2: number): string {
  const pair = PAIRS[proto]?.find((types) => types.includes(p1));
  const oneWay = proto in PAIRS && pair === undefined;
  const [a, b] = [bytesOf(source), bytesOf(destination)];
  const [q1, q2] = [p1, pair?.find((type) => type !== p1) ?? p2];
  const ordered = oneWay || Buffer.compare(a, b) < 0 || (a.equals(b) && q1 <= q2);
  const parts = [Buffer.from([0, 0]), ordered ? a : b, ordered ? b : a, Buffer.from([proto, 0])];
  if (hasPorts(proto)) parts.push(portOf(ordered ? q1 : q2), portOf(ordered ? q2 : q1));
  return `1:${createHash('sha1').update(Buffer.concat(parts)).digest('base64')}`;
}

test('agrees with the plain reading of the specification, and the key is the head of the hash', () => {
  const protocol = fc.oneof(fc.constantFrom(1, 6, 17, 58, 132), fc.integer({ min: 0, max: 255 }));
  const port = fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 125, max: 146 }),
    fc.integer({ min: 0, max: 65535 }),
  );
  const v4 = fc
    .oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0x0a000001, 0x0a000002))
    .map((n) => parseIp(formatIpv4(n))!);
  const v6 = fc.oneof(fc.ipV6(), fc.constantFrom('fe80::1', 'fe80::2')).map((text) => parseIp(text)!);
  fc.assert(
    fc.property(
      protocol,
      port,
      port,
      fc.oneof(fc.tuple(v4, v4), fc.tuple(v6, v6)),
      (proto, p1, p2, [source, destination]) => {
        const text = communityId(source, destination, proto, p1, p2);
        expect(text).toBe(oracle(proto, source, destination, p1, p2));
        const key = Buffer.from(text.slice(2), 'base64').readUInt32BE(0);
        expect(communityKeyOf(text)).toBe(key);
        expect(
          source.family === 4
            ? communityKeyV4(source.v4, destination.v4, proto, p1, p2)
            : communityKeyV6(source, destination, proto, p1, p2),
        ).toBe(key);
      },
    ),
    LIMIT,
  );
});

test.each([
  '',
  '1:',
  '2:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  '1:LQU9qZlK+B5F3KDmev6m5PMibr=',
  '1:LQU9qZlK B5F3KDmev6m5PMibrg=',
  '1:LQU9q\u0000lK+B5F3KDmev6m5PMibrg=',
  '1-LQU9qZlK+B5F3KDmev6m5PMibrg=',
])('%j is no id', (text) => {
  expect(communityKeyOf(text)).toBe(-1);
});

test('protocols have numbers by name and as number', () => {
  expect(['tcp', 'ipv6-icmp', 'ip-in-ip', '047', '255'].map(protocolNumber)).toEqual([6, 58, 4, 47, 255]);
  expect(['', '256', '1e1', 'constructor', '٤'].map(protocolNumber)).toEqual([-1, -1, -1, -1, -1]);
});
