import * as fc from 'fast-check';
import { isIPv4, isIPv6 } from 'node:net';
import { expect, test } from 'vitest';
import { formatIpv4, isInternal, parseCidr, parseIp, parseIpv4 } from './ip.ts';

const LIMIT = { interruptAfterTimeLimit: 3000, numRuns: 2000 };

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['2001:0db8:0077:0000:0000:0000:0000:0020', '2001:db8:77::20'],
  ['2001:DB8::1', '2001:db8::1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['0:0:0:0:0:ffff:c000:0201', '::ffff:192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
])('%s has the canonical text %s', (text, canonical) => {
  expect(parseIp(text)?.text).toBe(canonical);
});

test.each([
  '',
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.04',
  '1.2.3.4 ',
  ' 1.2.3.4',
  '1..2.3',
  '.1.2.3',
  '1.2.3.',
  '١.2.3.4',
  ':',
  ':::',
  '1:2',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  '12345::',
  'g::',
  '1.2.3.4::',
  '::1.2.3',
  '[::1]',
  'fe80::1%eth0',
  '1:2:3:4:5:6:7:',
  ':1:2:3:4:5:6:7',
  '::1/64',
])('%j is no address', (text) => {
  expect(parseIp(text)).toBeNull();
});

test('numbers and digits order addresses', () => {
  expect(parseIp('10.1.2.3')).toMatchObject({ family: 4, v4: 0x0a010203, hex: '' });
  expect(parseIp('2001:db8::1')).toMatchObject({
    family: 6,
    hex: '20010db8000000000000000000000001',
    words: [0x20010db8, 0, 0, 1],
  });
});

test('agrees with Node about what is an address, and the canonical text is a fixed point', () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(...'0123456789abf:.'), maxLength: 20 }),
    fc
      .array(fc.integer({ min: 0, max: 65535 }), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.map((g) => (g % 3 ? '0' : g.toString(16))).join(':')),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      const ip = parseIp(candidate);
      expect(ip !== null).toBe(isIPv4(candidate) || isIPv6(candidate));
      if (ip === null) return;
      const again = parseIp(ip.text)!;
      expect(again).toEqual(ip);
      if (ip.family === 6)
        expect(ip.text).toBe(new URL(`http://[${candidate}]/`).hostname.slice(1, -1).replace(/^::ffff:.*$/, ip.text));
    }),
    LIMIT,
  );
});

test('IPv4 numbers and text are inverse', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (n) => parseIpv4(formatIpv4(n)) === n),
    LIMIT,
  );
});

test.each([
  ['10.0.0.1', true],
  ['172.15.255.255', false],
  ['172.16.0.0', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.168.1.1', true],
  ['192.167.1.1', false],
  ['127.0.0.1', true],
  ['169.254.1.1', true],
  ['169.253.1.1', false],
  ['0.0.0.0', true],
  ['255.255.255.255', true],
  ['224.0.0.251', true],
  ['224.0.1.1', false],
  ['239.255.255.250', true],
  ['8.8.8.8', false],
  ['100.64.0.1', false],
  ['::1', true],
  ['::', true],
  ['::2', false],
  ['fe80::1', true],
  ['febf::1', true],
  ['fec0::1', false],
  ['fd00::1', true],
  ['fc00::1', true],
  ['fe00::1', false],
  ['ff02::fb', true],
  ['ff0e::1', false],
  ['2001:db8::1', false],
  ['::ffff:10.0.0.1', true],
  ['::ffff:8.8.8.8', false],
] as const)('%s internal: %s', (text, internal) => {
  expect(isInternal(parseIp(text)!)).toBe(internal);
});

test('CIDR blocks become ranges', () => {
  expect(parseCidr('10.1.2.3/8')).toEqual({ family: 4, prefix: 8, from: 0x0a000000, to: 0x0affffff });
  expect(parseCidr('0.0.0.0/0')).toEqual({ family: 4, prefix: 0, from: 0, to: 0xffffffff });
  expect(parseCidr('192.0.2.7')).toEqual({ family: 4, prefix: 32, from: 0xc0000207, to: 0xc0000207 });
  expect(parseCidr('2001:db8:77::1/64')).toEqual({
    family: 6,
    prefix: 64,
    from: '20010db8007700000000000000000000',
    to: '20010db800770000ffffffffffffffff',
  });
  expect(parseCidr('::/0')).toMatchObject({ from: '0'.repeat(32), to: 'f'.repeat(32) });
});

test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '10.0.0/8', '::/129', '::/-1', '/8', 'x/8', '10.0.0.0/8/8'])(
  '%s is no CIDR block',
  (text) => {
    expect(parseCidr(text)).toBeNull();
  },
);
