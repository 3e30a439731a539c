import { expect, test } from 'vitest';
import { addressBytes, addressText, multicastMac } from './address.ts';
import { cat, hex, u16, u16le } from './bytes.ts';
import { dnp3Crc, internetChecksum, transportChecksum } from './checksum.ts';
import { echoFrame, type Endpoint, tcpFrame, udpFrame } from './frame.ts';

test("the Internet checksum agrees with RFC 1071's example and with a real header", () => {
  expect(internetChecksum(hex('0001f203f4f5f6f7'))).toBe(0x220d);
  expect(internetChecksum(hex('4500003044224000800600008c7c19acae241e2b'))).toBe(0x442e);
  expect(internetChecksum(hex('0001f203f4f5f6'))).toBe(internetChecksum(hex('0001f203f4f5f600')));
});

test('a block of DNP3 ends with the checksum of the standard', () => {
  expect(u16le(dnp3Crc(hex('056405c001000004'))).toString('hex')).toBe('e921');
});

test('every segment that the toolkit builds sums up to nothing, IPv4 and IPv6, odd and even', () => {
  const ends = (v6: boolean): [Endpoint, Endpoint] => [
    { mac: '02:00:00:00:00:01', ip: v6 ? '2001:db8::1' : '192.0.2.1', port: 40000 },
    { mac: '02:00:00:00:00:02', ip: v6 ? '2001:db8::2' : '192.0.2.2', port: 53 },
  ];
  for (const v6 of [false, true]) {
    const [a, b] = ends(v6);
    for (const size of [0, 1, 2, 101, 1400]) {
      const payload = Buffer.alloc(size, 0xa5);
      const start = v6 ? 54 : 34;
      const sum = (frame: Buffer, protocol: number, length: number): number =>
        transportChecksum(addressBytes(a.ip), addressBytes(b.ip), protocol, frame.subarray(start, start + length));
      expect(sum(udpFrame(a, b, payload), 17, 8 + size)).toBe(0);
      expect(sum(tcpFrame(a, b, { seq: 1, ack: 2, flags: 16 }, payload), 6, 20 + size)).toBe(0);
      const echo = echoFrame(a, b, false, 1, 2, payload);
      expect(v6 ? sum(echo, 58, 8 + size) : internetChecksum(echo.subarray(start, start + 8 + size))).toBe(0);
      if (!v6) expect(internetChecksum(echo.subarray(14, 34))).toBe(0);
    }
  }
});

test('addresses come back as they were written', () => {
  expect(addressText(addressBytes('192.0.2.77'))).toBe('192.0.2.77');
  expect(addressText(addressBytes('2001:db8::7:0:1'))).toBe('2001:db8:0:0:0:7:0:1');
  expect(addressText(addressBytes('::1'))).toBe('0:0:0:0:0:0:0:1');
  expect(() => addressBytes('300.1.1.1')).toThrow('not an address');
  expect(multicastMac('224.0.0.251')).toBe('01:00:5e:00:00:fb');
  expect(multicastMac('ff02::fb')).toBe('33:33:00:00:00:fb');
});

test('parts join in order', () => {
  expect(cat(1, 'ab', [u16(0x0203), Buffer.of(4)]).toString('hex')).toBe('016162020304');
});
